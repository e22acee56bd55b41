#include "reference/formats.hpp"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace fusegate::reference {
namespace {

TEST(Int8, RoundsTiesToEvenOrCutsOff) {
  EXPECT_EQ(encode(Format::int8, 2.5), 2U);
  EXPECT_EQ(encode(Format::int8, 3.5), 4U);
  EXPECT_EQ(encode(Format::int8, -2.5), 0xfeU);
  EXPECT_EQ(encode(Format::int8, -2.9, Rounding::toward_zero), 0xfeU);
}

TEST(Int8, SaturatesAndMakesNanZero) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(encode(Format::int8, 127.5), 0x7fU);
  EXPECT_EQ(encode(Format::int8, -infinity), 0x80U);
  EXPECT_EQ(encode(Format::int8, std::numeric_limits<double>::quiet_NaN()), 0U);
}

TEST(Int8, IsTwosComplement) {
  EXPECT_EQ(decode(Format::int8, 0x80), -128);
  EXPECT_EQ(decode(Format::int8, 0xff), -1);
  EXPECT_EQ(decode(Format::int8, 0x7f), 127);
}

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();
using enum Rounding;
using enum Overflow;

TEST(Formats, NamesParseBack) {
  for (const Format format : all_formats) EXPECT_EQ(parse_format(format_name(format)), format);
}

TEST(Formats, UnknownNamesAreNoFormat) {
  for (const char* name : {"", "FP16", "e4m3", "fp16 ", "float"}) {
    EXPECT_EQ(parse_format(name), std::nullopt) << name;
  }
}

struct Special {
  Format format;
  double value;
  Rounding rounding;
  Overflow overflow;
  std::uint32_t expected;
};

void expect_codes(const std::vector<Special>& cases) {
  for (const Special& c : cases) {
    EXPECT_EQ(encode(c.format, c.value, c.rounding, c.overflow), c.expected)
        << format_name(c.format) << " of " << c.value
        << (c.rounding == toward_zero ? ", toward zero" : ", nearest")
        << (c.overflow == saturate ? ", saturated" : "");
  }
}

TEST(Encode, InfinityIsTheSpecialOrTheLargest) {
  for (const Rounding r : {nearest_even, toward_zero}) {
    expect_codes({{Format::fp32, infinity, r, to_special, 0x7f800000},
                  {Format::fp32, -infinity, r, saturate, 0xff7fffff},
                  {Format::fp16, -infinity, r, to_special, 0xfc00},
                  {Format::fp16, infinity, r, saturate, 0x7bff},
                  {Format::bf16, infinity, r, to_special, 0x7f80},
                  {Format::bf16, infinity, r, saturate, 0x7f7f},
                  {Format::e4m3fn, infinity, r, to_special, 0x7f},
                  {Format::e4m3fn, -infinity, r, to_special, 0xff},
                  {Format::e4m3fn, -infinity, r, saturate, 0xfe},
                  {Format::e4m3fnuz, -infinity, r, to_special, 0x80},
                  {Format::e4m3fnuz, -infinity, r, saturate, 0xff},
                  {Format::e5m2, -infinity, r, to_special, 0xfc},
                  {Format::e5m2, infinity, r, saturate, 0x7b},
                  {Format::e5m2fnuz, infinity, r, to_special, 0x80},
                  {Format::e5m2fnuz, infinity, r, saturate, 0x7f},
                  {Format::e8m0, infinity, r, to_special, 0xff},
                  {Format::e8m0, infinity, r, saturate, 0xfe},
                  {Format::e8m0, -infinity, r, saturate, 0xff},
                  {Format::e2m1, infinity, r, to_special, 0x7},
                  {Format::e2m1, -infinity, r, saturate, 0xf}});
  }
}

