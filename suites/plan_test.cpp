#include "suites/plan.hpp"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

using Lines = std::vector<std::string>;

Plan plan_of(const Lines& lines) {
  return Plan({.lines = lines});
}

Lines cases_of(const Plan& plan) {
  Lines lines;
  plan.for_each([&](const Case& c) {
    lines.push_back(c.line());
    return true;
  });
  return lines;
}

const std::string twelve = "rms_norm dtype=fp32,bf16 tokens=1,2,3 hidden=8,16 eps=0";

std::string norm(const std::string& rest) {
  return "rms_norm dtype=fp32 " + rest;
}

// ---- Cases and their order --------------------------------------------------------------------

TEST(Plan, HasTheCasesOfItsLinesInTheirOrder) {
  const Plan plan = plan_of({norm("tokens=2,1 hidden=8 eps=0"), norm("tokens=3 hidden=8 eps=0")});
  EXPECT_EQ(plan.size(), 3u);
  EXPECT_EQ(cases_of(plan), (Lines{norm("tokens=2 hidden=8 eps=0"), norm("tokens=1 hidden=8 eps=0"),
                                   norm("tokens=3 hidden=8 eps=0")}));
}

TEST(Plan, WithoutLinesIsEmpty) {
  EXPECT_EQ(plan_of({}).size(), 0u);
}

TEST(Plan, HasACaseOnceWhereItFirstStands) {
  const Plan plan = plan_of({norm("tokens=1,2 hidden=8 eps=0"), norm("tokens=3,2,1 hidden=8 eps=0"),
                             norm("tokens=3 hidden=8 eps=0 seed=0 inputs=normal")});
  EXPECT_EQ(plan.size(), 3u);
  EXPECT_EQ(cases_of(plan), (Lines{norm("tokens=1 hidden=8 eps=0"), norm("tokens=2 hidden=8 eps=0"),
                                   norm("tokens=3 hidden=8 eps=0")}));
}

TEST(Plan, GivesItsSeedToLinesWithoutOne) {
  const Plan plan(
      {.lines = {norm("tokens=1 hidden=8 eps=0"), norm("tokens=1 hidden=8 eps=0 seed=7"),
                 norm("tokens=1 hidden=8 eps=0 seed=0")},
       .seed = 7});
  EXPECT_EQ(cases_of(plan),
            (Lines{norm("tokens=1 hidden=8 eps=0 seed=7"), norm("tokens=1 hidden=8 eps=0")}));
}

TEST(Plan, StopsWhenTheVisitorSaysSo) {
  int visits = 0;
  plan_of({twelve}).for_each([&](const Case&) { return ++visits < 5; });
  EXPECT_EQ(visits, 5);
}

TEST(Plan, MayBeWalkedMoreThanOnce) {
  const Plan plan = plan_of({twelve});
  EXPECT_EQ(cases_of(plan), cases_of(plan));
}

// ---- Matching ---------------------------------------------------------------------------------

Lines matching(const std::string& match) {
  return cases_of(Plan({.lines = {twelve}, .match = match}));
}

TEST(PlanMatch, KeepsLinesThatContainTheExpression) {
  EXPECT_EQ(matching("bf16.*hidden=8"), (Lines{"rms_norm dtype=bf16 tokens=1 hidden=8 eps=0",
                                               "rms_norm dtype=bf16 tokens=2 hidden=8 eps=0",
                                               "rms_norm dtype=bf16 tokens=3 hidden=8 eps=0"}));
}

TEST(PlanMatch, IsOverTheCanonicalLine) {
  EXPECT_EQ(matching("^rms_norm dtype=fp32 tokens=1 hidden=8 eps=0$").size(), 1u);
  EXPECT_NE(usage_error([] { matching("inputs=normal"); }), "") << "defaults are left out there";
}

TEST(PlanMatch, CountsInTheSize) {
  EXPECT_EQ(Plan({.lines = {twelve}, .match = "tokens=3"}).size(), 4u);
}

TEST(PlanMatch, ABadExpressionIsNamed) {
  const auto error = usage_error([] { Plan({.lines = {}, .match = "tokens=(1"}); });
  expect_contains(error, "'tokens=(1' is no regular expression");
}

// ---- Shards -----------------------------------------------------------------------------------

class Shards : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Counts, Shards, testing::Values(1, 2, 5, 7, 12, 13));

