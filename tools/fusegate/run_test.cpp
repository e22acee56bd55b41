// The main job: its report, and what happens to it when the run is disturbed.
#include <signal.h>
#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Some hundred cases, a few seconds.
const std::vector<std::string> arguments{"run", "--with", "builtin/simt", "--match",
                                         "^add_rms_norm dtype=(bf16|fp32) tokens=(3|17) "};

std::vector<std::string> into(const fs::path& folder, std::vector<std::string> more = {}) {
  auto all = arguments;
  all.insert(all.end(), {"--out", folder.string()});
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// Starts the run and lets it get through some cases, but not all.
class StartedRun {
 public:
  explicit StartedRun(const fs::path& folder) : process_(options(folder)) {
    const auto journal = folder / "journal.jsonl";
    for (int tries = 0; tries < 2000 && lines(journal) < 22; ++tries) {
      std::this_thread::sleep_for(5ms);
    }
    EXPECT_GE(lines(journal), 22) << "the run did not get going";
  }

  void send(int signal) { ::kill(process_.pid(), signal); }

  ExitStatus end() {
    // Reads along, so that a full pipe holds nobody up.
    std::string ignored;
    while (process_.read_line(ignored, Clock::now() + 60s, 1u << 20) == ReadStatus::line) {
    }
    const auto status = process_.wait_until(Clock::now() + 10s);
    EXPECT_TRUE(status.has_value()) << "the run did not end";
    return status.value_or(ExitStatus{});
  }

 private:
  static SpawnOptions options(const fs::path& folder) {
    SpawnOptions options{.argv = {program()}};
    const auto all = into(folder);
    options.argv.insert(options.argv.end(), all.begin(), all.end());
    return options;
  }
  static std::ptrdiff_t lines(const fs::path& path) {
    const auto text = read_text(path).value_or("");
    return std::count(text.begin(), text.end(), '\n');
  }

  Subprocess process_;
};

class RunTest : public ::testing::Test {
 protected:
  void SetUp() override { adopt_orphans(); }
  [[nodiscard]] fs::path file(const char* name) const { return folder_.path() / name; }
  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }

  static Json uninterrupted() {
    const TemporaryFolder folder;
    EXPECT_EQ(fusegate(into(folder.path())).exit_code, 0);
    return comparable(read_json(folder.path() / "report.json"));
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(RunTest, WritesAValidReportThatSaysWhatRanWhere) {
  const Finished run = fusegate(into(folder()));
  ASSERT_EQ(run.exit_code, 0) << run.errors << run.output;
  const Json report = read_json(file("report.json"));
  EXPECT_GT(report.at("results").size(), 200u);
  EXPECT_EQ(with_verdict(report, "pass").size(), report.at("results").size());
  EXPECT_EQ(report.at("summary").at("results"), report.at("results").size());
  EXPECT_EQ(report.at("implementations").at(0).at("runtime"), "simt");
  EXPECT_EQ(fusegate({"report", "validate", file("report.json")}).exit_code, 0);
  const Finished show = fusegate({"report", "show", file("report.json")});
  EXPECT_EQ(show.exit_code, 0);
  EXPECT_EQ(show.output, read_text(file("report.md")));
}

TEST_F(RunTest, SaysWhichModelsPassAndWhichFail) {
  const auto worker = sibling("fusegate-worker-mutants").string() + " --mutant=leaves_last_element";
  const Finished run = fusegate({"run", "--with", "builtin/simt,mine", "--worker", "mine=" + worker,
                                 "--suite", "models", "--out", folder(), "--match",
                                 "^rms_norm .* tokens=1 hidden=(2880|3072) "});
  EXPECT_EQ(run.exit_code, 1) << run.errors;
  const auto said = run.output + run.errors;
  EXPECT_NE(said.find("met by GPT-OSS-120B, GPT-OSS-20B\n"), std::string::npos) << said;
  const Json report = read_json(file("report.json"));
  EXPECT_EQ(with_verdict(report, "fail").at(1).at("models"), (Json{"GPT-OSS-120B", "GPT-OSS-20B"}));
  EXPECT_GT(report.at("models").size(), 20u);
  EXPECT_EQ(fusegate({"report", "validate", file("report.json")}).exit_code, 0);
  const auto text = read_text(file("report.md")).value_or("");
  for (const char* row : {"| MiniMax-M2.5 | builtin/simt | passes | 1 pass |",
                          "| MiniMax-M2.5 | mine | **fails** | 1 fail | `rms_norm "}) {
    EXPECT_NE(text.find(row), std::string::npos) << text;
  }
}

class Interruption : public RunTest, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Signals, Interruption, ::testing::Values(SIGINT, SIGTERM, SIGHUP),
                         [](const auto& signal) { return ::sigabbrev_np(signal.param); });

TEST_P(Interruption, EndsWith130AndAValidPartialReport) {
  StartedRun run(folder());
  run.send(GetParam());
  const auto status = run.end();
  EXPECT_EQ(status.text(), "exited with status 130");
  const Json report = read_json(file("report.json"));
  EXPECT_EQ(report.at("run").at("interrupted"), true);
  EXPECT_GE(report.at("results").size(), 20u);
  EXPECT_LT(report.at("results").size(), report.at("run").at("cases").get<std::size_t>());
  EXPECT_EQ(fusegate({"report", "validate", file("report.json")}).exit_code, 0);
  EXPECT_TRUE(all_descendants_ended()) << "a worker outlived the run";
}

TEST_F(RunTest, InterruptedAndResumedGivesTheReportOfAnUninterruptedOne) {
  StartedRun run(folder());
  run.send(SIGINT);
  run.end();
  ASSERT_EQ(fusegate(into(folder(), {"--resume"})).exit_code, 0);
  EXPECT_EQ(comparable(read_json(file("report.json"))), uninterrupted());
}

TEST_F(RunTest, KilledLeavesNoProcessAndResumesToTheSameReport) {
  StartedRun run(folder());
  run.send(SIGKILL);
  EXPECT_EQ(run.end().text(), "was killed by SIGKILL");
  EXPECT_TRUE(all_descendants_ended()) << "a worker outlived the run";
  EXPECT_FALSE(fs::exists(file("report.json")));
  // As when it was killed in the middle of a write.
  std::ofstream(file("journal.jsonl"), std::ios::app) << R"({"id":"0123)";
  ASSERT_EQ(fusegate(into(folder(), {"--resume"})).exit_code, 0);
  EXPECT_EQ(comparable(read_json(file("report.json"))), uninterrupted());
}

