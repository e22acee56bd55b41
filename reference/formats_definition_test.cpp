// formats.hpp against an independent definition of each format, and of fp32 against the hardware,
// at every number and wherever rounding could change its mind.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reference/formats.hpp"

namespace fusegate::reference {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();
using enum Rounding;
using enum Overflow;

// Counts disagreements and keeps the first: a hundred thousand cases of one reason are one failure.
class Disagreements {
 public:
  void check(std::uint32_t expected, std::uint32_t actual, double value, std::string_view what) {
    if (expected == actual || count_++ > 0) return;
    first_ = fmt::format("{}: {:a} is {:#x}, not {:#x}", what, value, expected, actual);
  }
  void check_number(double expected, double actual, std::uint32_t code) {
    const bool same = std::isnan(expected) ? std::isnan(actual)
                                           : std::bit_cast<std::uint64_t>(expected) ==
                                                 std::bit_cast<std::uint64_t>(actual);
    if (same || count_++ > 0) return;
    first_ = fmt::format("{:#x} is {:a}, not {:a}", code, expected, actual);
  }
  int count() const { return count_; }
  const std::string& first() const { return first_; }

 private:
  int count_ = 0;
  std::string first_;
};

// An independent definition of each format: field widths and the encodings that are not numbers, as
// the specifications' tables show them.
struct Definition {
  Format format;
  int sign, exponent, mantissa, bias;
  std::vector<std::uint32_t> infinities;  // positive one first
  std::uint32_t first_nan, last_nan;      // of the positive patterns, first > last: none
};

const std::vector<Definition> definitions{
    {Format::fp16, 1, 5, 10, 15, {0x7c00, 0xfc00}, 0x7c01, 0x7fff},
    {Format::bf16, 1, 8, 7, 127, {0x7f80, 0xff80}, 0x7f81, 0x7fff},
    {Format::e4m3fn, 1, 4, 3, 7, {}, 0x7f, 0x7f},
    {Format::e4m3fnuz, 1, 4, 3, 8, {}, 1, 0},
    {Format::e5m2, 1, 5, 2, 15, {0x7c, 0xfc}, 0x7d, 0x7f},
    {Format::e5m2fnuz, 1, 5, 2, 16, {}, 1, 0},
    {Format::e8m0, 0, 8, 0, 127, {}, 0xff, 0xff},
    {Format::e2m1, 1, 2, 1, 1, {}, 1, 0},
};

bool is_fnuz(Format format) {
  return format == Format::e4m3fnuz || format == Format::e5m2fnuz;
}

double by_definition(const Definition& d, std::uint32_t code) {
  const std::uint32_t fields = code & ((1U << (d.exponent + d.mantissa)) - 1);
  const bool negative = code != fields;
  if (is_fnuz(d.format) && negative && fields == 0) return quiet_nan;
  if (fields >= d.first_nan && fields <= d.last_nan) return quiet_nan;
  for (const std::uint32_t pattern : d.infinities) {
    if (code == pattern) return negative ? -infinity : infinity;
  }
  const auto exponent = static_cast<int>(fields >> d.mantissa);
  const double fraction = std::ldexp(fields & ((1U << d.mantissa) - 1), -d.mantissa);
  double number = std::ldexp(1 + fraction, exponent - d.bias);
  if (exponent == 0 && d.format != Format::e8m0) number = std::ldexp(fraction, 1 - d.bias);
  return negative ? -number : number;
}

// The numbers of a format from zero up (e8m0: from 2^-127 up) in order, with their codes, and the
// number that would come next, on which it depends what overflows.
struct Ladder {
  explicit Ladder(const Definition& d) {
    const std::uint32_t patterns = 1U << (d.exponent + d.mantissa);
    for (std::uint32_t code = 0; code < patterns; ++code) {
      if (std::isfinite(by_definition(d, code))) numbers.push_back(by_definition(d, code));
    }
    largest = static_cast<std::uint32_t>(numbers.size()) - 1;
    const double last_step =
        d.mantissa == 0 ? numbers.back() : numbers[largest] - numbers[largest - 1];
    numbers.push_back(numbers.back() + last_step);
  }
  std::vector<double> numbers;  // codes are indices
  std::uint32_t largest;        // code of the largest finite number
};

struct Expectation {
  std::uint32_t code;
  bool overflow;
};

// By binary search in the ladder, for a finite value that is not negative.
Expectation expected_magnitude(const Ladder& ladder, double value, Rounding rounding) {
  const auto& numbers = ladder.numbers;
  if (value >= numbers.back()) {
    return {ladder.largest, rounding == nearest_even};
  }
  const auto above = std::upper_bound(numbers.begin(), numbers.end(), value);
  if (above == numbers.begin()) return {0, false};  // e8m0, below 2^-127
  const auto low = static_cast<std::uint32_t>(above - numbers.begin()) - 1;
  if (rounding == toward_zero) return {low, false};
  // Both differences are exact: they are multiples of the value's own last place.
  const double down = value - numbers[low];
  const double up = numbers[low + 1] - value;
  const bool e8m0 = numbers[0] != 0;
  const bool goes_up = up < down || (up == down && (e8m0 || low % 2 == 1));
  const std::uint32_t code = low + (goes_up ? 1 : 0);
  return {std::min(code, ladder.largest), code > ladder.largest};
}

std::uint32_t expected_code(const Definition& d, const Ladder& ladder, double value,
                            Rounding rounding, Overflow overflow) {
  const std::uint32_t sign = std::signbit(value) ? 1U << (d.exponent + d.mantissa) : 0;
  if (sign != 0 && d.sign == 0) return value == 0 ? 0 : 0xff;
  const auto [code, overflowed] = expected_magnitude(ladder, std::abs(value), rounding);
  if (overflowed && overflow == to_special) {
    if (!d.infinities.empty()) return d.infinities[0] | sign;
    if (is_fnuz(d.format)) return 0x80;
    if (d.format != Format::e2m1) return d.first_nan | sign;
  }
  return is_fnuz(d.format) && code == 0 ? 0 : code | sign;
}

// Every number, and around every midpoint of neighbours the three doubles that tell roundings
// apart; with both signs.
std::vector<double> revealing_values(const Ladder& ladder) {
  std::vector<double> values;
  const auto add = [&](double value) {
    values.push_back(value);
    values.push_back(-value);
  };
  for (std::size_t i = 0; i < ladder.numbers.size(); ++i) {
    const double number = ladder.numbers[i];
    for (const double to : {0.0, infinity}) add(std::nextafter(number, to));
    add(number);
    if (i + 1 == ladder.numbers.size()) break;
    const double midpoint = (number + ladder.numbers[i + 1]) / 2;
    for (const double to : {0.0, infinity}) add(std::nextafter(midpoint, to));
    add(midpoint);
  }
  for (const double number : {0x1p-1074, 0x1p-1022, 0x1p-200, 0x1p200, 0x1.8p1023}) add(number);
  return values;
}

// Names the tests of each format.
void PrintTo(const Definition& d, std::ostream* out) {
  *out << format_name(d.format);
}

class EveryFormat : public testing::TestWithParam<Definition> {};
INSTANTIATE_TEST_SUITE_P(UpTo16Bits, EveryFormat, testing::ValuesIn(definitions));

TEST_P(EveryFormat, DecodesEveryPatternAsItsFieldsSay) {
  const Definition& d = GetParam();
  Disagreements wrong;
  for (std::uint32_t code = 0; code < 1U << (d.sign + d.exponent + d.mantissa); ++code) {
    wrong.check_number(by_definition(d, code), decode(d.format, code), code);
  }
  EXPECT_EQ(wrong.count(), 0) << wrong.first();
}

TEST_P(EveryFormat, IgnoresBitsAboveItsStorage) {
  const Definition& d = GetParam();
  const int bits = d.sign + d.exponent + d.mantissa;
  EXPECT_EQ(decode(d.format, 0x1 | 1U << bits), decode(d.format, 0x1));
}

TEST_P(EveryFormat, EncodesEveryNumberAsItself) {
  const Definition& d = GetParam();
  Disagreements wrong;
  for (std::uint32_t code = 0; code < 1U << (d.sign + d.exponent + d.mantissa); ++code) {
    const double number = decode(d.format, code);
    if (std::isnan(number)) continue;
    for (const Rounding rounding : {nearest_even, toward_zero}) {
      wrong.check(code, encode(d.format, number, rounding), number, "itself");
    }
  }
  EXPECT_EQ(wrong.count(), 0) << wrong.first();
}

TEST_P(EveryFormat, RoundsBetweenAllNeighboursByDefinition) {
  const Definition& d = GetParam();
  const Ladder ladder(d);
  Disagreements wrong;
  for (const double value : revealing_values(ladder)) {
    wrong.check(expected_code(d, ladder, value, nearest_even, to_special),
                encode(d.format, value, nearest_even, to_special), value, "nearest");
    wrong.check(expected_code(d, ladder, value, nearest_even, saturate),
                encode(d.format, value, nearest_even, saturate), value, "nearest, saturated");
    wrong.check(expected_code(d, ladder, value, toward_zero, to_special),
                encode(d.format, value, toward_zero, to_special), value, "truncated");
    wrong.check(expected_code(d, ladder, value, toward_zero, saturate),
                encode(d.format, value, toward_zero, saturate), value, "truncated, saturated");
  }
  EXPECT_EQ(wrong.count(), 0) << wrong.first();
}

TEST_P(EveryFormat, DescribesItself) {
  const Definition& d = GetParam();
  const FormatTraits& t = format_traits(d.format);
  const Ladder ladder(d);
  const std::size_t zeros = ladder.numbers[0] == 0 ? 1 : 0;
  const double smallest_normal = zeros == 0 ? ladder.numbers[0] : ladder.numbers[1U << d.mantissa];
  EXPECT_EQ(t.storage_bits, d.sign + d.exponent + d.mantissa);
  EXPECT_EQ(t.exponent_bits, d.exponent);
  EXPECT_EQ(t.mantissa_bits, d.mantissa);
  EXPECT_EQ(t.bias, d.bias);
  EXPECT_EQ(t.is_signed, d.sign == 1);
  EXPECT_EQ(t.has_infinity, !d.infinities.empty());
  EXPECT_EQ(t.has_zero, zeros == 1);
  EXPECT_EQ(t.nan == NanEncoding::negative_zero, is_fnuz(d.format));
  EXPECT_EQ(t.nan == NanEncoding::none, d.format == Format::e2m1);
  EXPECT_EQ(t.largest_finite, ladder.numbers[ladder.largest]);
  EXPECT_EQ(t.max_exponent, std::ilogb(t.largest_finite));
  EXPECT_EQ(t.smallest_normal, smallest_normal);
  EXPECT_EQ(t.min_exponent, std::ilogb(t.smallest_normal));
  EXPECT_EQ(t.smallest_subnormal, ladder.numbers[zeros]);
}

// Patterns of fp32: all exponents with the mantissas at whose borders carries happen.
std::vector<std::uint32_t> fp32_patterns() {
  std::vector<std::uint32_t> patterns;
  for (std::uint32_t high = 0; high < 512; ++high) {
    for (const std::uint32_t mantissa :
         {0x0U, 0x1U, 0x2U, 0x3U, 0x1234U, 0xffffU, 0x10000U, 0x3fffffU, 0x400000U, 0x400001U,
          0x7ffffdU, 0x7ffffeU, 0x7fffffU}) {
      patterns.push_back(high << 23 | mantissa);
    }
  }
  return patterns;
}

TEST(Fp32, DecodesAsTheHardware) {
  Disagreements wrong;
  for (const std::uint32_t code : fp32_patterns()) {
    wrong.check_number(std::bit_cast<float>(code), decode(Format::fp32, code), code);
  }
  for (std::uint64_t code = 0; code < std::uint64_t{1} << 32; code += 65521) {
    const auto pattern = static_cast<std::uint32_t>(code);
    wrong.check_number(std::bit_cast<float>(pattern), decode(Format::fp32, pattern), pattern);
  }
  EXPECT_EQ(wrong.count(), 0) << wrong.first();
}

TEST(Fp32, EncodesAsTheHardware) {
  Disagreements wrong;
  for (const std::uint32_t code : fp32_patterns()) {
    const double number = std::bit_cast<float>(code);
    if (!std::isfinite(number)) continue;
    const double next = decode(Format::fp32, code + 1);
    const double midpoint = std::isfinite(next) ? (number + next) / 2 : number * (1 + 0x1p-25);
    for (const double value : {number, midpoint, std::nextafter(midpoint, -infinity),
                               std::nextafter(midpoint, infinity)}) {
      const auto nearest = static_cast<float>(value);
      wrong.check(std::bit_cast<std::uint32_t>(nearest), encode(Format::fp32, value), value,
                  "nearest");
      const bool away = std::abs(nearest) > std::abs(value);
      const float truncated = away ? std::nextafter(nearest, 0.0F) : nearest;
      wrong.check(std::bit_cast<std::uint32_t>(truncated), encode(Format::fp32, value, toward_zero),
                  value, "truncated");
    }
  }
  EXPECT_EQ(wrong.count(), 0) << wrong.first();
}

TEST(Fp32, DescribesItselfAsTheHardware) {
  using Limits = std::numeric_limits<float>;
  const FormatTraits& t = format_traits(Format::fp32);
  EXPECT_EQ(t.largest_finite, Limits::max());
  EXPECT_EQ(t.smallest_normal, Limits::min());
  EXPECT_EQ(t.smallest_subnormal, Limits::denorm_min());
  EXPECT_EQ(t.mantissa_bits, Limits::digits - 1);
  EXPECT_EQ(t.max_exponent, Limits::max_exponent - 1);
  EXPECT_EQ(t.min_exponent, Limits::min_exponent - 1);
}

}  // namespace
}  // namespace fusegate::reference
