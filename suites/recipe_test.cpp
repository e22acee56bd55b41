#include "suites/recipe.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fusegate::suites {
namespace {

using reference::Format;
using Row = std::vector<double>;

constexpr std::size_t widest = std::size_t{1} << 18;
constexpr std::array kernel_formats{Format::fp32, Format::fp16, Format::bf16};

Row make(const std::string& recipe, const RowOrigin& origin, std::size_t size = 512,
         Format format = Format::fp32) {
  Row row(size, -99);
  make_row(find_recipe(recipe), origin, format, row);
  return row;
}

RowOrigin origin_of_row(std::int64_t row) {
  return {.seed = 7, .tensor = "x", .content = Content::activation, .row = row};
}

bool is_representable(Format format, double value) {
  return reference::decode(format, reference::encode(format, value)) == value;
}

// ---- Philox -----------------------------------------------------------------------------------

using Block = std::array<std::uint32_t, 4>;

// The known answers of Random123's kat_vectors for philox4x32 with 10 rounds.
TEST(Philox, GivesTheKnownAnswers) {
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// ---- What every recipe is ---------------------------------------------------------------------

TEST(Recipes, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Recipe& recipe : all_recipes())
    EXPECT_TRUE(names.insert(recipe.name).second) << recipe.name;
}

TEST(Recipes, AreFoundByName) {
  for (const Recipe& recipe : all_recipes())
    EXPECT_EQ(&find_recipe(recipe.name), &recipe) << recipe.name;
}

class EveryRecipe : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Recipes, EveryRecipe,
                         testing::Values("normal", "exact", "outlier", "zero_row", "nonfinite",
                                         "tiny", "large"),
                         [](const auto& recipe) { return recipe.param; });

// So that comparing rows tells NaN from numbers and nothing else apart.
Row without_nan(Row row) {
  std::replace_if(
      row.begin(), row.end(), [](double value) { return std::isnan(value); }, 1e300);
  return row;
}

TEST_P(EveryRecipe, GivesARowTheSameValuesInAnyOrder) {
  std::vector<Row> forwards;
  for (std::int64_t row = 0; row < 8; ++row)
    forwards.push_back(without_nan(make(GetParam(), origin_of_row(row))));
  for (std::int64_t row = 8; row-- > 0;) {
    EXPECT_EQ(without_nan(make(GetParam(), origin_of_row(row))),
              forwards[static_cast<std::size_t>(row)])
        << "row " << row;
  }
}

TEST_P(EveryRecipe, GivesAShorterRowTheSameValues) {
  const Row whole = make(GetParam(), origin_of_row(4), 512);  // no row that the recipe breaks
  for (const std::size_t size : {1u, 2u, 255u}) {
    EXPECT_EQ(make(GetParam(), origin_of_row(4), size), Row(whole.begin(), whole.begin() + size))
        << size;
  }
}

TEST_P(EveryRecipe, GivesEverySeedTensorAndRowValuesOfTheirOwn) {
  constexpr std::int64_t high = std::int64_t{1} << 32;
  std::vector<RowOrigin> origins;
  for (const std::int64_t seed : {std::int64_t{0}, std::int64_t{1}, high}) {
    for (const char* tensor : {"x", "residual"}) {
      for (const std::int64_t row : {std::int64_t{0}, std::int64_t{4}, high})
        origins.push_back({seed, tensor, Content::activation, row});
    }
  }
  std::set<Row> rows;
  for (const RowOrigin& origin : origins) rows.insert(make(GetParam(), origin));
  EXPECT_EQ(rows.size(), origins.size());
}

TEST_P(EveryRecipe, GivesFiniteWeightsThatEveryKernelFormatHolds) {
  for (std::int64_t row = 0; row < 4; ++row) {
    for (const double value : make(GetParam(), {7, "weight", Content::weight, row}, 4096)) {
      ASSERT_GE(value, 0.5);
      ASSERT_LE(value, 1.5);
      for (const Format format : kernel_formats)
        ASSERT_TRUE(is_representable(format, value)) << value;
    }
  }
}

TEST_P(EveryRecipe, TakesARowWithoutElements) {
  for (std::int64_t row = 0; row < 4; ++row) make(GetParam(), origin_of_row(row), 0);
}

// A report's repro lines stand for these numbers; a change makes all of them mean something else.
TEST(Recipes, GiveTheNumbersThatTheyAlwaysGave) {
  const RowOrigin origin{.seed = 7, .tensor = "x", .content = Content::activation, .row = 2};
  EXPECT_EQ(make("normal", origin, 3),
            (Row{0x1.4434691ce3fdep+0, -0x1.0ac34c9b0bf7fp-1, 0x1.3bc801e124a71p+0}));
  EXPECT_EQ(make("exact", origin, 3), (Row{1.5, -2.0, -1.5}));
  EXPECT_EQ(make("normal", {7, "weight", Content::weight, 0}, 3),
            (Row{1.046875, 0.65625, 0.515625}));
}

// ---- normal -----------------------------------------------------------------------------------

