#include "reference/formats.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace fusegate::reference {
namespace {

#ifdef __FAST_MATH__
#error "fast-math reorders the sums by which this file rounds"
#endif

static_assert(std::endian::native == std::endian::little, "rows are copied in the host's order");

using enum NanEncoding;

// In the order of Format. The numbers are the specifications' own (IEEE 754-2019 table 3.5, OFP8
// tables 1 and 2, OCP MX 5.3 and 5.4), not derived from each other: the tests derive them.
constexpr std::array<FormatTraits, all_formats.size()> traits_table{{
    {"fp32", 32, 8, 23, 127, -126, 127, true, true, true, ieee, 0x1.fffffep127, 0x1p-126, 0x1p-149},
    {"fp16", 16, 5, 10, 15, -14, 15, true, true, true, ieee, 65504, 0x1p-14, 0x1p-24},
    {"bf16", 16, 8, 7, 127, -126, 127, true, true, true, ieee, 0x1.fep127, 0x1p-126, 0x1p-133},
    {"e4m3fn", 8, 4, 3, 7, -6, 8, true, false, true, all_ones, 448, 0x1p-6, 0x1p-9},
    {"e4m3fnuz", 8, 4, 3, 8, -7, 7, true, false, true, negative_zero, 240, 0x1p-7, 0x1p-10},
    {"e5m2", 8, 5, 2, 15, -14, 15, true, true, true, ieee, 57344, 0x1p-14, 0x1p-16},
    {"e5m2fnuz", 8, 5, 2, 16, -15, 15, true, false, true, negative_zero, 57344, 0x1p-15, 0x1p-17},
    {"e8m0", 8, 8, 0, 127, -127, 127, false, false, false, all_ones, 0x1p127, 0x1p-127, 0x1p-127},
    {"e2m1", 4, 2, 1, 1, 0, 2, true, false, true, none, 6, 1, 0.5},
    {"int8", 8, 0, 7, 0, 7, 7, true, false, true, none, 127, 128, 1},
}};

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();

// What the conversions need of a format, as patterns. Magnitudes are patterns without the sign.
struct Codec {
  int mantissa_bits;
  std::int64_t min_biased_exponent;  // of the smallest normal number, as a double has it
  double beyond;                     // a number that overflows
  std::int64_t zero_code;            // 0; where there is no zero -1, which becomes 0 at the end
  std::uint32_t storage_mask;
  std::uint32_t sign_bit;       // 0 where there is none
  std::uint32_t zero_sign_bit;  // 0 where there is no -0
  std::uint32_t largest;        // the largest finite number's magnitude
  std::uint32_t special;        // what a value becomes that overflows
  std::uint32_t nan;            // what NaN becomes
};

constexpr Codec make_codec(const FormatTraits& t) {
  Codec c{};
  c.mantissa_bits = t.mantissa_bits;
  c.min_biased_exponent = 1023 + t.min_exponent;
  c.beyond = 2 * t.largest_finite;
  c.zero_code = t.has_zero ? 0 : -1;
  c.storage_mask = static_cast<std::uint32_t>((std::uint64_t{1} << t.storage_bits) - 1);
  c.sign_bit = t.is_signed ? std::uint32_t{1} << (t.storage_bits - 1) : 0;
  c.zero_sign_bit = t.nan == negative_zero ? 0 : c.sign_bit;
  const std::uint32_t magnitudes = c.storage_mask & ~c.sign_bit;
  const std::uint32_t quiet_bit =
      t.mantissa_bits > 0 ? std::uint32_t{1} << (t.mantissa_bits - 1) : 0;
  const std::uint32_t top_exponent = magnitudes >> t.mantissa_bits << t.mantissa_bits;
  switch (t.nan) {
    case none:
      c.largest = c.special = c.nan = magnitudes;
      break;
    case ieee:
      c.largest = top_exponent - 1;
      c.special = top_exponent;
      c.nan = top_exponent | quiet_bit;
      break;
    case all_ones:
      c.largest = magnitudes - 1;
      c.special = c.nan = magnitudes;
      break;
    case negative_zero:
      c.largest = magnitudes;
      c.special = c.nan = c.sign_bit;
      break;
  }
  return c;
}

constexpr auto codecs = [] {
  std::array<Codec, all_formats.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = make_codec(traits_table[i]);
  }
  return all;
}();

