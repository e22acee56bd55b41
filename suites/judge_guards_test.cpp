// What the judge says of runs whose values are right: repetitions that differ, and damage.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "suites/judge.hpp"
#include "suites/trial.hpp"

namespace fusegate::suites {
namespace {

const std::string norm = "rms_norm dtype=fp32 tokens=3 hidden=17 eps=1e-06";

// ---- Repetitions ------------------------------------------------------------------------------

TEST(Judge, FailsARepetitionThatDiffersInOneBit) {
  const Trial trial("add_rms_norm dtype=fp32 tokens=3 hidden=17 eps=1e-06");
  for (const char* output : {"out", "residual_out"}) {
    for (std::int64_t row = 0; row < 3; ++row) {
      auto repetition = trial.rightly_run(Poison::second);
      repetition[trial.place(output, row, 16)] ^= std::byte{1};
      const Result result = trial.judge_with(repetition, Poison::second);
      EXPECT_EQ(result.verdict, Verdict::fail);
      EXPECT_EQ(result.reason,
                fmt::format("a repetition gave other bits in row {} of {}", row, output));
    }
  }
}

// ---- Damage -----------------------------------------------------------------------------------

TEST(Judge, FailsDamageInTheFirstRun) {
  Trial trial(norm);
  trial.arena[trial.place("x", 1, 2)] ^= std::byte{1};
  const Result result = trial.judge();
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.reason, "the input x was changed at [1, 2]");
}

TEST(Judge, FailsDamageInARepetition) {
  const Trial trial(norm);
  auto repetition = trial.rightly_run(Poison::second);
  repetition[trial.place("out", 3, 0)] = std::byte{0};
  const Result result = trial.judge_with(repetition, Poison::second);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.reason, "4 bytes behind the end of out were overwritten");
}

TEST(Judge, TellsWrongValuesBeforeDamage) {
  Trial trial(norm);
  trial.arena[trial.place("x", 1, 2)] ^= std::byte{1};
  trial.set("out", 0, 0, 50);
  const std::string reason = trial.judge().reason;
  EXPECT_LT(reason.find("out[0, 0] is 50"), reason.find("; the input x was changed at [1, 2]"));
}

TEST(Judge, FailsDamageWithoutTokens) {
  Trial trial("rms_norm dtype=fp32 tokens=0 hidden=17 eps=0");
  trial.arena[trial.place("out", 0, 0)] ^= std::byte{1};
  EXPECT_EQ(trial.judge().verdict, Verdict::fail);
}

}  // namespace
}  // namespace fusegate::suites