TEST(Encode, NanIsOnePatternAndNeverSaturates) {
  for (const double nan : {quiet_nan, -quiet_nan}) {
    for (const Rounding r : {nearest_even, toward_zero}) {
      for (const Overflow o : {to_special, saturate}) {
        expect_codes({{Format::fp32, nan, r, o, 0x7fc00000},
                      {Format::fp16, nan, r, o, 0x7e00},
                      {Format::bf16, nan, r, o, 0x7fc0},
                      {Format::e4m3fn, nan, r, o, 0x7f},
                      {Format::e4m3fnuz, nan, r, o, 0x80},
                      {Format::e5m2, nan, r, o, 0x7e},
                      {Format::e5m2fnuz, nan, r, o, 0x80},
                      {Format::e8m0, nan, r, o, 0xff},
                      {Format::e2m1, nan, r, o, 0x7}});
      }
    }
  }
}

TEST(Encode, OverflowBeginsAtTheMidpointBeyondTheLargest) {
  expect_codes({{Format::fp16, 65519.999, nearest_even, to_special, 0x7bff},
                {Format::fp16, 65520, nearest_even, to_special, 0x7c00},
                {Format::e5m2, 61439.999, nearest_even, to_special, 0x7b},
                {Format::e5m2, 61440, nearest_even, to_special, 0x7c},
                {Format::e4m3fnuz, 247.999, nearest_even, to_special, 0x7f},
                {Format::e4m3fnuz, 248, nearest_even, to_special, 0x80},
                {Format::e8m0, 0x1.7fffffp127, nearest_even, to_special, 0xfe},
                {Format::e8m0, 0x1.8p127, nearest_even, to_special, 0xff}});
}

TEST(Encode, TheMidpointBeyond448IsEven) {
  expect_codes({{Format::e4m3fn, 464, nearest_even, to_special, 0x7e},
                {Format::e4m3fn, 464.0001, nearest_even, to_special, 0x7f},
                {Format::e4m3fn, -464.0001, nearest_even, to_special, 0xff},
                {Format::e4m3fn, 464.0001, nearest_even, saturate, 0x7e}});
}

TEST(Encode, TruncationNeverOverflowsAFiniteValue) {
  expect_codes({{Format::fp32, 1e300, toward_zero, to_special, 0x7f7fffff},
                {Format::bf16, -1e300, toward_zero, to_special, 0xff7f},
                {Format::e4m3fn, 1e300, toward_zero, to_special, 0x7e},
                {Format::e8m0, 1e300, toward_zero, to_special, 0xfe}});
}

TEST(Encode, FnuzHasNoNegativeZero) {
  expect_codes({{Format::e4m3fnuz, -0.0, nearest_even, to_special, 0},
                {Format::e4m3fnuz, -0x1p-11, nearest_even, to_special, 0},
                {Format::e5m2fnuz, -0x1p-18, toward_zero, to_special, 0}});
}

TEST(Encode, E8m0TakesZeroAsTheSmallestAndNegativesAsNan) {
  expect_codes({{Format::e8m0, 0.0, nearest_even, to_special, 0},
                {Format::e8m0, -0.0, nearest_even, to_special, 0},
                {Format::e8m0, 0x1p-1074, nearest_even, to_special, 0},
                {Format::e8m0, 0x1p-130, toward_zero, to_special, 0},
                {Format::e8m0, -0x1p-1074, nearest_even, to_special, 0xff},
                {Format::e8m0, -1.0, nearest_even, saturate, 0xff}});
}

TEST(Encode, RoundsOnceFromTheDouble) {
  // By way of fp32 each would be a tie and go down to 1.
  expect_codes({{Format::bf16, 1 + 0x1p-8 + 0x1p-40, nearest_even, to_special, 0x3f81},
                {Format::fp16, 1 + 0x1p-11 + 0x1p-40, nearest_even, to_special, 0x3c01},
                {Format::e4m3fn, 1 + 0x1p-4 + 0x1p-40, nearest_even, to_special, 0x39}});
}

}  // namespace
}  // namespace fusegate::reference
