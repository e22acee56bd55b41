// How far a right implementation can be from the exact result: a rounding analysis.
//
// Model. The implementation computes in fp32 with unit roundoff u = 2^-24: fl(a op b) = (a op b)(1
// + d), |d| <= u (N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed.,
// section 2.2), no overflow and no underflow on the way. k such factors together are 1 + t with |t|
// <= g(k) = ku / (1-ku) (Higham, lemma 3.1). All squares have one sign, so errors of a sum's terms
// and additions are relative errors of the sum itself.
//
// One output element is  v * rsqrt(sum(v_i^2) / n + eps) * w  with v = x or x + residual:
//   v           1 factor if it is a sum: 2 in each square, 1 in the element itself
//   v_i^2       1 factor
//   sum         the longest chain of additions: at most ceil(n / 32) - 1 in one lane and 5 across
//   lanes
//               when 32 lanes or more share a row, as every GPU implementation has it; 0 together
//               with the squares where the inputs make every partial sum exact
//   / n         1 factor
//   eps         1 factor for rounding it to fp32, 1 for the addition
//   rsqrt       halves the relative error of its argument; its own error is at most 2 ulp of fp32
//   (OpenCL C
//               specification 7.4; CUDA C++ Programming Guide, table of single-precision
//               functions), that is 4u
//   * , * w     2 factors
// so a relative error of at most  E = g(K / 2 + 4 + 2 + [sum] 1),  K = 1 + chain + 3 or, with
// exact sums, 3, and [sum] 2 more. An ulp is at least 2^-p of the value in a format with p bits of
// significand, so E is at most E * 2^p ulps there. Storing adds 0.5 (nearest) or 1 (truncation);
// twice that where the exact value is a power of two, whose ulp is the lower binade's while what
// lies above it is rounded in the upper one's, which takes an E of at least one ulp to happen. In
// fp32 the last multiplication is the storing.
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
};

struct UlpBound {
  double ulps = 0;
  std::string derivation;  ///< "0.5 + 140.5 u / ulp, ..." in one line
};

/// The largest error of a normalized element, in ulps of the format at the exact value.
[[nodiscard]] UlpBound norm_bound(const NormBound& norm);

/// The largest error of x + residual, added in fp32 and stored.
[[nodiscard]] UlpBound residual_bound(Format format, Rounding store);

}  // namespace fusegate::reference
