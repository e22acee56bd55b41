// The row functions of formats.hpp against its functions of one element.
#include <bit>
#include <cmath>
#include <limits>
#include <ostream>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reference/formats.hpp"

namespace fusegate::reference {

// Names the tests of each format; GoogleTest looks for it beside Format.
static void PrintTo(Format format, std::ostream* out) {
  *out << format_name(format);
}

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
using enum Rounding;
using enum Overflow;

std::uint32_t element(Format format, const std::vector<std::byte>& row, std::size_t i) {
  const int bits = format_traits(format).storage_bits;
  if (bits == 4) return std::to_integer<std::uint32_t>(row[i / 2]) >> (i % 2 * 4) & 0xf;
  const auto size = static_cast<std::size_t>(bits / 8);
  std::uint32_t code = 0;
  for (std::size_t k = 0; k < size; ++k) {
    code |= std::to_integer<std::uint32_t>(row[i * size + k]) << (8 * k);
  }
  return code;
}

// For each of the 65536 upper halves of an fp32 pattern the values around it and around the
// midpoints that fp32, fp16 and bf16 round at; infinities and NaNs of both signs are among them.
std::vector<double> values_around_every_pattern() {
  std::vector<double> values;
  for (std::uint32_t high = 0; high < 0x10000; ++high) {
    for (const std::uint32_t low : {0x0U, 0x1000U, 0x7fffU, 0x8000U, 0xffffU}) {
      const double number = std::bit_cast<float>(high << 16 | low);
      const double tie = number * (1 + 0x1p-24);
      for (const double value : {number, tie}) {
        values.insert(values.end(),
                      {value, std::nextafter(value, infinity), std::nextafter(value, -infinity)});
      }
    }
  }
  return values;
}

// Around every fp16 pattern in the same way, which is finer there than fp32's upper halves.
std::vector<double> values_around_every_half() {
  std::vector<double> values;
  for (std::uint32_t code = 0; code < 0x10000; ++code) {
    const double number = decode(Format::fp16, code);
    const double midpoint = (number + decode(Format::fp16, code + 1)) / 2;
    for (const double value : {number, midpoint}) {
      values.insert(values.end(),
                    {value, std::nextafter(value, infinity), std::nextafter(value, -infinity)});
    }
  }
  return values;
}

class EveryFormatsRow : public testing::TestWithParam<Format> {
 protected:
  void expect_row_as_elements(const std::vector<double>& values, Rounding rounding,
                              Overflow overflow) {
    const Format format = GetParam();
    std::vector<std::byte> row(row_bytes(format, values.size()));
    encode_row(format, values, row.data(), rounding, overflow);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint32_t expected = encode(format, values[i], rounding, overflow);
      const std::uint32_t actual = element(format, row, i);
      if (actual == expected) continue;
      FAIL() << fmt::format("element {}, {:a}, is {:#x}, not {:#x}", i, values[i], expected, actual)
             << (rounding == toward_zero ? ", toward zero" : ", nearest")
             << (overflow == saturate ? ", saturated" : "");
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Rows, EveryFormatsRow, testing::ValuesIn(all_formats));

TEST_P(EveryFormatsRow, EncodesAsOneElementDoes) {
  const std::vector<double> values = values_around_every_pattern();
  for (const Rounding rounding : {nearest_even, toward_zero}) {
    for (const Overflow overflow : {to_special, saturate}) {
      expect_row_as_elements(values, rounding, overflow);
    }
  }
}

TEST_P(EveryFormatsRow, EncodesAsOneElementDoesAroundEveryHalf) {
  const std::vector<double> values = values_around_every_half();
  for (const Rounding rounding : {nearest_even, toward_zero}) {
    for (const Overflow overflow : {to_special, saturate}) {
      expect_row_as_elements(values, rounding, overflow);
    }
  }
}

TEST_P(EveryFormatsRow, DecodesAsOneElementDoes) {
  const Format format = GetParam();
  std::vector<std::byte> row(std::size_t{1} << 17);  // every 16-bit pattern
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = static_cast<std::byte>(i % 2 == 0 ? i / 2 : i >> 9);
  }
  std::vector<double> numbers(row.size() * 8 /
                              static_cast<std::size_t>(format_traits(format).storage_bits));
  decode_row(format, row.data(), numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::uint32_t code = element(format, row, i);
    const double expected = decode(format, code);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(numbers[i])) << fmt::format("element {}, {:#x}", i, code);
    } else {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(numbers[i]), std::bit_cast<std::uint64_t>(expected))
          << fmt::format("element {}, {:#x}", i, code);
    }
  }
}

TEST_P(EveryFormatsRow, MayLieAtAnyAddress) {
  const Format format = GetParam();
  const std::vector<double> values{4, 2, 1, 4, 2, 1, 2};
  std::vector<std::byte> row(row_bytes(format, values.size()) + 1);
  encode_row(format, values, row.data() + 1);
  std::vector<double> back(values.size());
  decode_row(format, row.data() + 1, back);
  EXPECT_EQ(back, values);
}

TEST_P(EveryFormatsRow, WritesNothingBeyondItsEnd) {
  const Format format = GetParam();
  const std::vector<double> values{1, 2, 4};
  std::vector<std::byte> row(row_bytes(format, values.size()) + 8, std::byte{0xa5});
  encode_row(format, values, row.data());
  for (std::size_t i = row_bytes(format, values.size()); i < row.size(); ++i) {
    EXPECT_EQ(row[i], std::byte{0xa5}) << "byte " << i;
  }
}

TEST_P(EveryFormatsRow, MayBeEmpty) {
  encode_row(GetParam(), {}, nullptr);
  decode_row(GetParam(), nullptr, {});
  EXPECT_EQ(row_bytes(GetParam(), 0), 0U);
}

TEST(RowBytes, RoundsUpToWholeBytes) {
  EXPECT_EQ(row_bytes(Format::fp32, 3), 12U);
  EXPECT_EQ(row_bytes(Format::bf16, 3), 6U);
  EXPECT_EQ(row_bytes(Format::e4m3fn, 3), 3U);
  EXPECT_EQ(row_bytes(Format::e2m1, 3), 2U);
  EXPECT_EQ(row_bytes(Format::e2m1, 4), 2U);
}

TEST(E2m1Row, HasTheFirstElementInTheLowNibble) {
  const std::vector<double> values{1, -6, 0.5};
  std::vector<std::byte> row(2);
  encode_row(Format::e2m1, values, row.data());
  EXPECT_EQ(row, (std::vector{std::byte{0xf2}, std::byte{0x01}}));
}

TEST(Fp32Row, KeepsNoPayloadOfANan) {
  const std::vector<double> values{-std::bit_cast<double>(0x7ff0000000000001)};
  std::vector<std::byte> row(4);
  encode_row(Format::fp32, values, row.data());
  EXPECT_EQ(element(Format::fp32, row, 0), 0x7fc00000U);
}

}  // namespace
}  // namespace fusegate::reference
