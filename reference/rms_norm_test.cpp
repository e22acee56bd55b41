#include "reference/rms_norm.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace fusegate::reference {
namespace {

using Row = std::vector<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Row norm(const Row& x, const Row& weight, double eps) {
  Row out(x.size(), -1);
  rms_norm(x, weight, eps, out);
  return out;
}

void expect_near(const Row& actual, const Row& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    EXPECT_NEAR(actual[i], expected[i], 4e-16 * std::abs(expected[i])) << "at " << i;
  }
}

TEST(RmsNorm, DividesByTheRootOfTheMeanOfSquares) {
  expect_near(norm({1, -7}, {1, 1}, 0), {0.2, -1.4});  // (1 + 49) / 2 = 5^2
}

TEST(RmsNorm, MultipliesByTheWeightOfTheColumn) {
  expect_near(norm({1, -7}, {10, 0.5}, 0), {2, -0.7});
}

TEST(RmsNorm, AddsEpsUnderTheRoot) {
  expect_near(norm({3, 3}, {1, 1}, 7), {0.75, 0.75});  // 9 + 7 = 4^2
}

TEST(RmsNorm, DoesNotTakeTheMeanOut) {
  expect_near(norm({2, 2, 2}, {1, 2, 3}, 0), {1, 2, 3});
}

class RandomRows : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Widths, RandomRows, testing::Values(1, 2, 3, 7, 255, 4096, 8200, 131072));

TEST_P(RandomRows, AreWithinTheirBoundOfAPlainLoop) {
  const std::size_t size = GetParam();
  std::mt19937_64 random(size);
  std::normal_distribution<double> normal;
  Row x(size), weight(size);
  for (double& value : x) value = normal(random) * 100;
  for (double& value : weight) value = normal(random);
  constexpr double eps = 1e-3;

  long double sum = 0;
  for (const double value : x) sum += static_cast<long double>(value) * value;
  const long double rms = std::sqrt(sum / static_cast<long double>(size) + eps);
  const Row out = norm(x, weight, eps);
  // Four operations outside the sum: the bound of the header, and they for the shortest rows.
  const long double bound = static_cast<long double>(size + 4) * 0x1p-53L;
  for (std::size_t i = 0; i < size; ++i) {
    const long double expected = x[i] / rms * weight[i];
    ASSERT_LE(std::abs(out[i] - expected), bound * std::abs(expected)) << "at " << i;
  }
}

TEST(RmsNorm, OfZerosIsZeroWhereEpsIsNot) {
  EXPECT_EQ(norm({0, 0}, {1, 1}, 1e-6), (Row{0, 0}));
}

TEST(RmsNorm, OfZerosWithoutEpsIsNan) {
  for (const double value : norm({0, 0}, {1, 1}, 0)) EXPECT_TRUE(std::isnan(value)) << value;
}

TEST(RmsNorm, OfAnInfinityIsNanThereAndZeroElsewhere) {
  for (const double infinite : {infinity, -infinity}) {
    const Row out = norm({1, infinite, -2}, {1, 1, 1}, 1e-6);
    EXPECT_TRUE(std::isnan(out[1])) << out[1];
    EXPECT_EQ(out[0], 0);
    EXPECT_EQ(out[2], 0);
  }
}

TEST(RmsNorm, OfANanIsNanEverywhere) {
  for (const double value : norm({1, nan, 2}, {1, 1, 1}, 1e-6))
    EXPECT_TRUE(std::isnan(value)) << value;
}

TEST(RmsNorm, MayBeInPlace) {
  Row x{1, -7, 3, 5, -11};
  const Row weight{1, 2, 3, 4, 5};
  const Row apart = norm(x, weight, 1e-6);
  rms_norm(x, weight, 1e-6, x);
  EXPECT_EQ(x, apart);
}

// ---- residual_add -----------------------------------------------------------------------------

constexpr NumericPolicy unrounded{};
constexpr NumericPolicy rounded{.norm_of_rounded_sum = true};
constexpr NumericPolicy truncated{.store = Rounding::toward_zero, .norm_of_rounded_sum = true};

// 1 and three quarters of fp16's unit above it.
const Row x_row{1, -1};
const Row residual_row{0x1.8p-11, -0x1.8p-11};

Row sum(const NumericPolicy& policy, Format format = Format::fp16) {
  Row result(2, -9);
  residual_add(x_row, residual_row, format, policy, result);
  return result;
}

TEST(ResidualAdd, IsExactUnlessThePolicyRounds) {
  EXPECT_EQ(sum(unrounded), (Row{1 + 0x1.8p-11, -1 - 0x1.8p-11}));
}

TEST(ResidualAdd, RoundsToNearestWithThePolicy) {
  EXPECT_EQ(sum(rounded), (Row{1 + 0x1p-10, -1 - 0x1p-10}));
}

TEST(ResidualAdd, TruncatesWithThePolicy) {
  EXPECT_EQ(sum(truncated), (Row{1, -1}));
}

TEST(ResidualAdd, TruncationOfTheStoreAloneLeavesTheSumExact) {
  EXPECT_EQ(sum({.store = Rounding::toward_zero}), sum(unrounded));
}

TEST(ResidualAdd, RoundsToTheFormatThatIsGiven) {
  EXPECT_EQ(sum(rounded, Format::fp32), sum(unrounded));
  EXPECT_EQ(sum(rounded, Format::bf16), (Row{1, -1}));
}

TEST(ResidualAdd, MayBeInPlaceOfEither) {
  for (const NumericPolicy& policy : {unrounded, rounded}) {
    Row x = x_row;
    residual_add(x, residual_row, Format::fp16, policy, x);
    EXPECT_EQ(x, sum(policy)) << policy_text(policy);
    Row residual = residual_row;
    residual_add(x_row, residual, Format::fp16, policy, residual);
    EXPECT_EQ(residual, sum(policy)) << policy_text(policy);
  }
}

TEST(ResidualAdd, OverflowsOnlyWhereItRounds) {
  const Row largest{65504};
  Row result(1);
  residual_add(largest, largest, Format::fp16, unrounded, result);
  EXPECT_EQ(result, Row{131008});
  residual_add(largest, largest, Format::fp16, rounded, result);
  EXPECT_EQ(result, Row{infinity});
}

}  // namespace
}  // namespace fusegate::reference