double mean_of(const Row& row, double (*of)(double)) {
  double sum = 0;
  for (const double value : row) sum += of(value);
  return sum / static_cast<double>(row.size());
}

// Five standard deviations of each statistic's own error over so many values.
TEST(Normal, IsBellShapedWithVarianceOne) {
  const Row row = make("normal", origin_of_row(0), widest);
  EXPECT_NEAR(mean_of(row, [](double x) { return x; }), 0, 0.01);
  EXPECT_NEAR(mean_of(row, [](double x) { return x * x; }), 1, 0.013);
  EXPECT_NEAR(mean_of(row, [](double x) { return x * x * x; }), 0, 0.04);
  EXPECT_NEAR(mean_of(row, [](double x) { return x * x * x * x; }), 2.7, 0.06)
      << "the sum of four uniform variables has a kurtosis of 3 - 1.2 / 4";
}

TEST(Normal, StaysWithinTwiceTheRootOfThree) {
  for (const double value : make("normal", origin_of_row(0), widest))
    ASSERT_LE(std::abs(value), 2 * std::sqrt(3.0));
}

double correlation(const Row& a, const Row& b) {
  double sum = 0;
  for (std::size_t i = 0; i < b.size(); ++i) sum += a[i] * b[i];
  return sum / static_cast<double>(b.size());
}

TEST(Normal, HasNoCorrelationOfNeighboursRowsTensorsOrSeeds) {
  const RowOrigin origin = origin_of_row(0);
  const Row row = make("normal", origin, widest);
  for (std::ptrdiff_t lag = 1; lag <= 4; ++lag)
    EXPECT_NEAR(correlation(row, Row(row.begin() + lag, row.end())), 0, 0.01) << "lag " << lag;
  EXPECT_NEAR(correlation(row, make("normal", origin_of_row(1), widest)), 0, 0.01);
  EXPECT_NEAR(correlation(row, make("normal", {8, "x", origin.content, 0}, widest)), 0, 0.01);
  EXPECT_NEAR(correlation(row, make("normal", {7, "y", origin.content, 0}, widest)), 0, 0.01);
}

TEST(Normal, HasWeightsInEqualShares) {
  const Row row = make("normal", {7, "weight", Content::weight, 0}, widest);
  std::vector<int> counts(65);
  for (const double value : row) ++counts[static_cast<std::size_t>((value - 0.5) * 64)];
  for (std::size_t i = 0; i < counts.size(); ++i)
    EXPECT_NEAR(counts[i], widest / 65.0, 5 * std::sqrt(widest / 65.0)) << "of weight " << i;
}

// ---- exact ------------------------------------------------------------------------------------

TEST(Exact, HasEightValuesInEqualShares) {
  std::vector<int> counts(9);
  for (const double value : make("exact", origin_of_row(0), widest)) {
    ASSERT_TRUE(value != 0 && std::abs(value) <= 2 && std::fmod(value, 0.5) == 0) << value;
    ++counts[static_cast<std::size_t>(value * 2 + 4)];
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (i == 4) continue;  // there is no zero
    EXPECT_NEAR(counts[i], widest / 8.0, 5 * std::sqrt(widest / 8.0)) << i;
  }
}

TEST(Exact, IsHeldByEveryKernelFormatAsSumsOfTwoAre) {
  for (double value = -4; value <= 4; value += 0.5) {
    for (const Format format : kernel_formats)
      EXPECT_TRUE(is_representable(format, value)) << value;
  }
}

TEST(Exact, IsTheOnlyRecipeThatPromisesExactSums) {
  for (const Recipe& recipe : all_recipes())
    EXPECT_EQ(recipe.exact_sums_up_to > 0, recipe.name == "exact") << recipe.name;
}

// The promise: every partial sum, in any order, is a multiple of 0.25 of at most 24 bits.
TEST(Exact, KeepsEverySumOfSquaresWithin24Bits) {
  const double largest_sum = 2.0 + 2.0;
  EXPECT_LE(largest_sum * largest_sum * static_cast<double>(widest) / 0.25, 0x1p24);
}

TEST(Exact, SumsOfSquaresAreExactInFp32) {
  const Row x = make("exact", origin_of_row(0), widest);
  const Row residual = make("exact", {7, "residual", Content::residual, 0}, widest);
  constexpr std::size_t lanes = 32;
  std::vector<float> partial(lanes, 0.0f);
  float forwards = 0;
  float backwards = 0;
  double exact = 0;
  for (std::size_t i = 0; i < widest; ++i) {
    const double sum = x[i] + residual[i];
    exact += sum * sum;
    const auto square = static_cast<float>(sum * sum);
    forwards += square;
    partial[i % lanes] += square;
    const double mirrored = x[widest - 1 - i] + residual[widest - 1 - i];
    backwards += static_cast<float>(mirrored * mirrored);
    ASSERT_EQ(static_cast<double>(forwards), exact) << "at " << i;
  }
  float across = 0;
  for (const float value : partial) across += value;
  EXPECT_EQ(backwards, forwards);
  EXPECT_EQ(across, forwards);
}

}  // namespace
}  // namespace fusegate::suites
