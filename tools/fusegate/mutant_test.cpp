// Kernels with one planted defect each are caught, and for the right reason.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

struct Defect {
  std::string mutant;
  std::string line;
  std::string reason;  ///< part of it
};

Finished check(const std::string& mutant, const std::string& line) {
  const auto worker = sibling("fusegate-worker-mutants").string() + " --mutant=" + mutant;
  return fusegate({"check", "--worker", "mutant=" + worker, "--json", "-", line});
}

class Mutant : public ::testing::TestWithParam<Defect> {};

TEST_P(Mutant, IsCaught) {
  const Finished run = check(GetParam().mutant, GetParam().line);
  EXPECT_EQ(run.exit_code, 1) << run.errors;
  const auto failed = with_verdict(Json::parse(run.output), "fail");
  ASSERT_EQ(failed.size(), 1u) << run.errors;
  const auto reason = failed.front().at("reason").get<std::string>();
  EXPECT_NE(reason.find(GetParam().reason), std::string::npos) << reason;
}

TEST_P(Mutant, IsTheOnlyThingThatIsWrong) {
  const Finished run = check("sound", GetParam().line);
  EXPECT_EQ(run.exit_code, 0) << run.errors;
}

const std::string contiguous = "rms_norm dtype=bf16 tokens=17 hidden=769 eps=0.01";
const std::string strided = contiguous + " x_stride=800 out_stride=800";
const std::string vector_wide = "rms_norm dtype=bf16 tokens=17 hidden=4096 eps=0.01";

INSTANTIATE_TEST_SUITE_P(
    Mutants, Mutant,
    ::testing::Values(
        Defect{"missing_barrier", contiguous, "elements are beyond it"},
        Defect{"missing_barrier", vector_wide, "elements are beyond it"},
        Defect{"divergent_barrier", contiguous,
               "barrier divergence: 64 of 128 threads have ended, 64 wait at the barrier at "
               "suites/mutants/mutants.cpp:"},
        Defect{"skips_eps", contiguous, "elements are beyond it"},
        Defect{"reads_past_row", contiguous, "out[16, 0] is nan"},
        Defect{"reads_past_row", strided, "13073 of 13073 elements are beyond it"},
        Defect{"writes_past_row", contiguous, "2 bytes behind the end of out were overwritten"},
        Defect{"writes_past_row", strided,
               "out was overwritten between its rows, at column 769 of row 0"},
        Defect{"leaves_last_element", contiguous, "17 were never written"},
        Defect{"leaves_last_element", vector_wide, "17 were never written"}),
    [](const auto& defect) { return defect.param.mutant + '_' + std::to_string(defect.index); });

}  // namespace
}  // namespace fusegate::testing