TEST_P(Shards, PartitionThePlan) {
  const Lines whole = cases_of(plan_of({twelve}));
  std::multiset<std::string> together;
  std::uint64_t sizes = 0;
  for (std::uint64_t i = 0; i < GetParam(); ++i) {
    const Plan part({.lines = {twelve}, .shard = {i, GetParam()}});
    const Lines cases = cases_of(part);
    EXPECT_EQ(part.size(), cases.size()) << "shard " << i;
    together.insert(cases.begin(), cases.end());
    sizes += part.size();
  }
  EXPECT_EQ(together, std::multiset<std::string>(whole.begin(), whole.end()));
  EXPECT_EQ(sizes, 12u);
}

TEST_P(Shards, AreOfEqualSizeButForOne) {
  for (std::uint64_t i = 0; i < GetParam(); ++i) {
    const auto size = Plan({.lines = {twelve}, .shard = {i, GetParam()}}).size();
    EXPECT_LE(size, 12 / GetParam() + 1) << "shard " << i;
    EXPECT_GE(size, 12 / GetParam()) << "shard " << i;
  }
}

TEST(Shards, AreOfWhatMatches) {
  for (std::uint64_t i = 0; i < 2; ++i) {
    EXPECT_EQ(Plan({.lines = {twelve}, .match = "hidden=8", .shard = {i, 2}}).size(), 3u);
  }
}

TEST(ParseShard, CountsFromOne) {
  EXPECT_EQ(parse_shard("1/1").index, 0u);
  EXPECT_EQ(parse_shard("1/1").count, 1u);
  EXPECT_EQ(parse_shard("4/4").index, 3u);
  EXPECT_EQ(parse_shard("2/18446744073709551615").count, 18446744073709551615u);
}

class BadShard : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Texts, BadShard,
                         testing::Values("", "/", "1", "1/", "/1", "0/4", "5/4", "1/0", "-1/4",
                                         "1/-4", "1/4/2", "a/b", "1.5/2", " 1/2", "1/2 ", "+1/2",
                                         "1/18446744073709551616"));

TEST_P(BadShard, IsRefusedWithWhatMayBeGiven) {
  EXPECT_EQ(usage_error([] { static_cast<void>(parse_shard(GetParam())); }),
            std::string("--shard ") + GetParam() + ": wants I/N with I from 1 to N, as in 2/4");
}

// ---- The digest -------------------------------------------------------------------------------

TEST(PlanDigest, IsTheSameForTheSameCases) {
  const std::string digest = plan_of({twelve}).digest();
  EXPECT_EQ(plan_of({twelve}).digest(), digest);
  EXPECT_EQ(plan_of({twelve, twelve}).digest(), digest) << "repetitions do not count";
  EXPECT_EQ(plan_of({"rms_norm eps=0.0 hidden=8,16 tokens=1..3 dtype=fp32,bf16 seed=0"}).digest(),
            digest)
      << "spelling does not count";
  EXPECT_EQ(Plan({.lines = {twelve}, .match = "norm"}).digest(), digest);
}

TEST(PlanDigest, IsAnotherForOtherCases) {
  std::set<std::string> digests;
  const std::vector<PlanOptions> plans{
      {.lines = {}},
      {.lines = {twelve}},
      {.lines = {twelve}, .seed = 1},
      {.lines = {twelve}, .match = "bf16"},
      {.lines = {twelve}, .shard = {0, 2}},
      {.lines = {twelve}, .shard = {1, 2}},
      {.lines = {twelve, norm("tokens=4 hidden=8 eps=0")}},
      {.lines = {"rms_norm dtype=fp32,bf16 tokens=1,2,3 hidden=8,17 eps=0"}},
      {.lines = {"rms_norm dtype=fp32,bf16 tokens=1,2,3 hidden=8,16 eps=1"}},
      {.lines = {"rms_norm dtype=fp32,bf16 tokens=1,2 hidden=8,16 eps=0"}},
      {.lines = {"rms_norm dtype=bf16,fp32 tokens=1,2,3 hidden=8,16 eps=0"}},
      {.lines = {"add_rms_norm dtype=fp32,bf16 tokens=1,2,3 hidden=8,16 eps=0"}}};
  for (const PlanOptions& options : plans) digests.insert(Plan(options).digest());
  EXPECT_EQ(digests.size(), plans.size());
}

// ---- What makes no sense ----------------------------------------------------------------------

const std::string add = "add_rms_norm dtype=fp32 tokens=1 hidden=8 eps=0 ";
const std::string dual =
    "dual_rms_norm dtype=fp32 tokens=1 q_hidden=8 kv_hidden=4 q_eps=0 kv_eps=0 ";

