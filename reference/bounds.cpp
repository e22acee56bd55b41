#include "reference/bounds.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace fusegate::reference {
namespace {

constexpr double unit_roundoff = 0x1p-24;
constexpr std::int64_t lanes = 32;         // the fewest that share a row
constexpr std::int64_t widest_access = 8;  // elements
constexpr int additions_across_lanes = 5;  // log2(lanes)
constexpr double rsqrt_factors = 4;        // 2 ulp of fp32

/// Higham's gamma.
double gamma(double factors) {
  return factors * unit_roundoff / (1 - factors * unit_roundoff);
}

int significand_bits(Format format) {
  return format == Format::int8 ? 7 : format_traits(format).mantissa_bits + 1;
}

/// `roundings`: of the format, before the storing.
UlpBound to_ulps(Format format, double factors, Rounding store, int roundings = 0) {
  const double each = store == Rounding::nearest_even ? 1 : 2;
  const double before =
      gamma(factors) * std::ldexp(1.0, significand_bits(format)) + roundings * each;
  const double storing = (store == Rounding::nearest_even ? 0.5 : 1.0) * (before < 1 ? 1 : 2);
  return {
      storing + before,
      fmt::format("{} for storing + {} roundings of fp32, each 2^{} ulp of {}{}", storing, factors,
                  significand_bits(format) - 24, format_name(format),
                  roundings > 0 ? fmt::format(" + {} for rounding before the weight", each) : "")};
}

/// Of v * rsqrt(...) * w, both products counted.
double factors_of(const NormBound& norm) {
  double under_root = 3;  // / n, eps, + eps
  if (!norm.exact_sums) {
    const std::int64_t accesses =
        (norm.width + lanes * widest_access - 1) / (lanes * widest_access);
    const std::int64_t in_lane = std::min(norm.width, accesses * widest_access);
    under_root += 1 + static_cast<double>(in_lane - 1) + additions_across_lanes;
  }
  if (norm.with_residual) under_root += 2;
  const int products = norm.adds_to_weight ? 3 : 2;
  return under_root / 2 + rsqrt_factors + products + (norm.with_residual ? 1 : 0);
}

}  // namespace

UlpBound norm_bound(const NormBound& norm) {
  const bool is_fp32 = norm.format == Format::fp32;
  const int roundings = norm.rounds_before_weight && !is_fp32 ? 1 : 0;
  return to_ulps(norm.format, factors_of(norm) - (is_fp32 ? 1 : 0), norm.store, roundings);
}

UlpBound scale_bound(const NormBound& norm) {
  return to_ulps(Format::fp32, factors_of(norm), Rounding::nearest_even);
}

UlpBound code_bound(const NormBound& norm, Format codes, bool has_dynamic_scale,
                    Rounding rounding) {
  const double value = factors_of(norm);
  const double scale = has_dynamic_scale ? value + 1 : 0;
  return to_ulps(codes, value + scale + 2, rounding);
}

UlpBound residual_bound(Format format, Rounding store) {
  return to_ulps(format, format == Format::fp32 ? 0 : 1, store);
}

}  // namespace fusegate::reference
