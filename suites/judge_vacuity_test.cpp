// Passes that prove nothing, with an op that is made for them.
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suites/judge.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

enum Position : std::size_t { x, weight, sound, out };

Layout toy_layout(const Case& c) {
  const auto rows = c.integer("tokens");
  const auto columns = c.integer("hidden");
  Layout layout;
  const auto add = [&](const char* name, std::int64_t buffer_rows, bool output, Content content) {
    layout.tensors.push_back({name, layout.buffers.size(), 0, columns, output, content});
    layout.buffers.push_back({name, reference::Format::fp32, buffer_rows, columns, 0});
  };
  add("x", rows, false, Content::activation);
  add("weight", 1, false, Content::weight);
  add("sound", rows, true, Content::activation);
  add("out", rows, true, Content::activation);
  return layout;
}

// `sound` tells something in every case; `out` is what the case asks for, in its first `count`
// columns, and tells something in the others.
void toy_expect(const Case& c, const reference::NumericPolicy&, RowValues& row) {
  const std::string& kind = c.word("kind");
  const auto count = static_cast<std::size_t>(c.integer("count"));
  for (std::size_t i = 0; i < row[x].size(); ++i) {
    row[sound][i] = row[out][i] = -row[x][i];
    if (i >= count) continue;
    if (kind == "zero") row[out][i] = 0;
    if (kind == "nearly_zero") row[out][i] = 0x1p-150;  // half of the smallest number
    if (kind == "nan") row[out][i] = std::numeric_limits<double>::quiet_NaN();
    if (kind == "constant") row[out][i] = 3;
    if (kind == "x") row[out][i] = row[x][i];
    if (kind == "weight") row[out][i] = row[weight][i];
  }
}

const Op& toy_op() {
  static const Op op{.name = "toy",
                     .parameters = {{.name = "tokens"},
                                    {.name = "hidden"},
                                    {.name = "kind", .kind = Parameter::Kind::word},
                                    {.name = "count"},
                                    {.name = "inputs", .kind = Parameter::Kind::word},
                                    {.name = "seed"}},
                     .objection = [](const Case&) { return std::string(); },
                     .layout = toy_layout,
                     .scalars = [](const Case&) { return std::map<std::string, Value>(); },
                     .expect = toy_expect,
                     .limits =
                         [](const Case&, const reference::NumericPolicy&, std::int64_t) {
                           return std::vector<Limit>{{0.5, ""}, {0.5, ""}};
                         }};
  return op;
}

struct Toy {
  std::int64_t tokens, hidden;
  const char* kind;
  std::int64_t count;
};

Result judge(const Toy& toy, bool spoil = false) {
  const Case c(toy_op(), {toy.tokens, toy.hidden, std::string(toy.kind), toy.count,
                          std::string("normal"), std::int64_t{1}});
  const Image image(c);
  auto arena = fresh_arena(image);
  run_rightly(c, image, arena);
  if (spoil) arena[image.offset(tensor_of(image, "sound")) + 3] ^= std::byte{0x40};
  Judge judge(c, image, {});
  judge.see_first(arena);
  Result result;
  judge.conclude(result);
  return result;
}

void expect_mistrusted(const Result& result, const std::string& why) {
  EXPECT_EQ(result.verdict, Verdict::mistrusted);
  EXPECT_EQ(result.reason, "the pass proves nothing: " + why);
}

void expect_pass(const Result& result) {
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
}

// ---- Each rule, and the border of its share -----------------------------------------------------

TEST(Vacuity, AResultThatTellsSomethingPasses) {
  expect_pass(judge({10, 10, "zero", 0}));
}

TEST(Vacuity, ZerosMayBeRightInThreeTenths) {
  expect_pass(judge({1, 100, "zero", 30}));
  expect_mistrusted(judge({1, 100, "zero", 31}), "zeros would be right in 31% of out");
}

TEST(Vacuity, NumbersWhoseLimitHoldsZeroCountAsZeros) {
  expect_pass(judge({1, 100, "nearly_zero", 30}));
  expect_mistrusted(judge({1, 100, "nearly_zero", 31}), "zeros would be right in 31% of out");
}

TEST(Vacuity, NanMayBeRightInThreeTenths) {
  expect_pass(judge({1, 100, "nan", 30}));
  expect_mistrusted(judge({1, 100, "nan", 31}), "NaN would be right in 31% of out");
}

TEST(Vacuity, SharesAreOfAllRows) {
  expect_pass(judge({10, 10, "zero", 3}));
  expect_mistrusted(judge({10, 10, "zero", 4}), "zeros would be right in 40% of out");
}

TEST(Vacuity, AConstantResultProvesNothing) {
  expect_mistrusted(judge({4, 10, "constant", 10}), "all elements of out are the same");
  expect_pass(judge({4, 10, "constant", 9}));
}

TEST(Vacuity, ACopyOfAnInputProvesNothing) {
  expect_mistrusted(judge({4, 10, "x", 10}), "out equals the input x");
  expect_pass(judge({4, 10, "x", 9}));
}

TEST(Vacuity, ACopyOfTheWeightsProvesNothing) {
  expect_mistrusted(judge({4, 10, "weight", 10}), "out equals the input weight");
  expect_pass(judge({4, 10, "weight", 9}));
}

TEST(Vacuity, OfTheFirstOutputCountsToo) {
  // An infinity makes the rest of its row zero: 2 of 6 rows, less an element each.
  const auto judged = [](const char* hidden) {
    const Case c = parse_case("rms_norm dtype=bf16 tokens=6 eps=1e-06 inputs=nonfinite hidden=" +
                              std::string(hidden));
    const Image image(c);
    auto arena = fresh_arena(image);
    run_rightly(c, image, arena);
    Judge judge(c, image, {});
    judge.see_first(arena);
    Result result;
    judge.conclude(result);
    return result;
  };
  expect_pass(judged("10"));
  expect_mistrusted(judged("11"), "zeros would be right in 30% of out");
}

TEST(Vacuity, DoesNotMakeAWrongResultBetter) {
  EXPECT_EQ(judge({4, 10, "constant", 10}, true).verdict, Verdict::fail);
}

// ---- Outputs too small to tell anything ----------------------------------------------------

class SmallOutputs : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Kinds, SmallOutputs,
                         testing::Values("zero", "nan", "constant", "x", "weight"));

TEST_P(SmallOutputs, AreExemptUnder16Elements) {
  expect_pass(judge({3, 5, GetParam(), 5}));
}

TEST_P(SmallOutputs, AreNotExemptFrom16ElementsOn) {
  EXPECT_EQ(judge({4, 4, GetParam(), 4}).verdict, Verdict::mistrusted);
}

TEST(SmallOutputs, SayThatTheyAreExempt) {
  const auto note = [](const char* tensor, const char* elements) {
    return std::string(tensor) + " has " + elements +
           " elements: exempt from the vacuity test, which needs 16";
  };
  using Notes = std::vector<std::string>;
  EXPECT_EQ(judge({3, 5, "zero", 0}).notes, (Notes{note("sound", "15"), note("out", "15")}));
  EXPECT_EQ(judge({4, 4, "zero", 0}).notes, Notes{});
}

TEST(SmallOutputs, OfNoTokensPassAndSaySo) {
  const Result result = judge({0, 5, "constant", 5});
  expect_pass(result);
  ASSERT_EQ(result.notes.size(), 2u);
  expect_contains(result.notes[1], "out has 0 elements: exempt");
  EXPECT_FALSE(result.errors[1].worst.has_value());
  EXPECT_EQ(result.errors[1].max_ulp, 0);
}

}  // namespace
}  // namespace fusegate::suites
