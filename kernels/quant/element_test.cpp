// The conversions that runtimes without instructions for them use, against reference/formats.hpp.
#include "kernels/quant/element.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reference/formats.hpp"

namespace fusegate::kernels {
namespace {

using reference::Format;

constexpr std::uint32_t all_patterns = 0x10000;
constexpr float infinity = std::numeric_limits<float>::infinity();

// ---- Widening: every pattern there is ---------------------------------------------------------

template <class Widen>
void expect_widens_as_reference(Format format, Widen widen) {
  for (std::uint32_t bits = 0; bits < all_patterns; ++bits) {
    const float actual = widen(static_cast<std::uint16_t>(bits));
    const auto expected = static_cast<float>(reference::decode(format, bits));
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(actual)) << fmt::format("{:#06x} gave {}", bits, actual);
    } else {
      // Patterns, so that the sign of zero counts.
      ASSERT_EQ(std::bit_cast<std::uint32_t>(actual), std::bit_cast<std::uint32_t>(expected))
          << fmt::format("{:#06x} gave {:a}, not {:a}", bits, actual, expected);
    }
  }
}

TEST(WidenHalf, IsExactForEveryPattern) {
  expect_widens_as_reference(Format::fp16, detail::widen_half);
}

TEST(ToFloat, OfHalfIsExactForEveryPattern) {
  expect_widens_as_reference(Format::fp16, [](std::uint16_t bits) { return to_float(Half{bits}); });
}

TEST(ToFloat, OfBFloat16IsExactForEveryPattern) {
  expect_widens_as_reference(Format::bf16,
                             [](std::uint16_t bits) { return to_float(BFloat16{bits}); });
}

// ---- Narrowing: every exponent with the mantissas at which something changes, and every tie
// ------

using Narrow = std::uint16_t (*)(float);

void expect_narrows_as_reference(Format format, Narrow narrow, float value) {
  const std::uint32_t actual = narrow(value);
  ASSERT_EQ(actual, reference::encode(format, static_cast<double>(value)))
      << fmt::format("{:a} gave {:#06x}", value, actual);
}

struct Narrowing {
  Format format;
  Narrow narrow;
};

class EveryNarrowing : public testing::TestWithParam<Narrowing> {};
INSTANTIATE_TEST_SUITE_P(
    Formats, EveryNarrowing,
    testing::Values(Narrowing{Format::fp16, detail::narrow_to_half},
                    Narrowing{Format::bf16, detail::narrow_to_bfloat16},
                    Narrowing{Format::fp16, [](float x) { return from_float<Half>(x).bits; }},
                    Narrowing{Format::bf16, [](float x) { return from_float<BFloat16>(x).bits; }}));

// Around every power of two, and all ones above each bit.
std::vector<std::uint32_t> edge_mantissas() {
  constexpr std::uint32_t end = 1u << 23;
  std::vector<std::uint32_t> mantissas{0, end - 1};
  for (std::uint32_t bit = 1; bit < end; bit <<= 1) {
    for (const std::uint32_t low : {bit - 1, bit, bit + 1}) {
      mantissas.insert(mantissas.end(), {low, end - 1 - low, (end >> 1) ^ low});
    }
    mantissas.push_back((end - 1) & ~(bit - 1));
  }
  return mantissas;
}

TEST_P(EveryNarrowing, IsTheReferencesAtEveryExponent) {
  for (std::uint32_t exponent = 0; exponent < 255; ++exponent) {
    for (const std::uint32_t mantissa : edge_mantissas()) {
      for (const std::uint32_t sign : {0u, 1u << 31}) {
        const auto value = std::bit_cast<float>(sign | exponent << 23 | (mantissa & 0x7fffffu));
        ASSERT_NO_FATAL_FAILURE(
            expect_narrows_as_reference(GetParam().format, GetParam().narrow, value));
      }
    }
  }
}

