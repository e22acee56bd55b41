// The kernels under ThreadSanitizer, which sees a missing barrier even where the result is right.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

class KernelsUnderTsan : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("FUSEGATE_TSAN_WORKERS");
    if (folder == nullptr) {
      GTEST_SKIP() << "FUSEGATE_TSAN_WORKERS names no folder of workers built with the preset tsan";
    }
    folder_ = folder;
  }

  [[nodiscard]] Finished check(const std::string& worker, const std::string& line) const {
    // The first report ends the worker, so that the case crashes with the report as last words.
    const Settings settings{.environment = {{"TSAN_OPTIONS", "halt_on_error=1"}}};
    return fusegate({"check", "--worker", "tsan=" + (folder_ / worker).string(), "--json", "-",
                     "--case-timeout", "120", line},
                    settings);
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(KernelsUnderTsan, AreFreeOfRaces) {
  for (const char* line : {"rms_norm dtype=bf16,fp32 tokens=2 hidden=257,2880 eps=1e-06",
                           "add_rms_norm dtype=fp16 tokens=2 hidden=769 eps=1e-06 in_place=0,1",
                           "dual_rms_norm dtype=bf16 tokens=2 q_hidden=1536 kv_hidden=512 "
                           "q_eps=1e-06 kv_eps=1e-06 projection=2112"}) {
    const Finished run = check("fusegate-worker-simt", line);
    EXPECT_EQ(run.exit_code, 0) << run.errors;
  }
}

TEST_F(KernelsUnderTsan, MissingBarrierIsNamedWithItsLine) {
  const Finished run = check("fusegate-worker-mutants --mutant=missing_barrier",
                             "rms_norm dtype=bf16 tokens=1 hidden=2880 eps=1e-06");
  EXPECT_EQ(run.exit_code, 1);
  const auto crashes = with_verdict(Json::parse(run.output), "crash");
  ASSERT_EQ(crashes.size(), 1u) << run.errors;
  const auto words = crashes.front().at("evidence").at("worker_errors").get<std::string>();
  EXPECT_NE(words.find("data race"), std::string::npos) << words;
  EXPECT_NE(words.find("kernels/norm/row_stats.hpp:"), std::string::npos) << words;
}

}  // namespace
}  // namespace fusegate::testing
