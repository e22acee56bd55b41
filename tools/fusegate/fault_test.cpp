// One bad case costs one case: every way for a worker to fail, with the real program.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

constexpr int bad_width = 257;

struct Fault {
  std::string name;
  std::string verdict;
  std::string reason;  ///< part of it
};

class WorkerFault : public ::testing::TestWithParam<Fault> {
 protected:
  static void SetUpTestSuite() { adopt_orphans(); }
};

TEST_P(WorkerFault, CostsOneCaseAndIsNamed) {
  const TemporaryFolder folder;
  const Finished run = fusegate(
      {"run", "--match", "^rms_norm dtype=bf16 tokens=3 hidden=[0-9]* eps=1e-06$", "--worker",
       faulty_worker(GetParam().name, bad_width), "--case-timeout", "2", "--out", folder.path()});
  EXPECT_EQ(run.exit_code, 1) << run.errors << run.output;
  const Json report = read_json(folder.path() / "report.json");
  EXPECT_EQ(report.at("results").size(), 11u);
  EXPECT_EQ(with_verdict(report, "pass").size(), 10u) << run.output;
  const auto failed = with_verdict(report, GetParam().verdict);
  ASSERT_EQ(failed.size(), 1u) << run.output;
  const auto reason = failed.front().at("reason").get<std::string>();
  EXPECT_NE(reason.find(GetParam().reason), std::string::npos) << reason;
  EXPECT_NE(failed.front().at("case").get<std::string>().find("hidden=257 "), std::string::npos);
  EXPECT_EQ(fusegate({"report", "validate", folder.path() / "report.json"}).exit_code, 0);
  EXPECT_TRUE(all_descendants_ended());
}

INSTANTIATE_TEST_SUITE_P(
    Fault, WorkerFault,
    ::testing::Values(Fault{"sigsegv", "crash", "was killed by SIGSEGV"},
                      Fault{"sigkill", "crash", "was killed by SIGKILL"},
                      Fault{"exit", "crash", "exited with status 0 before it answered"},
                      Fault{"hang", "timeout", "no answer within 2 s"},
                      Fault{"garbage", "error", "no answer: 'loading kernels \\x01\\x02"},
                      Fault{"long_line", "error", "more than 1048576 bytes, beginning with 'xxx"},
                      Fault{"wrong_id", "error", "no answer: '{\"id\": -1"}),
    [](const auto& fault) { return fault.param.name; });

TEST(WorkerFault, LastWordsStandInTheReport) {
  const TemporaryFolder folder;
  const Finished run =
      fusegate({"run", "--match", "^rms_norm dtype=bf16 tokens=3 hidden=257 eps=1e-06$", "--worker",
                faulty_worker("abort", bad_width), "--out", folder.path()});
  EXPECT_EQ(run.exit_code, 1);
  const auto crashes = with_verdict(read_json(folder.path() / "report.json"), "crash");
  ASSERT_EQ(crashes.size(), 1u);
  EXPECT_NE(crashes.front()
                .at("evidence")
                .at("worker_errors")
                .get<std::string>()
                .find("page fault at 0xdeadbeef"),
            std::string::npos);
  EXPECT_NE(run.output.find("page fault at 0xdeadbeef"), std::string::npos) << run.output;
}

TEST(WorkerFault, ExhaustedDeviceMemoryIsAnErrorOfThatCase) {
  const TemporaryFolder folder;
  const auto worker =
      "small=" + sibling("fusegate-worker-simt").string() + " --memory-bytes=200000";
  const Finished run =
      fusegate({"run", "--match", "^rms_norm dtype=fp32 tokens=17 hidden=[0-9]* eps=1e-06$",
                "--worker", worker, "--out", folder.path()});
  EXPECT_EQ(run.exit_code, 1);
  const Json report = read_json(folder.path() / "report.json");
  const auto errors = with_verdict(report, "error");
  EXPECT_EQ(with_verdict(report, "pass").size() + errors.size(), report.at("results").size());
  ASSERT_FALSE(errors.empty());
  EXPECT_FALSE(with_verdict(report, "pass").empty());
  for (const auto& error : errors) {
    EXPECT_NE(error.at("reason").get<std::string>().find("out_of_memory: hipMalloc"),
              std::string::npos)
        << error.at("reason");
  }
}

TEST(WorkerFault, ReproLineFailsAgainAlone) {
  const std::string line = "rms_norm dtype=bf16 tokens=3 hidden=257 eps=1e-06";
  const auto worker = faulty_worker("sigsegv", bad_width);
  const Finished run = fusegate({"check", "--worker", worker, line});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.output.find("again: fusegate check --worker '" + worker + "' --with faulty '" +
                            line + "'"),
            std::string::npos)
      << run.output;
}

}  // namespace
}  // namespace fusegate::testing