TEST(PlanObjections, NameTheCaseAndTheReason) {
  const std::vector<std::pair<std::string, std::string>> objections{
      {norm("tokens=1 hidden=8 eps=0 x_stride=7"),
       "x_stride=7 is shorter than a row of 8 elements"},
      {norm("tokens=1 hidden=8 eps=0 out_stride=1"),
       "out_stride=1 is shorter than a row of 8 elements"},
      {add + "residual_stride=7", "residual_stride=7 is shorter than a row of 8 elements"},
      {add + "residual_out_stride=7", "residual_out_stride=7 is shorter than a row of 8 elements"},
      {add + "in_place=1 out_stride=8", "out_stride has no meaning with in_place=1"},
      {add + "in_place=1 out_offset=1", "out_offset has no meaning with in_place=1"},
      {add + "in_place=1 residual_out_stride=8",
       "residual_out_stride has no meaning with in_place=1"},
      {add + "in_place=1 residual_out_offset=1",
       "residual_out_offset has no meaning with in_place=1"},
      {dual + "kv_x_stride=3", "kv_x_stride=3 is shorter than a row of 4 elements"},
      {dual + "kv_out_stride=3", "kv_out_stride=3 is shorter than a row of 4 elements"},
      {dual + "q_x_stride=7", "q_x_stride=7 is shorter than a row of 8 elements"},
      {dual + "q_out_stride=7", "q_out_stride=7 is shorter than a row of 8 elements"},
      {dual + "projection=11", "projection=11 is shorter than q_hidden + kv_hidden = 12"},
      {dual + "projection=12 q_x_stride=8", "q_x_stride has no meaning with a projection"},
      {dual + "projection=12 kv_x_stride=4", "kv_x_stride has no meaning with a projection"},
      {dual + "projection=12 kv_x_offset=1", "kv_x_offset has no meaning with a projection"}};
  for (const auto& [line, why] : objections) {
    EXPECT_EQ(usage_error([&] { plan_of({line}); }), "'" + line + "': " + why);
  }
}

TEST(PlanObjections, AreOfOneCaseAmongMany) {
  const auto error = usage_error([] { plan_of({norm("tokens=1 hidden=8 eps=0 x_stride=9,8,7")}); });
  expect_contains(error, "x_stride=7 is shorter");
}

TEST(PlanObjections, AreNotRaisedAtTheBorder) {
  EXPECT_EQ(plan_of({norm("tokens=1 hidden=8 eps=0 x_stride=8 out_stride=8"),
                     add + "in_place=1 x_stride=8 residual_stride=8 x_offset=1",
                     dual + "projection=12 q_x_offset=1 q_out_stride=8 kv_out_stride=4"})
                .size(),
            3u);
}

TEST(Plan, ALineThatDoesNotParseIsNamed) {
  expect_contains(usage_error([] {
                    plan_of({twelve, norm("tokens=x hidden=1 eps=0")});
                  }),
                  "tokens=x:");
}

// ---- Models -----------------------------------------------------------------------------------

const std::string small = "rms_norm dtype=bf16 tokens=1,2 hidden=8 eps=0";
const std::string large = "rms_norm dtype=bf16 tokens=2,3 hidden=8 eps=0";

Lines models_of(const Plan& plan, const std::string& tokens) {
  return plan.models_of(parse_case("rms_norm dtype=bf16 hidden=8 eps=0 tokens=" + tokens));
}

TEST(PlanModels, AreThoseOfAllLinesThatHaveTheCase) {
  const Plan plan({.lines = {small, large, twelve}, .models = {{"A", "B"}, {"C", "A"}}});
  EXPECT_EQ(models_of(plan, "1"), (Lines{"A", "B"}));
  EXPECT_EQ(models_of(plan, "2"), (Lines{"A", "B", "C"}));
  EXPECT_EQ(models_of(plan, "3"), (Lines{"C", "A"}));
  EXPECT_EQ(models_of(plan, "4"), Lines{});
  EXPECT_EQ(plan.models_of(parse_case(norm("tokens=1 hidden=8 eps=0"))), Lines{});
}

TEST(PlanModels, AreThereWithAnotherSeed) {
  const Plan plan({.lines = {small}, .models = {{"A"}}, .seed = 7});
  EXPECT_EQ(models_of(plan, "1 seed=7"), Lines{"A"});
}

TEST(PlanModels, MakeNoOtherPlan) {
  EXPECT_EQ(Plan({.lines = {small}, .models = {{"A"}}}).digest(), plan_of({small}).digest());
  EXPECT_EQ(models_of(plan_of({small}), "1"), Lines{});
}

}  // namespace
}  // namespace fusegate::suites