std::int64_t as_bits(double value) {
  return std::bit_cast<std::int64_t>(value);
}

constexpr std::size_t index(Format format) {
  return static_cast<std::size_t>(format);
}

// The code of a magnitude, as if the format had exponents without end. The unit in the last place
// is that of the magnitude's binade, and below the smallest normal number that of the smallest. In
// the sum with a power of two that is 2^52 such units, the unit is a double's own last place: the
// addition itself rounds, to nearest even, once. Codes of neighbours are neighbours, so that what
// is rounded up to the next power of two carries into the exponent by itself.
inline std::int64_t round_magnitude(const Codec& c, double magnitude, Rounding rounding) {
  const std::int64_t exponent = std::max(as_bits(magnitude) >> 52, c.min_biased_exponent);
  const std::int64_t shifter_bits = (exponent + 52 - c.mantissa_bits) << 52;
  const double shifter = std::bit_cast<double>(shifter_bits);
  const double sum = magnitude + shifter;
  std::int64_t units = as_bits(sum) - shifter_bits;
  if (rounding == Rounding::toward_zero) units -= sum - shifter > magnitude ? 1 : 0;
  const std::int64_t binade = exponent - c.min_biased_exponent;
  return std::max<std::int64_t>((binade << c.mantissa_bits) + units + c.zero_code, 0);
}

std::uint32_t encode_int8(double value, Rounding rounding) {
  if (std::isnan(value)) return 0;
  const double whole =
      rounding == Rounding::nearest_even ? std::nearbyint(value) : std::trunc(value);
  return static_cast<std::uint8_t>(static_cast<std::int8_t>(std::clamp(whole, -128.0, 127.0)));
}

// What is decided once a row.
struct Encoder {
  Codec c;
  Rounding rounding;
  bool is_int8;
  std::int64_t finite_limit;
  std::int64_t infinite_limit;

  Encoder(Format format, Rounding rounding_, Overflow overflow)
      : c(codecs[index(format)]), rounding(rounding_), is_int8(format == Format::int8) {
    infinite_limit = overflow == Overflow::saturate ? c.largest : c.special;
    finite_limit = rounding == Rounding::toward_zero ? c.largest : infinite_limit;
  }

  // No branch that depends on signs, zeros and overflows: where they are as good as random, a
  // misprediction each would cost more than all the rest.
  std::uint32_t operator()(double value) const {
    if (is_int8) return encode_int8(value, rounding);
    if (std::isnan(value) || (c.sign_bit == 0 && value < 0)) return c.nan;
    const double magnitude = std::abs(value);
    const std::int64_t rounded = round_magnitude(c, std::min(magnitude, c.beyond), rounding);
    const std::int64_t limit = magnitude == infinity ? infinite_limit : finite_limit;
    const auto code = static_cast<std::uint32_t>(rounded < limit ? rounded : limit);
    const auto negative = static_cast<std::uint32_t>(std::signbit(value));
    const auto has_sign = static_cast<std::uint32_t>((code | c.zero_sign_bit) != 0);
    return code | (negative & has_sign) * c.sign_bit;
  }
};

// Every number of a format of up to 16 bits, by its pattern.
const std::vector<double>& decode_table(Format format) {
  static const auto tables = [] {
    std::array<std::vector<double>, all_formats.size()> all;
    for (const Format f : all_formats) {
      const int bits = format_traits(f).storage_bits;
      if (bits > 16) continue;
      for (std::uint32_t code = 0; code < std::uint32_t{1} << bits; ++code) {
        all[index(f)].push_back(decode(f, code));
      }
    }
    return all;
  }();
  return tables[index(format)];
}

template <typename Word>
Word load(const std::byte* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

template <typename Word>
void decode_words(const std::vector<double>& table, const std::byte* bits, std::span<double> out) {
  const double* const numbers = table.data();
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = numbers[load<Word>(bits + i * sizeof(Word))];
  }
}

