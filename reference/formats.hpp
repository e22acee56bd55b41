#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace fusegate::reference {

/// The formats in which kernels read and write tensors: IEEE 754 binary32 and binary16, bfloat16,
/// the OCP OFP8 formats e4m3fn ("E4M3") and e5m2, their relatives without infinities and without
/// -0 (the fnuz formats of gfx94x, arXiv:2206.02915), of OCP MX v1.0 the scale e8m0 and the
/// element e2m1, and integers of 8 bits in two's complement.
enum class Format { fp32, fp16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, e8m0, e2m1, int8 };

inline constexpr std::array all_formats{
    Format::fp32, Format::fp16,     Format::bf16, Format::e4m3fn, Format::e4m3fnuz,
    Format::e5m2, Format::e5m2fnuz, Format::e8m0, Format::e2m1,   Format::int8};

enum class NanEncoding {
  none,           // every pattern is a number
  ieee,           // exponent all ones, mantissa not zero
  all_ones,       // every bit but the sign's
  negative_zero,  // the one pattern that would be -0
};

/// What is particular to a format. Bits from the top: sign (if any), exponent, mantissa. int8 is
/// described as numbers below the smallest normal one, which are equally far apart.
struct FormatTraits {
  std::string_view name;
  int storage_bits;
  int exponent_bits;
  int mantissa_bits;  // without the implied bit
  int bias;
  int min_exponent;  // of the smallest normal number: IEEE 754's emin
  int max_exponent;  // of the largest finite number: IEEE 754's emax, OCP MX's emax_elem
  bool is_signed;
  bool has_infinity;
  bool has_zero;  // false for e8m0 alone, whose pattern 0 is 2^-127, a normal number
  NanEncoding nan;
  double largest_finite;
  double smallest_normal;
  double smallest_subnormal;  // the smallest positive number; e8m0: its smallest normal number
};

[[nodiscard]] const FormatTraits& format_traits(Format format);

[[nodiscard]] std::string_view format_name(Format format);
/// The format of exactly this name, or nothing.
[[nodiscard]] std::optional<Format> parse_format(std::string_view name);

enum class Rounding { nearest_even, toward_zero };

enum class Overflow {
  to_special,  // infinity; NaN where there is none; the largest finite number where neither is
  saturate,    // the largest finite number, for an infinite value too (OFP8's and MX's "SAT")
};

/// The number that a pattern stands for, exactly. Bits above the format's storage are ignored;
/// every NaN becomes the default quiet NaN.
[[nodiscard]] double decode(Format format, std::uint32_t bits);

/// The pattern of `value`, rounded ONCE: from the double to the format, never by way of a third
/// one. (A kernel that goes fp64 -> fp32 -> bf16 rounds twice; its reference must encode twice.)
///  1. Nearest: ties go to the even significand. e8m0 has none but 1, which is odd, so its ties go
///     to the larger number (IEEE 754-2019 4.3.1), as they do in ml_dtypes and torch.
///  2. A value overflows when, rounded as if exponents had no upper end, it lies beyond the largest
///     finite number (IEEE 754-2019 7.4): in nearest from the midpoint to the next number on. Only
///     in e4m3fn does the midpoint itself, 464, still become 448, which is the even of the two.
///     Rounding toward zero never overflows a finite value.
///  3. An infinite value overflows in either rounding. NaN is never saturated (OFP8, MX table 3).
///  4. The sign of zero is kept, also where a value rounds to zero; the fnuz formats have +0 only.
///  5. NaN becomes one positive quiet pattern, whatever its sign and payload: in IEEE encodings the
///     top mantissa bit alone, elsewhere all ones, in fnuz 0x80. e2m1 has no NaN, and OCP MX 5.3
///     leaves the result to the implementation: +6, as PTX's cvt has it. A NaN that comes of
///     overflow has the value's sign (e4m3fn).
///  6. OCP MX gives zero and negative values no e8m0. Zero becomes 2^-127, the smallest scale, as
///     all does that is below it (torch does the same; ml_dtypes makes zero NaN); a value below
///     zero becomes NaN (ml_dtypes does the same; torch and CUDA drop the sign).
///  7. int8 has neither infinity nor NaN: what overflows becomes -128 or 127 in either case, as
///     conversions that saturate have it, and NaN becomes 0 (PTX's cvt, CDNA's v_cvt_i32_f32).
/// Expects the default floating-point environment: to nearest, subnormals not flushed.
[[nodiscard]] std::uint32_t encode(Format format, double value,
                                   Rounding rounding = Rounding::nearest_even,
                                   Overflow overflow = Overflow::to_special);

/// Bytes of `count` elements. Rows are little-endian and dense; e2m1 has two elements a byte, the
/// first in the low nibble. Of an odd count the last high nibble is written as 0 and never read.
[[nodiscard]] std::size_t row_bytes(Format format, std::size_t count);

/// decode() of out.size() elements. `bits` may have any alignment. NaNs are NaNs, with any payload.
void decode_row(Format format, const std::byte* bits, std::span<double> out);

/// encode() of all `values`, bit for bit, to row_bytes() bytes at `out`, which may have any
/// alignment.
void encode_row(Format format, std::span<const double> values, std::byte* out,
                Rounding rounding = Rounding::nearest_even,
                Overflow overflow = Overflow::to_special);

}  // namespace fusegate::reference
