#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "probe/elf/checks.hpp"
#include "probe/elf/testing/support.hpp"
#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

/// What Python says of one of the test modules.
DeclaredModule declare(const std::string& name, ForeignInterface ffi, bool develop,
                       std::vector<DeclaredFunction> functions = {}) {
  const auto tensors = develop ? PassedTensors::own : PassedTensors::torch;
  return {name, test_module(name + ".so"), ffi, tensors, std::move(functions), {}};
}

std::vector<BinaryFinding> check(const DeclaredModule& declared) {
  return check_declaration(declared,
                           read_module(declared.file, toy_markers(), strings_of(declared)));
}

constexpr auto pybind = ForeignInterface::pybind;
constexpr auto ctypes = ForeignInterface::ctypes;

TEST(CheckDeclaration, IsContentWithWhatFits) {
  const DeclaredFunction norm{"norm", {"input", "eps", "gemma_norm"}};
  EXPECT_EQ(kinds_of(check(declare("module_torch", pybind, false, {norm}))), "");
  EXPECT_EQ(kinds_of(check(declare("module_develop", pybind, true, {norm}))), "");
  EXPECT_EQ(kinds_of(check(declare("module_plain", pybind, false, {norm}))), "");
  const DeclaredFunction c_norm{"toy_norm", {"rows", "whatever"}};
  EXPECT_EQ(kinds_of(check(declare("module_ctypes_v1", ctypes, false, {c_norm}))), "");
  EXPECT_EQ(kinds_of(check(declare("module_ctypes_v2", ctypes, false, {c_norm}))), "");
}

TEST(CheckDeclaration, FindsEveryOtherBinding) {
  const auto what = [](const DeclaredModule& declared) {
    const auto findings = check(declared);
    EXPECT_EQ(kinds_of(findings), "binding_mismatch");
    return findings.empty() ? "" : findings.front().what;
  };
  EXPECT_EQ(what(declare("module_torch", ctypes, false, {{"norm", {}}})),
            "Python calls it by ctypes, but it is a Python extension");
  EXPECT_EQ(what(declare("module_develop", ctypes, false)),
            "Python calls it by ctypes, but it is a Python extension");
  EXPECT_EQ(what(declare("module_ctypes_v1", pybind, false)),
            "Python imports it, but it is no Python extension");
  EXPECT_EQ(what(declare("module_ctypes_v2", pybind, true)),
            "Python imports it, but it is no Python extension");
  EXPECT_EQ(what(declare("module_torch", pybind, true)),
            "Python passes it the library's own tensors, which it does not take");
  EXPECT_EQ(what(declare("module_plain", pybind, true)),
            "Python passes it the library's own tensors, which it does not take");
  EXPECT_EQ(what(declare("module_develop", pybind, false)),
            "Python passes it torch's tensors, but it takes the library's own");
}

TEST(CheckDeclaration, GivesEvidenceAndAFix) {
  const auto findings = check(declare("module_torch", pybind, true));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings.front().module, "module_torch");
  EXPECT_EQ(
      findings.front().evidence,
      (std::vector<std::string>{"Python declares it as pybind, with the library's own tensors",
                                "exports PyInit_module_torch", "uses torch's _ZN2at6TensorD1Ev",
                                "needs libtorch.so"}));
  expect_contains(findings.front().fix, "module_torch.so so that it is built anew");
}

TEST(CheckDeclaration, LetsCtypesCallAnExtensionsFunctions) {
  EXPECT_EQ(kinds_of(check(declare("module_torch", ctypes, false, {{"use_tensor", {}}}))), "");
}

TEST(CheckDeclaration, FindsAMissingFunction) {
  const auto findings =
      check(declare("module_ctypes_v1", ctypes, false, {{"toy_nrm", {}}, {"toy_norm", {}}}));
  ASSERT_EQ(kinds_of(findings), "missing_symbol");
  EXPECT_EQ(findings.front().what,
            "Python calls its function toy_nrm, which it does not have, did you mean 'toy_norm'?");
  EXPECT_EQ(findings.front().evidence, std::vector<std::string>{"does not export toy_nrm"});
  const auto extension = check(declare("module_torch", pybind, false, {{"add_norm", {}}}));
  ASSERT_EQ(kinds_of(extension), "missing_symbol");
  EXPECT_EQ(extension.front().evidence,
            std::vector<std::string>{"has no string 'add_norm' in its read-only data"});
}

TEST(CheckDeclaration, FindsAnUnknownArgument) {
  const auto findings = check(
      declare("module_torch", pybind, false,
              {{"norm", {"input", "eps"}}, {"norm", {"input", "group_size", "transpose_scale"}}}));
  ASSERT_EQ(kinds_of(findings), "unknown_argument");
  EXPECT_EQ(
      findings.front().what,
      "Python declares norm with group_size, transpose_scale, which the module does not know: "
      "no call can pass them by name");
  EXPECT_EQ(findings.front().evidence.size(), 2u);
}

TEST(CheckDeclaration, MissesNoArgumentsWhereNoneIsNamed) {
  EXPECT_EQ(kinds_of(check(declare("module_torch", pybind, false,
                                   {{"norm", {"group_size", "transpose_scale"}}}))),
            "");
}

TEST(CheckDeclaration, FindsAModuleOlderThanItsSources) {
  TemporaryFolder folder;
  const auto& root = folder.path();
  auto declared = declare("module_ctypes_v1", ctypes, false, {{"toy_norm", {}}});
  declared.file = root / "module_ctypes_v1.so";
  fs::copy_file(test_module("module_ctypes_v1.so"), declared.file);
  const auto built = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(declared.file, built);
  for (int i = 0; i < 8; ++i) {
    declared.sources.push_back(root / fmt::format("kernel_{}.cu", i));
    write_file(declared.sources.back(), "");
    fs::last_write_time(declared.sources.back(), built + std::chrono::seconds(1));
  }
  declared.sources.push_back(root / "gone.cu");
  EXPECT_EQ(kinds_of(check(declared)), "");
  for (int i = 0; i < 7; ++i) {
    fs::last_write_time(declared.sources[static_cast<std::size_t>(i)],
                        built + std::chrono::seconds(3));
  }
  const auto findings = check(declared);
  ASSERT_EQ(kinds_of(findings), "older_than_source");
  EXPECT_EQ(findings.front().evidence.size(), 7u);
  expect_contains(findings.front().evidence[0], "was written at 20");
  expect_contains(findings.front().evidence[1], "kernel_0.cu changed at 20");
  EXPECT_EQ(findings.front().evidence.back(), "and 2 more");
}

TEST(CheckDeclaration, SaysNothingOfWhatCannotBeRead) {
  EXPECT_TRUE(check(declare("module_absent", pybind, false)).empty());
}

}  // namespace
}  // namespace fusegate::probe
