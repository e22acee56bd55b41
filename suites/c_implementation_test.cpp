// The C functions of compiled modules, which are made for the tests from this project's kernels.
#include "suites/c_implementation.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/elf/testing/gpu_module.hpp"
#include "suites/runner.hpp"
#include "suites/testing/c_library.hpp"

namespace fusegate::suites {
namespace {

namespace fs = std::filesystem;

const std::string norm = "_rms_norm_opus_raw";
const std::string add = "_add_rms_norm_opus_raw";
const std::string add_in_place = "_fused_add_rms_norm_opus_raw";

class CImplementation : public ::testing::Test {
 protected:
  /// `rms_norm` and, by the contract of that name, `add_rms_norm`.
  [[nodiscard]] Implementation make(const CUse& use, const std::string& adding = add) const {
    return c_implementation(chosen(adding), library_, library_with(library_, {norm, adding}), use);
  }

  static probe::LibraryImplementation chosen(const std::string& adding) {
    probe::LibraryImplementation one{.name = "toy"};
    one.interface = probe::Interface::c;
    one.entries = {{"rms_norm", {norm}}, {"add_rms_norm", {adding}}};
    return one;
  }

  [[nodiscard]] std::string refusal(const CUse& use) const {
    return message_of<CannotRun>([&] { std::ignore = make(use); });
  }

