#include "suites/judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reference/ulp.hpp"
#include "suites/test_support.hpp"
#include "suites/trial.hpp"

namespace fusegate::suites {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const std::string norm = "rms_norm dtype=fp32 tokens=3 hidden=17 eps=1e-06";

// ---- Right results ----------------------------------------------------------------------------

class RightResults : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(
    Cases, RightResults,
    testing::Values("rms_norm dtype=fp32 tokens=3 hidden=17 eps=1e-06 x_stride=19 out_stride=18",
                    "rms_norm dtype=bf16 tokens=17 hidden=64 eps=1e-06 inputs=nonfinite",
                    "rms_norm dtype=fp16 tokens=17 hidden=64 eps=0 inputs=zero_row",
                    "add_rms_norm dtype=bf16 tokens=3 hidden=17 eps=1e-06 inputs=exact",
                    "add_rms_norm dtype=fp16 tokens=3 hidden=17 eps=1e-06 in_place=1",
                    "dual_rms_norm dtype=bf16 tokens=3 q_hidden=8 kv_hidden=7 q_eps=0 kv_eps=1 "
                    "projection=15"));

TEST_P(RightResults, Pass) {
  const Trial trial(GetParam());
  const Result result = trial.judge_with(trial.rightly_run(Poison::second), Poison::second);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
  EXPECT_EQ(result.reason, "");
  EXPECT_EQ(result.notes, std::vector<std::string>{});
}

TEST_P(RightResults, AreWithinHalfAUnit) {
  for (const OutputError& error : Trial(GetParam()).judge().errors) {
    EXPECT_LE(error.max_ulp, 0.5) << error.tensor;
    EXPECT_EQ(error.beyond_limit, 0) << error.tensor;
  }
}

TEST(Judge, ReportsEveryOutputWithItsLimit) {
  const Trial trial("add_rms_norm dtype=bf16 tokens=3 hidden=17 eps=1e-06 inputs=exact");
  const Result result = trial.judge();
  const auto limits = trial.c.op().limits(trial.c, {}, 17);
  ASSERT_EQ(result.errors.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(result.errors[i].tensor, i == 0 ? "out" : "residual_out");
    EXPECT_EQ(result.errors[i].elements, 51);
    EXPECT_EQ(result.errors[i].limit_ulp, limits[i].ulps);
    EXPECT_EQ(result.errors[i].limit_derivation, limits[i].derivation);
    EXPECT_TRUE(result.errors[i].worst.has_value());
  }
}

TEST(Judge, TakesTheTightLimitOnlyWhereSumsAreExact) {
  const auto limit_of = [](const std::string& line) {
    return Trial(line).judge().errors[0].limit_ulp;
  };
  const std::string widest = "rms_norm dtype=fp32 tokens=1 hidden=262144 eps=0 inputs=exact";
  const std::string wider = "rms_norm dtype=fp32 tokens=1 hidden=262145 eps=0 inputs=exact";
  EXPECT_NEAR(limit_of(norm + " inputs=exact"), 7.5, 1e-5);
  EXPECT_NEAR(limit_of(widest), 7.5, 1e-5);
  EXPECT_GT(limit_of(norm + " inputs=normal"), 7.5);
  EXPECT_GT(limit_of(wider), 1000) << "partial sums may round";
}

TEST(Judge, JudgesByThePolicyAndNamesIt) {
  const std::string line = "add_rms_norm dtype=bf16 tokens=3 hidden=64 eps=1e-06";
  const reference::NumericPolicy rounded{.norm_of_rounded_sum = true};
  EXPECT_EQ(Trial(line, rounded).judge().verdict, Verdict::pass);
  EXPECT_EQ(Trial(line, rounded).judge().policy, reference::policy_text(rounded));
  // The same memory against the other policy.
  Trial other(line);
  other.arena = Trial(line, rounded).arena;
  EXPECT_EQ(other.judge().verdict, Verdict::fail);
}

// ---- Wrong values -----------------------------------------------------------------------------

TEST(Judge, PassesWhatIsWithinTheLimit) {
  Trial trial(norm);  // 1 for storing and 13 roundings
  trial.shift("out", 1, 2, 8);
  EXPECT_EQ(trial.judge().verdict, Verdict::pass);
}

TEST(Judge, FailsWhatIsBeyondTheLimit) {
  Trial trial(norm);
  trial.shift("out", 1, 2, -15);
  EXPECT_EQ(trial.judge().verdict, Verdict::fail);
}

TEST(Judge, NamesTheWorstElementAndHowManyAreWrong) {
  Trial trial(norm);
  trial.set("out", 0, 3, 7.5);
  trial.set("out", 2, 16, -1000);
  trial.set("out", 1, 0, 8.5);
  const Result result = trial.judge();
  const OutputError& error = result.errors[0];
  EXPECT_EQ(error.beyond_limit, 3);
  EXPECT_EQ(error.unwritten, 0);
  ASSERT_TRUE(error.worst.has_value());
  EXPECT_EQ(error.worst->row, 2);
  EXPECT_EQ(error.worst->column, 16);
  EXPECT_EQ(error.worst->actual, -1000);
  const double expected = error.worst->expected;
  EXPECT_EQ(error.max_ulp,
            std::abs(reference::ulp_error(reference::Format::fp32, -1000, expected)));
  EXPECT_EQ(result.reason,
            fmt::format("out[2, 16] is -1000, expected {:.9g}: {:.4g} ulp, the limit is {:.4g}; 3 "
                        "of 51 elements are beyond it",
                        expected, error.max_ulp, error.limit_ulp));
}

TEST(Judge, NamesTheFirstOfEquallyWrongElements) {
  Trial trial(norm);
  trial.set("out", 1, 5, nan);
  trial.set("out", 0, 9, nan);
  const auto worst = trial.judge().errors[0].worst;
  ASSERT_TRUE(worst.has_value());
  EXPECT_EQ(worst->row, 0);
  EXPECT_EQ(worst->column, 9);
}

TEST(Judge, NamesEveryWrongOutput) {
  Trial trial("add_rms_norm dtype=bf16 tokens=3 hidden=17 eps=1e-06");
  trial.set("residual_out", 2, 1, 99);
  expect_contains(trial.judge().reason, "residual_out[2, 1] is 99, ");
  trial.set("out", 0, 4, 77);
  const std::string reason = trial.judge().reason;
  expect_contains(reason, "out[0, 4] is 77, ");
  expect_contains(reason, "; residual_out[2, 1] is 99, ");
}

TEST(Judge, ComparesEveryElement) {
  const Trial sound("rms_norm dtype=bf16 tokens=2 hidden=9 eps=1e-06 out_stride=11");
  for (std::int64_t row = 0; row < 2; ++row) {
    for (std::int64_t column = 0; column < 9; ++column) {
      Trial trial = sound;
      trial.set("out", row, column, 50);
      const auto worst = trial.judge().errors[0].worst;
      EXPECT_TRUE(worst && worst->row == row && worst->column == column) << row << ", " << column;
    }
  }
}

// ---- Unwritten elements and NaN -----------------------------------------------------------------

TEST(Judge, CountsElementsThatWereNeverWritten) {
  Trial trial(norm);
  trial.leave_unwritten("out", 1, 4);
  trial.leave_unwritten("out", 2, 16);
  trial.set("out", 0, 0, 50);
  const Result result = trial.judge();
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.errors[0].beyond_limit, 3);
  EXPECT_EQ(result.errors[0].unwritten, 2);
  expect_contains(result.reason, "out[1, 4] is nan");
  expect_contains(result.reason, "3 of 51 elements are beyond it, 2 were never written");
}

