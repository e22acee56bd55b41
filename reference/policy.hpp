#pragma once

#include <optional>
#include <string>

#include "reference/formats.hpp"

namespace fusegate::reference {

/// The choices that implementations of one fused norm make differently, all of them legitimate.
struct NumericPolicy {
  /// Of results to the storage format.
  Rounding store = Rounding::nearest_even;
  /// Whether x + residual is rounded to the storage format before it is normalized.
  bool norm_of_rounded_sum = false;
  /// Whether what is normalized is rounded to the storage format before it is multiplied by the
  /// weight, as engines' own kernels and PyTorch's reference code do.
  bool rounds_before_weight = false;
  /// What quantized codes are rounded by.
  Rounding codes = Rounding::nearest_even;
  /// The least that a dynamic scale takes a row's largest magnitude for, so that rows of zeros have
  /// a scale above zero.
  double least_amax = 1e-10;
  /// The largest fp8 number that codes go up to; left out: the format's own.
  std::optional<double> largest_fp8;

  friend bool operator==(const NumericPolicy&, const NumericPolicy&) = default;
};

/// The canonical text: "accumulate=fp32 sum=unrounded store=nearest". `is_quantized`: with what
/// concerns codes and scales, " codes=nearest least_amax=1e-10".
[[nodiscard]] std::string policy_text(const NumericPolicy& policy, bool is_quantized = false);

}  // namespace fusegate::reference