  std::vector<probe::LibraryContract> libraries_ = probe::known_libraries();
  const probe::LibraryContract& library_ = find_contract(libraries_, "aiter");
  TemporaryFolder folder_;
};

void expect_verdict(Session& session, const std::string& line, Verdict wanted,
                    const std::string& reason = "") {
  const auto result = session.run(parse_case(line));
  EXPECT_EQ(result.verdict, wanted) << line << ": " << result.reason;
  if (!reason.empty()) expect_contains(result.reason, reason);
}

// ---- Calls --------------------------------------------------------------------------------------

TEST_F(CImplementation, PassesEveryArgumentInItsPlace) {
  for (const auto& adding : {add, add_in_place}) {
    Session session(make(modules_in(c_modules("sound")), adding), {});
    for (const char* dtype : {"bf16", "fp16", "fp32"}) {
      const std::string given = std::string(" dtype=") + dtype;
      for (const char* shape : {" tokens=3 hidden=24 eps=0.01", " tokens=17 hidden=257 eps=1e-06",
                                " tokens=5 hidden=64 eps=0.01 x_stride=72"}) {
        expect_verdict(session, "rms_norm" + given + shape, Verdict::pass);
        expect_verdict(session, "add_rms_norm" + given + shape, Verdict::pass);
      }
      expect_verdict(session, "add_rms_norm" + given + " tokens=3 hidden=24 eps=0.01 in_place=1",
                     Verdict::pass);
    }
  }
}

TEST_F(CImplementation, WhatTheFunctionIsNotToldIsUnsupported) {
  Session session(make(modules_in(c_modules("sound"))), {});
  expect_verdict(
      session, "rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01 out_stride=32",
      Verdict::unsupported,
      "rms_norm_opus takes no row stride of out, whose rows of 24 elements are 32 apart");
  expect_verdict(session, "rms_norm dtype=bf16 tokens=1 hidden=24 eps=0.01 out_stride=32",
                 Verdict::pass);
}

TEST_F(CImplementation, BringsScatteredRowsToWhereTheyAreChanged) {
  Session session(make(modules_in(c_modules("sound")), add_in_place), {});
  expect_verdict(session,
                 "add_rms_norm dtype=fp16 tokens=3 hidden=24 eps=0.01 x_stride=40 "
                 "residual_stride=32",
                 Verdict::pass);
  expect_verdict(session, "add_rms_norm dtype=fp16 tokens=3 hidden=24 eps=0.01 out_stride=32",
                 Verdict::unsupported, "fused_add_rms_norm_opus takes no row stride of out");
}

TEST_F(CImplementation, ReportsAStatusWithItsText) {
  Session session(make(modules_in(c_modules("status"))), {});
  expect_verdict(session, "rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01", Verdict::pass);
  expect_verdict(session, "rms_norm dtype=bf16 tokens=3 hidden=25 eps=0.01", Verdict::error,
                 "rms_norm_opus returned the status -1: hidden must be even");
  expect_verdict(session, "add_rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01", Verdict::pass);
}

TEST_F(CImplementation, ACrashCostsOneCase) {
  Session session(make(modules_in(c_modules("crash"))), {});
  expect_verdict(session, "rms_norm dtype=bf16 tokens=3 hidden=96 eps=0.01", Verdict::crash);
  expect_verdict(session, "rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01", Verdict::pass);
}

TEST_F(CImplementation, WrongConstantsWouldBeSeen) {
  auto libraries = probe::known_libraries();
  auto& contracts = std::find_if(libraries.begin(), libraries.end(), [](auto& one) {
                      return one.name == "aiter";
                    })->contracts;
  for (auto& contract : contracts) {
    if (contract.name != norm) continue;
    for (auto& argument : contract.generations.back().c_call->arguments) {
      if (argument.name == "gemma") argument.value = 1;
    }
  }
  const auto& library = find_contract(libraries, "aiter");
  Session session(c_implementation(chosen(add), library, library_with(library, {norm, add}),
                                   modules_in(c_modules("sound"))),
                  {});
  expect_verdict(session, "rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01", Verdict::fail);
  expect_verdict(session, "add_rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01", Verdict::pass);
}

// ---- Limits -------------------------------------------------------------------------------------

/// AITER whose `_rms_norm_opus_raw` says that it takes rows of up to 64 elements.
std::vector<probe::LibraryContract> libraries_with_a_limit() {
  auto libraries = probe::known_libraries();
  for (auto& library : libraries) {
    for (auto& contract : library.contracts) {
      if (library.name != "aiter" || contract.name != norm) continue;
      contract.generations.back().limits.emplace().hidden.max = 64;
    }
  }
  return libraries;
}

TEST_F(CImplementation, CallsNothingBeyondDeclaredLimits) {
  const auto libraries = libraries_with_a_limit();
  const auto& library = find_contract(libraries, "aiter");
  Session session(c_implementation(chosen(add), library, library_with(library, {norm, add}),
                                   modules_in(c_modules("sound"))),
                  {});
  expect_verdict(session, "rms_norm dtype=bf16 tokens=3 hidden=65 eps=0.01", Verdict::unsupported,
                 "unsupported: aiter.ops.rmsnorm._rms_norm_opus_raw: rows of 65 elements; it takes "
                 "max 64");
  expect_verdict(session, "rms_norm dtype=bf16 tokens=3 hidden=64 eps=0.01", Verdict::pass);
}

TEST_F(CImplementation, BeyondLimitsSaysWhatItDid) {
  const auto libraries = libraries_with_a_limit();
  const auto& library = find_contract(libraries, "aiter");
  auto use = modules_in(c_modules("crash"));
  use.beyond_limits = true;
  Session session(c_implementation(chosen(add), library, library_with(library, {norm, add}), use),
                  {});
  const auto result = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=96 eps=0.01"));
  EXPECT_EQ(result.verdict, Verdict::unsupported) << result.reason;
  expect_contains(result.reason, "declared: rows of 96 elements; it takes max 64; crashed: ");
}

// ---- What is looked at before
// ---------------------------------------------------------------------

TEST_F(CImplementation, SaysHowAModuleIsBuilt) {
  const auto message = refusal(modules_in(folder_.path()));
  expect_contains(message, "aiter's module_rmsnorm.so is not built: it is not in ");
  expect_contains(message, folder_.path().native() + " (variable AITER_JIT_DIR)");
  expect_contains(message, "PREBUILD_KERNELS");
}

TEST_F(CImplementation, TakesWhatOtherImplementationsBuiltInTheirFolder) {
  fs::create_directories(folder_.path() / "aiter");
  fs::copy_file(c_modules("sound") / "module_rmsnorm.so",
                folder_.path() / "aiter/module_rmsnorm.so");
  auto use = modules_in(folder_.path() / "aiter");
  use.surroundings.variables.clear();
  EXPECT_THROW(std::ignore = make(use), CannotRun);
  use.cache = folder_.path();
  auto one = chosen(add);
  one.environment = {{"AITER_JIT_DIR", "{cache}/aiter"}};
  const auto found = library_with(library_, {norm, add});
  EXPECT_NO_THROW(std::ignore = c_implementation(one, library_, found, use));
}

TEST_F(CImplementation, NamesTheReleasesThatHaveTheFunctions) {
  auto found = library_with(library_, {norm, add});
  for (auto& row : found.contracts) {
    row.status = probe::ContractStatus::missing;
    row.known = nullptr;
  }
  found.identity.version = "0.1.17";
  const auto message = message_of<CannotRun>([&] {
    std::ignore = c_implementation(chosen(add), library_, found, modules_in(c_modules("sound")));
  });
  expect_contains(message, "aiter (0.1.17) in ");
  expect_contains(message, "has none of its C functions: ");
  expect_contains(message,
                  "_rms_norm_opus_raw is missing; releases with it: 0.1.17-longctx or later");
}

TEST_F(CImplementation, AnOpThatTheLibraryLacksIsUnsupported) {
  auto found = library_with(library_, {norm});
  found.identity.version = "0.1.17";
  Session session(
      c_implementation(chosen(add), library_, found, modules_in(c_modules("lacks_add"))), {});
  expect_verdict(session, "rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01", Verdict::pass);
  expect_verdict(session, "add_rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01",
                 Verdict::unsupported, "_add_rms_norm_opus_raw is not tracked");
}

TEST_F(CImplementation, LoadsNoModuleThatLacksAFunction) {
  const auto message = refusal(modules_in(c_modules("lacks_add")));
  expect_contains(message, "toy: " + (c_modules("lacks_add") / "module_rmsnorm.so").native() +
                               " is not called: it exports no function add_rms_norm_opus");
}

TEST_F(CImplementation, LoadsNoPythonExtension) {
  expect_contains(refusal(modules_in(c_modules("extension"))), "is a Python extension");
}

TEST_F(CImplementation, LoadsNothingForAnotherMachine) {
  probe::Bytes bytes(c_modules("sound") / "module_rmsnorm.so");
  bytes.put<std::uint16_t>(18, 22).write(folder_.path() / "module_rmsnorm.so");  // EM_S390
  expect_contains(refusal(modules_in(folder_.path())), "is not called: it is for ");
}

TEST_F(CImplementation, LoadsNothingThatIsNoElfFile) {
  std::ofstream(folder_.path() / "module_rmsnorm.so") << "#!/bin/sh\n";
  expect_contains(refusal(modules_in(folder_.path())), "is not called: ");
}

TEST_F(CImplementation, NeedsTheGpuThatTheModuleIsFor) {
  const auto file = probe::write_gpu_module(folder_.path() / "module_rmsnorm.so",
                                            probe::hip_bundle({probe::hip_entry("gfx942")}), "");
  auto found = library_with(library_, {norm});
  found.contracts.front().compiled_symbol = "toy_norm";
  auto use = modules_in(folder_.path());
  use.vendors = {"nvidia"};
  use.architectures = {"sm_90"};
  const auto refused = [&] {
    return message_of<CannotRun>(
        [&] { std::ignore = c_implementation(chosen(add), library_, found, use); });
  };
  expect_contains(refused(), file.native() + " has code for gfx942; it needs an AMD GPU");
  use.vendors = {"amd"};
  use.architectures = {"gfx90a", "gfx90a"};
  const auto message = refused();
  expect_contains(message, "it has no code for gfx90a");
  EXPECT_EQ(message.find("Also: "), message.npos) << message;
}

TEST_F(CImplementation, NeedsItsWorker) {
  auto use = modules_in(c_modules("sound"));
  use.workers = folder_.path();
  expect_contains(refusal(use), "fusegate-worker-cabi-simt is not in this build: there is no " +
                                    (folder_.path() / "fusegate-worker-cabi-simt").native());
}

}  // namespace
}  // namespace fusegate::suites
