// The recipes that are "as normal" but for one thing: that one thing, and nothing else.
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suites/recipe.hpp"

namespace fusegate::suites {
namespace {

using reference::Format;
using Row = std::vector<double>;

constexpr std::size_t wide = std::size_t{1} << 18;

Row make(const std::string& recipe, std::int64_t row, std::size_t size = 4096,
         Format format = Format::fp32, Content content = Content::activation) {
  Row values(size);
  make_row(find_recipe(recipe), {.seed = 7, .tensor = "x", .content = content, .row = row}, format,
           values);
  return values;
}

// ---- outlier ----------------------------------------------------------------------------------

TEST(Outlier, IsNormalButForElementsThatAre64TimesAsLarge) {
  const Row normal = make("normal", 0, wide);
  const Row outlier = make("outlier", 0, wide);
  for (std::size_t i = 0; i < wide; ++i)
    ASSERT_TRUE(outlier[i] == normal[i] || outlier[i] == 64 * normal[i]) << "at " << i;
}

TEST(Outlier, HasOneIn256) {
  const Row normal = make("normal", 0, wide);
  const Row outlier = make("outlier", 0, wide);
  int outliers = 0;
  for (std::size_t i = 0; i < wide; ++i) outliers += outlier[i] != normal[i];
  EXPECT_NEAR(outliers, wide / 256.0, 5 * std::sqrt(wide / 256.0));
}

// ---- zero_row ---------------------------------------------------------------------------------

TEST(ZeroRow, HasEveryFourthRowZeroAndTheOthersNormal) {
  for (std::int64_t row = 0; row < 12; ++row) {
    const Row expected = row % 4 == 3 ? Row(4096, 0.0) : make("normal", row);
    EXPECT_EQ(make("zero_row", row), expected) << "row " << row;
  }
}

TEST(ZeroRow, IsZeroInTheResidualToo) {
  EXPECT_EQ(make("zero_row", 3, 64, Format::fp32, Content::residual), Row(64, 0.0));
}

// ---- nonfinite --------------------------------------------------------------------------------

// Positions at which a row differs from the normal one.
std::vector<std::size_t> planted(std::int64_t row) {
  const Row normal = make("normal", row);
  const Row nonfinite = make("nonfinite", row);
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < normal.size(); ++i) {
    if (nonfinite[i] != normal[i]) positions.push_back(i);
  }
  return positions;
}

TEST(Nonfinite, HasOneInfinityInRows1And5) {
  for (const std::int64_t row : {1, 5, 9}) {
    ASSERT_EQ(planted(row).size(), 1u) << "row " << row;
    EXPECT_EQ(make("nonfinite", row)[planted(row)[0]], std::numeric_limits<double>::infinity())
        << "row " << row;
  }
}

TEST(Nonfinite, HasOneNanInRows2And6) {
  for (const std::int64_t row : {2, 6, 10}) {
    ASSERT_EQ(planted(row).size(), 1u) << "row " << row;
    EXPECT_TRUE(std::isnan(make("nonfinite", row)[planted(row)[0]])) << "row " << row;
  }
}

TEST(Nonfinite, IsNormalInTheOtherRows) {
  for (const std::int64_t row : {0, 3, 4, 7, 8})
    EXPECT_EQ(planted(row).size(), 0u) << "row " << row;
}

TEST(Nonfinite, IsAtPlacesThatDiffer) {
  std::set<std::size_t> places;
  for (std::int64_t row = 1; row < 160; row += 4) places.insert(planted(row).at(0));
  EXPECT_GT(places.size(), 35u) << "of 40 rows";
}

TEST(Nonfinite, FindsAPlaceInTheShortestRow) {
  EXPECT_TRUE(std::isinf(make("nonfinite", 1, 1)[0]));
  EXPECT_TRUE(std::isnan(make("nonfinite", 2, 1)[0]));
}

// ---- tiny and large ---------------------------------------------------------------------------

struct Scaled {
  const char* recipe;
  Format format;
  double scale;
};

class ScaledRecipe : public testing::TestWithParam<Scaled> {};
INSTANTIATE_TEST_SUITE_P(
    Recipes, ScaledRecipe,
    testing::Values(Scaled{"tiny", Format::fp16, 0x1p-20}, Scaled{"tiny", Format::bf16, 0x1p-50},
                    Scaled{"tiny", Format::fp32, 0x1p-50}, Scaled{"large", Format::fp16, 0x1p12},
                    Scaled{"large", Format::bf16, 0x1p40}, Scaled{"large", Format::fp32, 0x1p40}));

TEST_P(ScaledRecipe, IsNormalTimesAPowerOfTwo) {
  const auto [recipe, format, scale] = GetParam();
  Row expected = make("normal", 0);
  for (double& value : expected) value *= scale;
  EXPECT_EQ(make(recipe, 0, 4096, format), expected);
}

TEST_P(ScaledRecipe, LeavesSumsOfTwoFinite) {
  const auto [recipe, format, scale] = GetParam();
  const double largest = 2 * std::sqrt(3.0) * scale;
  EXPECT_LE(2 * largest, reference::format_traits(format).largest_finite);
}

TEST(Tiny, IsSubnormalInFp16) {
  for (const double value : make("tiny", 0, 4096, Format::fp16))
    ASSERT_LT(std::abs(value), reference::format_traits(Format::fp16).smallest_normal);
}

TEST(Tiny, IsNotLostInFp16) {
  int zeros = 0;
  for (const double value : make("tiny", 0, 4096, Format::fp16))
    zeros += reference::encode(Format::fp16, value) % 0x8000 == 0;
  EXPECT_LT(zeros, 4096 / 20);
}

}  // namespace
}  // namespace fusegate::suites