TEST_F(RunTest, ResumeRefusesAnotherPlan) {
  ASSERT_EQ(fusegate({"run", "--with", "builtin/simt", "--match", "tokens=0 hidden=1 ", "--out",
                      folder()})
                .exit_code,
            0);
  const Finished run = fusegate(into(folder(), {"--resume"}));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.errors.find("--resume"), std::string::npos) << run.errors;
  EXPECT_NE(run.errors.find("the cases"), std::string::npos) << run.errors;
  const Finished none = fusegate(into(folder() / "elsewhere", {"--resume"}));
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.errors.find("there is no journal"), std::string::npos) << none.errors;
}

TEST_F(RunTest, UnwritableFolderIsRefusedBeforeAnythingRuns) {
  const Finished run = fusegate(into("/proc/nowhere"));
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.errors.find("/proc/nowhere"), std::string::npos) << run.errors;
  EXPECT_NE(run.errors.find("--out"), std::string::npos) << run.errors;
}

TEST_F(RunTest, FullDiskIsSaidAsSuch) {
  fs::create_symlink("/dev/full", file("journal.jsonl"));
  const Finished run = fusegate(into(folder()));
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.errors.find("No space left on device"), std::string::npos) << run.errors;
  EXPECT_NE(run.errors.find("--resume"), std::string::npos) << run.errors;
  EXPECT_FALSE(fs::exists(file("report.json")));
  EXPECT_TRUE(all_descendants_ended());
}

