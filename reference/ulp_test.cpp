#include "reference/ulp.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <ostream>
#include <vector>

#include <gtest/gtest.h>

namespace fusegate::reference {

// Names the tests of each format; GoogleTest looks for it beside Format.
static void PrintTo(Format format, std::ostream* out) {
  *out << format_name(format);
}

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using enum Subnormals;

TEST(UlpSize, IsTheBinadesUnit) {
  EXPECT_EQ(ulp_size(Format::fp32, 1.5), 0x1p-23);
  EXPECT_EQ(ulp_size(Format::fp32, -3.0), 0x1p-22);
  EXPECT_EQ(ulp_size(Format::fp16, 1000.0), 0.5);
  EXPECT_EQ(ulp_size(Format::bf16, 1000.0), 4);
  EXPECT_EQ(ulp_size(Format::e4m3fn, 300.0), 32);
  EXPECT_EQ(ulp_size(Format::e4m3fnuz, 200.0), 16);
  EXPECT_EQ(ulp_size(Format::e5m2, 1.1), 0.25);
  EXPECT_EQ(ulp_size(Format::e8m0, 5.0), 4);
  EXPECT_EQ(ulp_size(Format::e2m1, 2.5), 1);
}

TEST(UlpSize, AtAPowerOfTwoIsTheLowerBinades) {
  EXPECT_EQ(ulp_size(Format::fp32, 1.0), 0x1p-24);
  EXPECT_EQ(ulp_size(Format::fp32, std::nextafter(1.0, 2.0)), 0x1p-23);
  EXPECT_EQ(ulp_size(Format::fp32, std::nextafter(1.0, 0.0)), 0x1p-24);
  EXPECT_EQ(ulp_size(Format::e4m3fn, -256.0), 16);
  EXPECT_EQ(ulp_size(Format::e8m0, 4.0), 2);
}

TEST(UlpSize, IsConstantAmongTheSmallest) {
  for (const double exact : {0.0, -0.0, 0x1p-1074, 0x1p-24, 0x1.8p-15, 0x1p-14, 0x1.8p-14}) {
    EXPECT_EQ(ulp_size(Format::fp16, exact), 0x1p-24) << exact;
  }
  EXPECT_EQ(ulp_size(Format::fp32, 0.0), 0x1p-149);
  EXPECT_EQ(ulp_size(Format::e4m3fnuz, 0.0), 0x1p-10);
  EXPECT_EQ(ulp_size(Format::e8m0, 0.0), 0x1p-127);
  EXPECT_EQ(ulp_size(Format::e2m1, 0.7), 0.5);
}

TEST(UlpSize, IsConstantFromTheLargestBinadeOn) {
  for (const double exact : {40000.0, 65504.0, 65536.0, 1e9, 1e300, infinity}) {
    EXPECT_EQ(ulp_size(Format::fp16, exact), 32) << exact;
  }
  EXPECT_EQ(ulp_size(Format::e4m3fn, 1e9), 32);
  EXPECT_EQ(ulp_size(Format::e2m1, 100.0), 2);
}

TEST(UlpSize, OfNanIsNan) {
  EXPECT_TRUE(std::isnan(ulp_size(Format::fp32, nan)));
}

TEST(UlpError, Rule1IsAgainstTheExactValueWithItsSign) {
  EXPECT_EQ(ulp_error(Format::bf16, 1.5, 1.5 + 0x1p-9), -0.25);
  EXPECT_EQ(ulp_error(Format::bf16, -1.5, -1.5 - 0x1p-9), 0.25);
  EXPECT_EQ(ulp_error(Format::fp16, 1.25 + 0x1p-9, 1.25), 2);
  // The gap above a power of two is two of the units at it.
  EXPECT_EQ(ulp_error(Format::fp32, 1 + 0x1p-23, 1), 2);
  EXPECT_EQ(ulp_error(Format::fp32, 1 - 0x1p-24, 1), -1);
}

TEST(UlpError, Rule2ExpectsAnyNan) {
  EXPECT_EQ(ulp_error(Format::fp32, nan, nan), 0);
  EXPECT_EQ(ulp_error(Format::fp32, -nan, nan), 0);
  EXPECT_EQ(ulp_error(Format::e8m0, nan, -1), 0);
  EXPECT_EQ(ulp_error(Format::fp32, 1, nan), infinity);
  EXPECT_EQ(ulp_error(Format::fp32, infinity, nan), infinity);
  EXPECT_EQ(ulp_error(Format::e8m0, 1, -1), infinity);
  EXPECT_EQ(ulp_error(Format::e2m1, 6, nan), infinity);
}

TEST(UlpError, Rule3UnexpectedNanIsInfinitelyWrong) {
  EXPECT_EQ(ulp_error(Format::fp16, nan, 1), infinity);
  EXPECT_EQ(ulp_error(Format::fp16, nan, 65504), infinity);
  EXPECT_EQ(ulp_error(Format::fp16, nan, 1e9), infinity);
  EXPECT_EQ(ulp_error(Format::fp16, nan, infinity), infinity);
  EXPECT_EQ(ulp_error(Format::e4m3fn, nan, 255), infinity);
}

TEST(UlpError, Rule4OverflowIsRightAsTheSpecial) {
  EXPECT_EQ(ulp_error(Format::fp16, infinity, 65520), 0);
  EXPECT_EQ(ulp_error(Format::fp16, -infinity, -1e9), 0);
  EXPECT_EQ(ulp_error(Format::e4m3fn, nan, 464.5), 0);
  EXPECT_EQ(ulp_error(Format::e4m3fnuz, nan, -248), 0);
  EXPECT_EQ(ulp_error(Format::e8m0, nan, 0x1.8p127), 0);
  EXPECT_EQ(ulp_error(Format::e2m1, -6, -100), 0);
}

TEST(UlpError, Rule4OverflowToAnythingElseHasItsDistance) {
  EXPECT_EQ(ulp_error(Format::fp16, 65504, 65520), -0.5);
  EXPECT_EQ(ulp_error(Format::fp16, 65504, 65504 + 320), -10);
  EXPECT_EQ(ulp_error(Format::e4m3fn, 448, 480), -1);
  EXPECT_EQ(ulp_error(Format::e4m3fn, 416, 480), -2);
  EXPECT_EQ(ulp_error(Format::e2m1, 4, 8), -2);
  EXPECT_EQ(ulp_error(Format::fp16, -infinity, 65536), -4096);
}

TEST(UlpError, Rule4BeginsWhereEncodeOverflows) {
  for (const Format format : all_formats) {
    const FormatTraits& t = format_traits(format);
    const double unit = std::ldexp(1.0, t.max_exponent - t.mantissa_bits);
    const double midpoint = t.largest_finite + unit / 2;
    for (const double exact :
         {std::nextafter(midpoint, 0.0), midpoint, std::nextafter(midpoint, infinity)}) {
      const double special = decode(format, encode(format, exact));
      if (special == t.largest_finite) continue;
      EXPECT_EQ(ulp_error(format, special, exact), 0) << format_name(format) << " " << exact;
    }
  }
}

TEST(UlpError, Rule5AnythingElseThanAnExactInfinityIsInfinitelyWrong) {
  EXPECT_EQ(ulp_error(Format::fp32, infinity, infinity), 0);
  EXPECT_EQ(ulp_error(Format::e4m3fn, nan, -infinity), 0);
  EXPECT_EQ(ulp_error(Format::e2m1, 6, infinity), 0);
  EXPECT_EQ(ulp_error(Format::fp32, 0x1.fffffep127, infinity), -infinity);
  EXPECT_EQ(ulp_error(Format::fp32, -infinity, infinity), -infinity);
  EXPECT_EQ(ulp_error(Format::fp32, 1, -infinity), infinity);
}

TEST(UlpError, Rule6PrematureOverflowCountsAsTheNextNumber) {
  EXPECT_EQ(ulp_error(Format::fp16, infinity, 65504), 1);
  EXPECT_EQ(ulp_error(Format::fp16, -infinity, -65504 + 32), -2);
  EXPECT_EQ(ulp_error(Format::bf16, infinity, 0x1.fep127), 1);
  EXPECT_EQ(ulp_error(Format::fp16, infinity, 1.5), (65536 - 1.5) * 1024);
  EXPECT_EQ(ulp_error(Format::e4m3fn, nan, 448), 1);
  EXPECT_EQ(ulp_error(Format::e4m3fn, nan, 464), 0.5);
  EXPECT_EQ(ulp_error(Format::e4m3fn, nan, -416), -2);
  EXPECT_EQ(ulp_error(Format::e4m3fn, nan, 256), 14);
  EXPECT_EQ(ulp_error(Format::e5m2fnuz, nan, 57344), 1);
  EXPECT_EQ(ulp_error(Format::e8m0, nan, 0x1.4p127), 0.75);
}

TEST(UlpError, Rule7SignOfZeroDoesNotMatter) {
  EXPECT_EQ(ulp_error(Format::fp32, -0.0, 0.0), 0);
  EXPECT_EQ(ulp_error(Format::fp32, 0.0, -0x1p-150), 0.5);
  EXPECT_EQ(ulp_error(Format::fp32, -0.0, -0x1p-150), 0.5);
}

TEST(UlpError, Rule8KeptSubnormalsMustNotBeZero) {
  EXPECT_EQ(ulp_error(Format::fp16, 0, 0x1p-15), -512);
  EXPECT_EQ(ulp_error(Format::fp16, 0, 0x1p-15, keep), -512);
}

TEST(UlpError, Rule8FlushedSubnormalsMayBeZero) {
  EXPECT_EQ(ulp_error(Format::fp16, 0, 0x1p-15, flush), 0);
  EXPECT_EQ(ulp_error(Format::fp16, -0.0, 0x1p-15, flush), 0);
  EXPECT_EQ(ulp_error(Format::fp16, 0, -std::nextafter(0x1p-14, 0.0), flush), 0);
  EXPECT_EQ(ulp_error(Format::e4m3fn, 0, 0x1.cp-7, flush), 0);
}

TEST(UlpError, Rule8NearTheSmallestNormalZeroCountsAsJustBelowIt) {
  EXPECT_EQ(ulp_error(Format::fp16, 0, 0x1p-14, flush), -0.5);
  EXPECT_EQ(ulp_error(Format::fp16, 0, 0x1p-14 + 0x1p-24, flush), -1.5);
  EXPECT_EQ(ulp_error(Format::fp16, -0.0, -0x1p-14, flush), 0.5);
}

TEST(UlpError, Rule8MakesNothingButZeroRight) {
  EXPECT_EQ(ulp_error(Format::fp16, 0x1p-24, 0x1p-15, flush), 1 - 512);
  EXPECT_EQ(ulp_error(Format::fp16, 0x1p-15, 0x1p-15, flush), 0);
}

TEST(UlpError, Rule9Int8SaturatesAndHasNoNan) {
  EXPECT_EQ(ulp_error(Format::int8, 3, 2.5), 0.5);
  EXPECT_EQ(ulp_error(Format::int8, 127, 1000), 0);
  EXPECT_EQ(ulp_error(Format::int8, -128, -infinity), 0);
  EXPECT_EQ(ulp_error(Format::int8, -127, -1000), 873);
  EXPECT_EQ(ulp_error(Format::int8, 0, nan), 0);
  EXPECT_EQ(ulp_error(Format::int8, 1, nan), infinity);
}

class EveryFormatsUlp : public testing::TestWithParam<Format> {};
INSTANTIATE_TEST_SUITE_P(Ulp, EveryFormatsUlp, testing::ValuesIn(all_formats));

TEST_P(EveryFormatsUlp, CorrectRoundingIsWithinHalfAUnit) {
  const Format format = GetParam();
  const FormatTraits& t = format_traits(format);
  // A million doubles from below the smallest to beyond the largest number, densest at no place.
  const double from = std::log2(t.smallest_subnormal) - (t.has_zero ? 2 : 0);
  const double step = (std::log2(t.largest_finite) + 1 - from) / 1e6;
  for (int i = 0; i < 1000000; ++i) {
    const double exact = std::exp2(from + i * step);
    const double error = ulp_error(format, decode(format, encode(format, exact)), exact);
    ASSERT_LE(std::abs(error), 0.5) << format_name(format) << " of " << exact;
  }
}

TEST_P(EveryFormatsUlp, ANumberIsItself) {
  const Format format = GetParam();
  const int bits = format_traits(format).storage_bits;
  const std::uint32_t step = bits == 32 ? 65521 : 1;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << bits; code += step) {
    const double number = decode(format, static_cast<std::uint32_t>(code));
    ASSERT_EQ(ulp_error(format, number, number), 0) << "pattern " << code;
  }
}

}  // namespace
}  // namespace fusegate::reference
