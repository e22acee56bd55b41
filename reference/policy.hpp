#pragma once

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

  friend bool operator==(const NumericPolicy&, const NumericPolicy&) = default;
};

/// The canonical text: "accumulate=fp32 sum=unrounded store=nearest".
[[nodiscard]] std::string policy_text(const NumericPolicy& policy);

}  // namespace fusegate::reference
