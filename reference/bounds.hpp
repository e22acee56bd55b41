// How far a right implementation can be from the exact result: a rounding analysis.
//
// Model. The implementation computes in fp32 with unit roundoff u = 2^-24:
//   fl(a op b) = (a op b)(1 + d), |d| <= u
// (N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 2.2), no
// overflow and no underflow on the way. k such factors together are 1 + t with |t| <= g(k) =
// ku / (1-ku) (Higham, lemma 3.1). All squares have one sign, so errors of a sum's terms and
// additions are relative errors of the sum itself.
//
// One output element is  v * rsqrt(sum(v_i^2) / n + eps) * w  with v = x or x + residual.
// Factors under the root:
//   - v: 2 in each square if it is a sum
//   - v_i^2: 1
//   - the sum: its longest chain of additions. GPU implementations share a row among 32 lanes or
//     more, which read at most 8 elements at once (16 bytes of 16-bit elements): a lane has at most
//     e = min(n, 8 ceil(n / 256)) of them, so e - 1 additions, then 5 across the lanes. More lanes
//     mean shorter chains: each doubling halves e and adds 1. Nothing, and nothing for the squares,
//     where the inputs make every partial sum exact.
//   - / n: 1
//   - eps: 1 for rounding it to fp32, 1 for the addition
// Factors outside:
//   - rsqrt: halves the relative error of its argument; its own error is at most 2 ulp of fp32,
//   that
//     is 4u (OpenCL C specification, section 7.4; CUDA C++ Programming Guide, table of
//     single-precision functions)
//   - v: 1 if it is a sum
//   - * and * w: 2; 3 where the weight is w + 1
// so the relative error is at most  E = g(K / 2 + 4 + 2 + s),  with K = 1 + chain + 3 + 2s, or
// 3 + 2s where sums are exact, and s = 1 if v is a sum, else 0. An ulp is at least 2^-p of the
// value in a format with p bits of significand, so E is at most E * 2^p ulps there. Storing adds
// 0.5 (nearest) or 1 (truncation); twice that where the exact value is a power of two, whose ulp is
// the lower binade's while what lies above it is rounded in the upper one's, which takes an E of at
// least one ulp to happen. In fp32 the last multiplication is the storing.
//
// Codes and scales of a quantized row. The value that is quantized is not stored: it has the
// factors of both products, F in all. A dynamic scale is the value of the largest magnitude over
// the largest code: F, and the division is the storing; of a floor 1, for rounding that to fp32. A
// code is value * (1 / scale): 2 for the reciprocal and the product, F for the value, and F + 1 for
// a dynamic scale. In int8, whose unit is 1 and whose values are below 2^7, p is 7.
//
// What is rounded to the format before it is multiplied by w has one more factor there, 1 + d with
// |d| <= 2^-p (nearest) or 2^(1-p) (truncation): 1 or 2 more ulps. In fp32 it is one of those
// above.
#pragma once

#include <cstdint>
#include <string>

#include "reference/formats.hpp"
#include "reference/policy.hpp"

namespace fusegate::reference {

/// What the analysis depends on.
struct NormBound {
  Format format = Format::fp32;
  std::int64_t width = 1;   ///< n
  bool exact_sums = false;  ///< squares and partial sums have no rounding error
  bool with_residual = false;
  Rounding store = Rounding::nearest_even;
  bool rounds_before_weight = false;
  bool adds_to_weight = false;  ///< the weight is w + 1, as in Gemma: one rounding more
};

struct UlpBound {
  double ulps = 0;
  std::string derivation;  ///< "0.5 for storing + 74 roundings of fp32, each 2^-16 ulp of bf16"
};

/// The largest error of a normalized element, in ulps of the format at the exact value.
[[nodiscard]] UlpBound norm_bound(const NormBound& norm);

/// The largest error of a row's dynamic scale, in ulps of fp32.
[[nodiscard]] UlpBound scale_bound(const NormBound& norm);

/// The largest error of a code, in ulps of its format at value / scale, which is clamped to the
/// format's numbers. `rounding`: of the code.
[[nodiscard]] UlpBound code_bound(const NormBound& norm, Format codes, bool has_dynamic_scale,
                                  Rounding rounding);

/// The largest error of x + residual, added in fp32 and stored.
[[nodiscard]] UlpBound residual_bound(Format format, Rounding store);

}  // namespace fusegate::reference