TEST_F(RunTest, RoomThatRunsOutKeepsTheResultsAndResumeGoesOn) {
  // Tensors of at most some KiB between redzones of 4, so that the limit is not theirs.
  const std::string command =
      "$FUSEGATE run --with builtin/simt --match ' tokens=(1|3) hidden=(1|7|64) ' --out " +
      folder().string();
  const Finished run = in_shell("ulimit -f 128; " + command);  // blocks of 512 bytes
  EXPECT_EQ(run.exit_code, 3) << run.output << run.errors;
  EXPECT_NE(run.errors.find("results in it are kept: make room and go on with --resume"),
            std::string::npos)
      << run.errors;
  EXPECT_GT(fs::file_size(file("journal.jsonl")), 60'000u);
  EXPECT_FALSE(fs::exists(file("report.json")));
  ASSERT_EQ(in_shell(command + " --resume").exit_code, 0);
  const Json resumed = read_json(file("report.json"));
  EXPECT_EQ(resumed.at("results").size(), resumed.at("run").at("cases"));
  ASSERT_EQ(in_shell(command).exit_code, 0);
  EXPECT_EQ(comparable(resumed), comparable(read_json(file("report.json"))));
}

TEST_F(RunTest, DocumentThatCannotBeWrittenIsRefusedBeforeAnythingRuns) {
  const Finished run = fusegate(into(folder(), {"--json", "/nonexistent/report.json"}));
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.errors.find("/nonexistent/report.json"), std::string::npos) << run.errors;
  EXPECT_FALSE(fs::exists(file("journal.jsonl")));
}

TEST_F(RunTest, OfOneFolderIsTheOnlyOne) {
  StartedRun run(folder());
  const Finished second = fusegate(into(folder()));
  EXPECT_EQ(second.exit_code, 3);
  EXPECT_NE(second.errors.find("another run is writing into"), std::string::npos) << second.errors;
  EXPECT_EQ(run.end().text(), "exited with status 0");
}

TEST_F(RunTest, ResumeRefusesResultsOfAnotherWorker) {
  const auto worker = [](const char* fault) {
    return "mine=" + sibling("fusegate-worker-simt").string() + " --warp-size=" + fault;
  };
  const std::vector<std::string> some{
      "run",   "--match",         "^rms_norm dtype=bf16 tokens=3 hidden=64 ",
      "--out", folder().string(), "--worker"};
  auto first = some;
  first.push_back(worker("64"));
  ASSERT_EQ(fusegate(first).exit_code, 0);
  auto second = some;
  second.insert(second.end(), {worker("32"), "--resume"});
  const Finished run = fusegate(second);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.errors.find("the results of mine"), std::string::npos) << run.errors;
}

TEST_F(RunTest, JsonOnStandardOutputIsTheReport) {
  const Finished run = fusegate(into(folder(), {"--json", "-"}));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(Json::parse(run.output), read_json(file("report.json")));
}

TEST_F(RunTest, ShardsTogetherAreTheWhole) {
  std::vector<std::string> lines;
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    ASSERT_EQ(fusegate(into(folder(), {"--shard", shard})).exit_code, 0);
    for (const auto& result : read_json(file("report.json")).at("results")) {
      lines.push_back(result.at("case"));
    }
  }
  std::vector<std::string> whole;
  for (const auto& result : uninterrupted().at("results")) whole.push_back(result.at("case"));
  std::sort(lines.begin(), lines.end());
  std::sort(whole.begin(), whole.end());
  EXPECT_EQ(lines, whole);
}

TEST_F(RunTest, OneImplementationThatCannotRunDoesNotHideAnother) {
  const Finished run =
      fusegate({"run", "--worker", "gone=/nonexistent", "--with", "gone,builtin/simt", "--match",
                "^rms_norm dtype=bf16 tokens=3 hidden=64 eps=1e-06$", "--out", folder()});
  EXPECT_EQ(run.exit_code, 3);
  const Json report = read_json(file("report.json"));
  EXPECT_EQ(with_verdict(report, "pass").size(), 1u);
  EXPECT_EQ(report.at("implementations").at(0).at("available"), false);
  EXPECT_EQ(report.at("run").at("could_not_run").size(), 1u);
}

TEST_F(RunTest, BothWarpSizesAgreeWithTheReference) {
  const Finished run =
      fusegate({"check", "--with", "builtin/simt,builtin/simt-w32",
                "rms_norm dtype=fp32,fp16,bf16 tokens=5 hidden=63,64,65,2880 eps=1e-06"});
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_NE(run.output.find("24 pass"), std::string::npos) << run.output;
}

}  // namespace
}  // namespace fusegate::testing
