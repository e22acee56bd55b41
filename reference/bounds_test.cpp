#include "reference/bounds.hpp"

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "reference/rms_norm.hpp"
#include "reference/ulp.hpp"

namespace fusegate::reference {
namespace {

// Higham's gamma, with u = 2^-24, in ulps of a format with `precision` bits.
double gamma_ulps(double factors, int precision) {
  const double ku = factors * 0x1p-24;
  return ku / (1 - ku) * std::exp2(precision);
}

// A case of the analysis with the number of factors that comes out by hand.
struct ByHand {
  const char* name;
  NormBound norm;
  double factors;
  int precision;
  double storing;
};

std::string name_of(const testing::TestParamInfo<ByHand>& hand) {
  return hand.param.name;
}

class NormBoundByHand : public testing::TestWithParam<ByHand> {};

TEST_P(NormBoundByHand, IsStoringPlusGammaOfTheFactors) {
  const ByHand& hand = GetParam();
  EXPECT_DOUBLE_EQ(norm_bound(hand.norm).ulps,
                   hand.storing + gamma_ulps(hand.factors, hand.precision));
}

constexpr auto half = Format::fp16;
constexpr auto brain = Format::bf16;
constexpr auto single = Format::fp32;
constexpr auto truncate = Rounding::toward_zero;

// Under the root: 1 for the square, the chain of additions, 1 for / n, 2 for eps; halved. Outside:
// 4 for rsqrt and 2 for the products, of which fp32's last one is the storing.
INSTANTIATE_TEST_SUITE_P(
    Norm, NormBoundByHand,
    testing::Values(
        // One element: 5 additions across lanes. (1 + 5 + 3) / 2 + 6.
        ByHand{"one", {.format = half, .width = 1}, 10.5, 11, 0.5},
        // Up to 8 in a lane are one access: (1 + 7 + 5 + 3) / 2 + 6.
        ByHand{"an_access_in_one_lane", {.format = half, .width = 8}, 14, 11, 0.5},
        ByHand{"an_access_in_each_lane", {.format = half, .width = 256}, 14, 11, 0.5},
        // A lane with a second access: (1 + 15 + 5 + 3) / 2 + 6.
        ByHand{"two_accesses_in_a_lane", {.format = half, .width = 257}, 18, 11, 0.5},
        // (1 + 127 + 5 + 3) / 2 + 6.
        ByHand{"wide", {.format = half, .width = 4096}, 74, 11, 0.5},
        ByHand{"bf16", {.format = brain, .width = 64}, 14, 8, 0.5},
        // (3) / 2 + 6: neither squares nor additions round.
        ByHand{"exact", {.format = half, .width = 4096, .exact_sums = true}, 7.5, 11, 0.5},
        // x + residual is 2 more under the root and 1 in the element: (1 + 12 + 3 + 2) / 2 + 7.
        ByHand{"residual", {.format = half, .width = 64, .with_residual = true}, 16, 11, 0.5},
        ByHand{"exact_residual",
               {.format = half, .width = 64, .exact_sums = true, .with_residual = true},
               9.5,
               11,
               0.5},
        ByHand{"truncated", {.format = half, .width = 64, .store = truncate}, 14, 11, 1},
        ByHand{
            "weight_plus_one", {.format = half, .width = 64, .adds_to_weight = true}, 15, 11, 0.5},
        // Rounded before the weight: one ulp more, or two where that cuts off too, which may cross
        // a power of two like any error of an ulp; in fp32 it is one of the 13.
        ByHand{"rounded_before_weight",
               {.format = half, .width = 64, .rounds_before_weight = true},
               14,
               11,
               2},
        ByHand{"truncated_before_weight",
               {.format = half, .width = 64, .store = truncate, .rounds_before_weight = true},
               14,
               11,
               4},
        ByHand{"fp32_before_weight",
               {.format = single, .width = 64, .rounds_before_weight = true},
               13,
               24,
               1},
        // An error of many ulps before storing: a power of two's neighbours may be meant, so
        // storing costs a unit of the upper binade. (1 + 12 + 3) / 2 + 5.
        ByHand{"fp32", {.format = single, .width = 64}, 13, 24, 1},
        ByHand{"fp32_exact", {.format = single, .width = 64, .exact_sums = true}, 6.5, 24, 1},
        ByHand{"fp32_residual", {.format = single, .width = 64, .with_residual = true}, 15, 24, 1},
        ByHand{"fp32_truncated", {.format = single, .width = 64, .store = truncate}, 13, 24, 2},
        // 8186 factors are just under one ulp of fp16, 8190 just over: 8188 (2^-13 + 2^-24) < 1.
        ByHand{"just_under_an_ulp", {.format = half, .width = 523264}, 8186, 11, 0.5},
        ByHand{"just_over_an_ulp", {.format = half, .width = 523265}, 8190, 11, 1},
        ByHand{"truncated_over_an_ulp",
               {.format = half, .width = 523265, .store = truncate},
               8190,
               11,
               2}),
    name_of);

TEST(NormBound, SaysHowItComesAbout) {
  EXPECT_EQ(norm_bound({.format = half, .width = 64}).derivation,
            "0.5 for storing + 14 roundings of fp32, each 2^-13 ulp of fp16");
  EXPECT_EQ(norm_bound({.format = single, .width = 64}).derivation,
            "1 for storing + 13 roundings of fp32, each 2^0 ulp of fp32");
}

// 14 for the value of 64 elements, as above.
TEST(ScaleBound, IsTheValuesFactorsAndTheDivision) {
  EXPECT_DOUBLE_EQ(scale_bound({.format = half, .width = 64}).ulps, 1 + gamma_ulps(14, 24));
}

TEST(CodeBound, HasTheScalesErrorWhereTheScaleIsComputed) {
  const NormBound norm{.format = half, .width = 64};
  constexpr auto nearest = Rounding::nearest_even;
  EXPECT_DOUBLE_EQ(code_bound(norm, Format::e4m3fn, false, nearest).ulps, 0.5 + gamma_ulps(16, 4));
  EXPECT_DOUBLE_EQ(code_bound(norm, Format::e4m3fn, true, nearest).ulps, 0.5 + gamma_ulps(31, 4));
  EXPECT_DOUBLE_EQ(code_bound(norm, Format::int8, true, nearest).ulps, 0.5 + gamma_ulps(31, 7));
  EXPECT_DOUBLE_EQ(code_bound(norm, Format::int8, false, truncate).ulps, 1 + gamma_ulps(16, 7));
}

TEST(ResidualBound, OfFp32IsTheStoringAlone) {
  EXPECT_EQ(residual_bound(single, Rounding::nearest_even).ulps, 0.5);
  EXPECT_EQ(residual_bound(single, truncate).ulps, 1);
}

TEST(ResidualBound, Of16BitsHasTheRoundingOfTheSumToo) {
  EXPECT_DOUBLE_EQ(residual_bound(half, Rounding::nearest_even).ulps, 0.5 + gamma_ulps(1, 11));
  EXPECT_DOUBLE_EQ(residual_bound(brain, truncate).ulps, 1 + gamma_ulps(1, 8));
}

TEST(ResidualBound, SaysHowItComesAbout) {
  EXPECT_EQ(residual_bound(brain, Rounding::nearest_even).derivation,
            "0.5 for storing + 1 roundings of fp32, each 2^-16 ulp of bf16");
}

// ---- The bound against what it bounds ---------------------------------------------------------

// A norm as a GPU with 32 lanes computes it that read `access` elements at once, every operation
// rounded to fp32.
std::vector<float> norm_in_fp32(const std::vector<float>& x, const std::vector<float>& weight,
                                float eps, std::size_t access) {
  std::vector<float> lanes(32, 0.0f);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float square = x[i] * x[i];
    float& lane = lanes[i / access % 32];
    lane = lane + square;
  }
  for (std::size_t step = 16; step > 0; step /= 2) {
    for (std::size_t lane = 0; lane < step; ++lane) lanes[lane] = lanes[lane] + lanes[lane + step];
  }
  const float mean = lanes[0] / static_cast<float>(x.size());
  const float inverse = 1.0f / std::sqrt(mean + eps);
  std::vector<float> out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * inverse * weight[i];
  return out;
}

class BoundHolds : public testing::TestWithParam<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(Widths, BoundHolds, testing::Values(1, 33, 64, 256, 769, 8200, 131072));

TEST_P(BoundHolds, ForAPlainImplementationInFp32) {
  const auto width = static_cast<std::size_t>(GetParam());
  std::mt19937 random(static_cast<unsigned>(width));
  std::normal_distribution<float> normal;
  for (int row = 0; row < 10; ++row) {
    std::vector<float> x(width), weight(width);
    for (float& value : x) value = normal(random);
    for (float& value : weight) value = normal(random);
    std::vector<double> exact(x.begin(), x.end());
    rms_norm(exact, std::vector<double>(weight.begin(), weight.end()), 0x1p-20, exact);
    for (const std::size_t access : {1u, 8u}) {
      const auto actual = norm_in_fp32(x, weight, 0x1p-20f, access);
      for (const Format format : {single, half, brain}) {
        const double limit = norm_bound({.format = format, .width = GetParam()}).ulps;
        for (std::size_t i = 0; i < width; ++i) {
          const double stored = decode(format, encode(format, actual[i]));
          ASSERT_LE(std::abs(ulp_error(format, stored, exact[i])), limit)
              << format_name(format) << " at " << i << " of row " << row;
        }
      }
    }
  }
}

}  // namespace
}  // namespace fusegate::reference
