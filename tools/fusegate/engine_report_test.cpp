// What probe and run say of engines.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "tools/fusegate/testing/toy_engine.hpp"

namespace fusegate::testing {
namespace {

class ProbeEngine : public ToyEngine {};

TEST_F(ProbeEngine, DescribesIt) {
  write("engine", {{"sglang/version.py", "__version__ = '0.4.9'\n"}});
  const auto finished = run({"probe", "engine", "--engine", path("engine")});
  ASSERT_EQ(finished.exit_code, 0) << finished.errors;
  const auto found = Json::parse(finished.output).at(0);
  EXPECT_EQ(found.at("name"), "sglang");
  EXPECT_EQ(found.at("path"), path("engine"));
  EXPECT_EQ(found.at("version"), "0.4.9");
  EXPECT_EQ(found.at("version_source"), "sglang/version.py");
  EXPECT_EQ(found.at("modules"), 6);
  EXPECT_EQ(found.at("mentioning"), 2);
  EXPECT_EQ(found.at("libraries").at(0), (Json{{"name", "aiter"}, {"uses", 3}, {"modules", 2}}));
}

TEST_F(ProbeEngine, StandsBesideTheMachine) {
  const auto finished = run({"probe", "--engine", path("engine")});
  const auto found = Json::parse(finished.output);
  EXPECT_EQ(found.at("engine").at(0).at("name"), "sglang");
  EXPECT_TRUE(found.contains("host"));
}

TEST_F(ProbeEngine, RefusesWhatItDoesNotUse) {
  struct Case {
    std::vector<std::string> arguments;
    std::string said;
  };
  for (const auto& [arguments, said] :
       {Case{{"probe", "engine"}, "probe engine: which one?"},
        Case{{"probe", "engine", "--engine", path("engine"), "--library", path("library")},
             "--library is for probe library"},
        Case{{"probe", "host", "--engine", path("engine")}, "--engine is for probe engine"}}) {
    const auto finished = run(arguments);
    EXPECT_EQ(finished.exit_code, 2);
    expect_contains(finished.errors, said);
  }
}

class RunWithEngine : public ToyEngine {
 protected:
  /// One case, so that there is a report.
  Finished run_case(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{
        "run",   "--with",   "builtin/simt", "--match", "^rms_norm dtype=fp32 tokens=1 hidden=1 ",
        "--out", path("out")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  [[nodiscard]] Json report() const { return read_json(path("out/report.json")); }
};

TEST_F(RunWithEngine, PutsItIntoTheReport) {
  const auto finished = run_case({"--engine", path("engine")});
  ASSERT_EQ(finished.exit_code, 0) << finished.errors;
  const auto found = report().at("engines");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.at(0).at("name"), "sglang");
  EXPECT_EQ(found.at(0).at("checks"), Json::array());
  EXPECT_EQ(fusegate({"report", "validate", path("out/report.json")}).exit_code, 0);
  expect_contains(read_text(path("out/report.md")).value_or(""), "## Engine sglang\n");
}

TEST_F(RunWithEngine, ChecksItAgainstTheLibraries) {
  const auto finished = run_case({"--engine", path("engine"), "--library", path("library"),
                                  "--assume", "gfx942", "--assume", "SGLANG_USE_AITER=1"});
  ASSERT_EQ(finished.exit_code, 0) << finished.errors;
  expect_contains(finished.output, "sglang against aiter: ");
  const auto found = report().at("engines").at(0).at("checks");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.at(0).at("library").at("name"), "aiter");
  EXPECT_EQ(found.at(0).at("assumed"), (Json{{"gfx942", "1"}, {"SGLANG_USE_AITER", "1"}}));
  EXPECT_EQ(found.at(0).at("counts"), document().at("counts"));
  EXPECT_EQ(found.at(0).at("broken"), document().at("broken"));
  EXPECT_EQ(fusegate({"report", "validate", path("out/report.json")}).exit_code, 0);
}

TEST_F(RunWithEngine, OneThatIsNotInstalledCostsNothingElse) {
  use_bare_python();
  const auto finished = run_case({"--engine", "vllm", "--engine", path("engine")});
  ASSERT_EQ(finished.exit_code, 0) << finished.errors;
  const auto found = report().at("engines");
  EXPECT_TRUE(found.at(0).at("path").is_null());
  expect_contains(found.at(0).at("problems").at(0).at("what").get<std::string>(),
                  "has no package 'vllm'");
  expect_contains(finished.output, "has no package 'vllm'");
  EXPECT_EQ(found.at(1).at("name"), "sglang");
  EXPECT_EQ(report().at("summary").at("results"), 1);
  EXPECT_EQ(fusegate({"report", "validate", path("out/report.json")}).exit_code, 0);
}

TEST_F(RunWithEngine, ABrokenFileIsAProblemOfTheEngine) {
  write("engine", {{"sglang/srt/broken.py", "import aiter\ndef f(:\n"}});
  const auto finished = run_case({"--engine", path("engine")});
  EXPECT_EQ(finished.exit_code, 0) << finished.errors;
  EXPECT_EQ(report().at("engines").at(0).at("problems").at(0).at("where"),
            "sglang/srt/broken.py:2");
}

TEST_F(RunWithEngine, RefusesWhatIsMistypedBeforeAnythingRuns) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--engine", "/nowhere"},
        {"--assume", "gfx942"},
        {"--engine", path("engine"), "--library", path("library"), "--assume", "="}}) {
    EXPECT_EQ(run_case(more).exit_code, 2) << more.back();
    EXPECT_FALSE(std::filesystem::exists(path("out"))) << more.back();
  }
}

}  // namespace
}  // namespace fusegate::testing