TEST_P(EveryNarrowing, TakesTheEvenNeighbourAtEveryMidpoint) {
  const auto [format, narrow] = GetParam();
  for (std::uint32_t bits = 0; bits < 0x8000; ++bits) {
    const double low = reference::decode(format, bits);
    const double high = reference::decode(format, bits + 1);
    if (!std::isfinite(low) || !std::isfinite(high)) continue;
    const auto tie = static_cast<float>((low + high) / 2);
    const std::uint32_t even = bits % 2 == 0 ? bits : bits + 1;
    ASSERT_EQ(narrow(tie), even) << fmt::format("above {:#06x}", bits);
    ASSERT_EQ(narrow(-tie), even | 0x8000u) << fmt::format("below -{:#06x}", bits);
    ASSERT_EQ(narrow(std::nextafter(tie, 0.0f)), bits) << "just below the tie";
    ASSERT_EQ(narrow(std::nextafter(tie, infinity)), bits + 1) << "just above the tie";
  }
}

TEST_P(EveryNarrowing, GivesBackEveryNumberOfTheFormat) {
  const auto [format, narrow] = GetParam();
  for (std::uint32_t bits = 0; bits < all_patterns; ++bits) {
    const double number = reference::decode(format, bits);
    if (std::isnan(number)) continue;
    ASSERT_EQ(narrow(static_cast<float>(number)), bits);
  }
}

TEST_P(EveryNarrowing, OverflowsFromTheMidpointAboveTheLargestOn) {
  const auto [format, narrow] = GetParam();
  const auto& traits = reference::format_traits(format);
  const double unit = std::exp2(traits.max_exponent - traits.mantissa_bits);
  const auto midpoint = static_cast<float>(traits.largest_finite + unit / 2);
  const auto infinite = static_cast<std::uint16_t>(reference::encode(format, infinity));
  EXPECT_EQ(narrow(std::nextafter(midpoint, 0.0f)), infinite - 1);
  EXPECT_EQ(narrow(midpoint), infinite);
  EXPECT_EQ(narrow(infinity), infinite);
  EXPECT_EQ(narrow(-infinity), infinite | 0x8000);
}

TEST_P(EveryNarrowing, KeepsEveryNanANanWithItsSign) {
  const auto [format, narrow] = GetParam();
  for (std::uint32_t bit = 1; bit < 1u << 23; bit <<= 1) {
    for (const std::uint32_t mantissa : {bit, 0x7fffffu & ~(bit - 1), bit | 1u}) {
      for (const std::uint32_t sign : {0u, 1u << 31}) {
        const std::uint32_t pattern = sign | 0x7f800000u | mantissa;
        const std::uint32_t bits = narrow(std::bit_cast<float>(pattern));
        ASSERT_TRUE(std::isnan(reference::decode(format, bits)))
            << fmt::format("{:#010x} gave {:#06x}", pattern, bits);
        ASSERT_EQ(bits >> 15, sign >> 31) << fmt::format("of {:#010x}", pattern);
      }
    }
  }
}

// ---- Packs ------------------------------------------------------------------------------------

TEST(LoadPack, FillsWhatLiesBehindTheRowWithZeros) {
  alignas(16) const std::array<float, 4> row{1, 2, 3, 4};
  for (int count = 0; count <= 4; ++count) {
    const auto pack = load_pack<4>(row.data(), count);
    for (int i = 0; i < 4; ++i) {
      const auto at = static_cast<std::size_t>(i);
      EXPECT_EQ(pack.values[i], i < count ? row[at] : 0.0f) << i << " of " << count;
    }
  }
}

TEST(StorePack, LeavesWhatLiesBehindTheRow) {
  const float values[4] = {1, 2, 3, 4};
  for (int count = 0; count <= 4; ++count) {
    alignas(16) std::array<float, 4> row{-1, -1, -1, -1};
    store_pack<4>(row.data(), count, values);
    for (int i = 0; i < 4; ++i) {
      const auto at = static_cast<std::size_t>(i);
      EXPECT_EQ(row[at], i < count ? values[at] : -1.0f) << i << " of " << count;
    }
  }
}

}  // namespace
}  // namespace fusegate::kernels
