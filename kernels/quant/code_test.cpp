// Codes without instructions for them, against reference/formats.hpp.
#include "kernels/quant/code.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reference/formats.hpp"

namespace fusegate::kernels {
namespace {

using reference::Format;

struct Codes {
  Format format;
  CodeType type;
};

class EveryCodeType : public testing::TestWithParam<Codes> {
 protected:
  static void expect_code_of_reference(float value) {
    const auto [format, type] = GetParam();
    const std::uint32_t expected =
        reference::encode(format, static_cast<double>(value), reference::Rounding::nearest_even,
                          reference::Overflow::saturate);
    ASSERT_EQ(std::uint32_t{to_code(type, value)}, expected) << fmt::format("of {:a}", value);
  }
};
INSTANTIATE_TEST_SUITE_P(Codes, EveryCodeType,
                         testing::Values(Codes{Format::e4m3fn, CodeType::e4m3fn},
                                         Codes{Format::e4m3fnuz, CodeType::e4m3fnuz},
                                         Codes{Format::int8, CodeType::int8}),
                         [](const auto& codes) {
                           return std::string(reference::format_name(codes.param.format));
                         });

TEST_P(EveryCodeType, IsTheReferencesForEveryNumberOf16Bits) {
  for (const Format wide : {Format::fp16, Format::bf16}) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
      const auto value = static_cast<float>(reference::decode(wide, bits));
      ASSERT_NO_FATAL_FAILURE(expect_code_of_reference(value));
    }
  }
}

TEST_P(EveryCodeType, IsTheReferencesAroundEveryTie) {
  const Format format = GetParam().format;
  for (std::uint32_t bits = 0; bits < 0x7f; ++bits) {
    const double low = reference::decode(format, bits);
    const double high = reference::decode(format, bits + 1);
    if (!std::isfinite(low) || !std::isfinite(high)) continue;
    const auto tie = static_cast<float>((low + high) / 2);
    for (const float value : {tie, std::nextafter(tie, 0.0f), std::nextafter(tie, 1e9f)}) {
      ASSERT_NO_FATAL_FAILURE(expect_code_of_reference(value));
      ASSERT_NO_FATAL_FAILURE(expect_code_of_reference(-value));
    }
  }
}

TEST_P(EveryCodeType, SaturatesWhatIsTooLarge) {
  const auto largest =
      static_cast<float>(reference::format_traits(GetParam().format).largest_finite);
  for (const float value :
       {largest, std::nextafter(largest, 1e9f), 1.03f * largest, 2 * largest,
        std::numeric_limits<float>::max(), std::numeric_limits<float>::infinity()}) {
    ASSERT_NO_FATAL_FAILURE(expect_code_of_reference(value));
    ASSERT_NO_FATAL_FAILURE(expect_code_of_reference(-value));
  }
}

TEST_P(EveryCodeType, KnowsEveryNan) {
  for (std::uint32_t bit = 1; bit < 1u << 23; bit <<= 1) {
    expect_code_of_reference(std::bit_cast<float>(0x7f800000u | bit));
    expect_code_of_reference(std::bit_cast<float>(0xff800000u | bit));
  }
}

TEST_P(EveryCodeType, HasTheReferencesLargestNumber) {
  const auto [format, type] = GetParam();
  EXPECT_EQ(static_cast<double>(largest_code(type)),
            reference::format_traits(format).largest_finite);
}

TEST(StoreCodes, LeavesWhatLiesBehindTheRow) {
  const float values[4] = {1, -2, 3, 4};
  for (int count = 0; count <= 4; ++count) {
    alignas(4) std::array<std::uint8_t, 4> row{9, 9, 9, 9};
    store_codes<4>(CodeType::int8, row.data(), count, values);
    const std::array<std::uint8_t, 4> all{1, 0xfe, 3, 4};
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(row[i], i < static_cast<std::size_t>(count) ? all[i] : 9) << i << " of " << count;
    }
  }
}

}  // namespace
}  // namespace fusegate::kernels