void decode_nibbles(const std::vector<double>& table, const std::byte* bits,
                    std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = std::to_integer<unsigned>(bits[i / 2]);
    out[i] = table[i % 2 == 0 ? byte & 0xf : byte >> 4];
  }
}

template <typename Word>
void encode_words(const Encoder encoder, std::span<const double> values, std::byte* out) {
  for (const double value : values) {
    const auto word = static_cast<Word>(encoder(value));
    std::memcpy(out, &word, sizeof word);
    out += sizeof word;
  }
}

void encode_nibbles(const Encoder encoder, std::span<const double> values, std::byte* out) {
  for (std::size_t i = 0; i < values.size(); i += 2) {
    const bool last = i + 1 == values.size();
    const auto low = encoder(values[i]);
    const auto high = last ? 0 : encoder(values[i + 1]);
    *out++ = static_cast<std::byte>(low | high << 4);
  }
}

// The hardware's own conversion, for the rounding and the overflow that it has.
void encode_floats(std::span<const double> values, std::byte* out) {
  for (const double value : values) {
    auto word = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    if (std::isnan(value)) word = codecs[index(Format::fp32)].nan;
    std::memcpy(out, &word, sizeof word);
    out += sizeof word;
  }
}

}  // namespace

const FormatTraits& format_traits(Format format) {
  return traits_table[index(format)];
}

std::string_view format_name(Format format) {
  return format_traits(format).name;
}

std::optional<Format> parse_format(std::string_view name) {
  for (const Format format : all_formats) {
    if (format_name(format) == name) return format;
  }
  return std::nullopt;
}

double decode(Format format, std::uint32_t bits) {
  const FormatTraits& t = format_traits(format);
  const Codec& c = codecs[index(format)];
  bits &= c.storage_mask;
  if (format == Format::int8) return static_cast<std::int8_t>(bits);
  const std::uint32_t magnitude = bits & ~c.sign_bit;
  const bool negative = bits != magnitude;
  if (negative && magnitude == 0 && c.zero_sign_bit == 0) return quiet_nan;
  if (magnitude > c.largest) {
    if (!t.has_infinity || magnitude != c.special) return quiet_nan;
    return negative ? -infinity : infinity;
  }
  const auto exponent = static_cast<int>(magnitude >> c.mantissa_bits);
  const std::uint32_t implied = std::uint32_t{1} << c.mantissa_bits;
  const std::uint32_t mantissa = magnitude & (implied - 1);
  const bool normal = exponent > 0 || !t.has_zero;
  const double significand = normal ? mantissa + implied : mantissa;
  const int unit = (normal ? exponent : 1) - t.bias - t.mantissa_bits;
  return std::ldexp(negative ? -significand : significand, unit);
}

std::uint32_t encode(Format format, double value, Rounding rounding, Overflow overflow) {
  return Encoder(format, rounding, overflow)(value);
}

std::size_t row_bytes(Format format, std::size_t count) {
  const int bits = format_traits(format).storage_bits;
  return bits == 4 ? count / 2 + count % 2 : count * static_cast<std::size_t>(bits / 8);
}

void decode_row(Format format, const std::byte* bits, std::span<double> out) {
  switch (format_traits(format).storage_bits) {
    case 4:
      return decode_nibbles(decode_table(format), bits, out);
    case 8:
      return decode_words<std::uint8_t>(decode_table(format), bits, out);
    case 16:
      return decode_words<std::uint16_t>(decode_table(format), bits, out);
    default:
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = load<float>(bits + i * sizeof(float));
      }
  }
}

void encode_row(Format format, std::span<const double> values, std::byte* out, Rounding rounding,
                Overflow overflow) {
  const Encoder encoder(format, rounding, overflow);
  switch (format_traits(format).storage_bits) {
    case 4:
      return encode_nibbles(encoder, values, out);
    case 8:
      return encode_words<std::uint8_t>(encoder, values, out);
    case 16:
      return encode_words<std::uint16_t>(encoder, values, out);
    default:
      if (rounding == Rounding::nearest_even && overflow == Overflow::to_special) {
        return encode_floats(values, out);
      }
      return encode_words<std::uint32_t>(encoder, values, out);
  }
}

}  // namespace fusegate::reference