TEST(Judge, DoesNotTakeEveryNanForUnwritten) {
  Trial trial(norm);
  trial.set("out", 1, 4, nan);
  const Result result = trial.judge();
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.errors[0].unwritten, 0);
}

TEST(Judge, AcceptsOnlyNanWhereNanIsRight) {
  Trial trial("rms_norm dtype=bf16 tokens=17 hidden=16 eps=0 inputs=zero_row");
  ASSERT_TRUE(std::isnan(trial.get("out", 3, 5)));
  EXPECT_EQ(trial.judge().verdict, Verdict::pass);
  trial.set("out", 3, 5, 0);
  const Result result = trial.judge();
  EXPECT_EQ(result.verdict, Verdict::fail);
  expect_contains(result.reason, "out[3, 5] is 0, expected nan: inf ulp");
}

TEST(Judge, FindsNanThatWasNeverWrittenByARepetition) {
  Trial trial("rms_norm dtype=bf16 tokens=17 hidden=16 eps=0 inputs=zero_row");
  trial.leave_unwritten("out", 3, 5);
  // The second run leaves its own poison there.
  auto repetition = trial.rightly_run(Poison::second);
  const auto fresh = fresh_arena(trial.image, Poison::second);
  const auto at = trial.place("out", 3, 5);
  std::copy_n(&fresh[at], 2, &repetition[at]);
  EXPECT_EQ(trial.judge_with(repetition, Poison::second).verdict, Verdict::fail);
}

}  // namespace
}  // namespace fusegate::suites
