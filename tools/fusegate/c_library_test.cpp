// A library's compiled module, called by its C functions: the library is made up, the module is
// built from this project's kernels.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/sources/test_files.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* norm = "rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01";

class WithACModule : public ::testing::Test {
 protected:
  void SetUp() override {
    FUSEGATE_NEEDS_PYTHON();
    fs::copy(FUSEGATE_C_LIBRARY, folder_.path(), fs::copy_options::recursive);
  }

  /// Puts the module of that variant where the library keeps its own.
  void build(const std::string& variant) const {
    fs::copy_file(fs::path(FUSEGATE_C_MODULES) / variant / "module_rmsnorm.so",
                  folder_.path() / "aiter/jit/module_rmsnorm.so");
  }

  [[nodiscard]] Finished run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin() + 1, {"--library", "aiter=" + folder_.path().string()});
    const auto folder = folder_.path().string();
    return fusegate(arguments,
                    {.environment = {{"FUSEGATE_CACHE_DIR", folder + "/cache"}, {"HOME", folder}}});
  }

  TemporaryFolder folder_;
};

TEST_F(WithACModule, PassesTheSmokeSuite) {
  build("sound");
  for (const char* name : {"aiter-cabi", "aiter-cabi/in-place"}) {
    const auto finished =
        run({"check", "--with", name, "--match", "hidden=(7|257|769|4096) ", "--json", "-"});
    EXPECT_EQ(finished.exit_code, 0) << finished.errors;
    const auto document = Json::parse(finished.output);
    const auto& verdicts = document.at("summary").at("by_verdict");
    EXPECT_GT(verdicts.value("pass", 0), 100) << verdicts;
    for (const char* bad : {"fail", "error", "crash", "timeout", "mistrusted"}) {
      EXPECT_EQ(verdicts.value(bad, 0), 0) << verdicts;
    }
  }
}

TEST_F(WithACModule, SaysWhatItCalled) {
  build("status");
  const auto finished = run({"check", "--with", "aiter-cabi", norm, "--json", "-"});
  ASSERT_EQ(finished.exit_code, 0) << finished.errors;
  const auto one = Json::parse(finished.output).at("implementations").at(0);
  EXPECT_EQ(one.at("operations").at(1).at("entry"), "aiter.ops.rmsnorm._rms_norm_opus_raw");
  EXPECT_EQ(one.at("operations").at(1).at("generation"), "addresses");
  EXPECT_EQ(one.at("versions").at("ctypes_abi"), "2");
}

TEST_F(WithACModule, ACrashCostsOneCase) {
  build("crash");
  const auto finished = run({"check", "--with", "aiter-cabi", "--json", "-",
                             "rms_norm dtype=bf16 tokens=3 hidden=24,96,128 eps=0.01"});
  EXPECT_EQ(finished.exit_code, 1) << finished.errors;
  const auto verdicts = Json::parse(finished.output).at("summary").at("by_verdict");
  EXPECT_EQ(verdicts.value("crash", 0), 1) << verdicts;
  EXPECT_EQ(verdicts.value("pass", 0), 2) << verdicts;
}

TEST_F(WithACModule, BeyondLimitsSaysWhatBecameOfEachCall) {
  build("crash");
  const auto finished = run({"check", "--with", "aiter-cabi", "--beyond-limits", "--json", "-",
                             "rms_norm dtype=bf16 tokens=3 hidden=24,96 eps=0.01"});
  EXPECT_EQ(finished.exit_code, 1) << finished.errors;
  const auto results = Json::parse(finished.output).at("results");
  EXPECT_EQ(results[0].at("declared").at("conduct"), "right");
  EXPECT_EQ(results[1].at("declared").at("conduct"), "crashed");
}

TEST_F(WithACModule, WithoutTheModuleSaysHowToBuildIt) {
  const auto finished = run({"check", "--with", "aiter-cabi", norm});
  EXPECT_EQ(finished.exit_code, 3);
  expect_contains(finished.errors, "aiter's module_rmsnorm.so is not built: it is not in ");
  expect_contains(finished.errors, "aiter/jit (library)");
}

TEST_F(WithACModule, OfAnOlderReleaseNamesThoseThatHaveTheFunctions) {
  probe::write_file(folder_.path() / "aiter/ops/rmsnorm.py", "def rms_norm(input, weight): ...\n");
  const auto finished = run({"check", "--with", "aiter-cabi", norm});
  EXPECT_EQ(finished.exit_code, 3);
  expect_contains(finished.errors,
                  "nothing defines _rms_norm_opus_raw; releases with it: 0.1.17-longctx or later");
}

TEST_F(WithACModule, TakesNoPythonExtension) {
  build("extension");
  const auto finished = run({"check", "--with", "aiter-cabi", norm});
  EXPECT_EQ(finished.exit_code, 3);
  expect_contains(finished.errors, "it is a Python extension, and not a module of C functions");
}

TEST_F(WithACModule, RunsWholeWithAReport) {
  build("sound");
  const auto out = (folder_.path() / "out").string();
  const auto finished =
      run({"run", "--with", "aiter-cabi", "--match", "hidden=769 ", "--out", out});
  EXPECT_EQ(finished.exit_code, 0) << finished.errors;
  const auto report = read_json(fs::path(out) / "report.json");
  EXPECT_EQ(report.at("implementations").at(0).at("name"), "aiter-cabi");
}

TEST(CLibrary, IsListed) {
  const auto finished = fusegate({"list", "implementations"});
  expect_contains(finished.output, "aiter-cabi ");
  expect_contains(finished.output, "aiter-cabi/in-place ");
}

TEST(CLibrary, HasNoGuardInPython) {
  const auto finished = fusegate({"api", "guard", "aiter-cabi", "rms_norm"});
  EXPECT_EQ(finished.exit_code, 2);
  expect_contains(finished.errors, "aiter-cabi is called by C functions, and a guard is Python");
}

#ifdef FUSEGATE_HAS_CUDA
TEST_F(WithACModule, RunsOnAnNvidiaGpu) {
  build("cuda");
  const auto finished = run({"check", "--with", "aiter-cabi", "--match", "hidden=(257|4096) "});
  if (finished.errors.find("it needs an NVIDIA GPU") != std::string::npos) {
    GTEST_SKIP() << finished.errors;
  }
  EXPECT_EQ(finished.exit_code, 0) << finished.output << finished.errors;
}
#endif

}  // namespace
}  // namespace fusegate::testing
