#pragma once

#include <span>

#include "reference/formats.hpp"
#include "reference/policy.hpp"

namespace fusegate::reference {

/// out = x / sqrt(mean(x^2) + eps) * weight, one row, in double: B. Zhang and R. Sennrich, "Root
/// Mean Square Layer Normalization", NeurIPS 2019, with eps where every implementation has it,
/// under the root. The result's relative error is below size * 2^-53, under a thousandth of an fp32
/// ulp for rows of up to 2^17 elements. All spans have one size; `out` may be `x`.
/// `added_to_weight`: 1 for Gemma's norm, whose weight is w + 1.
void rms_norm(std::span<const double> x, std::span<const double> weight, double eps,
              std::span<double> out, double added_to_weight = 0);

/// sum = x + residual, of values of `format`; rounded to it when the policy says that the norm is
/// of the rounded sum. All spans have one size; `sum` may be one of the others.
void residual_add(std::span<const double> x, std::span<const double> residual, Format format,
                  const NumericPolicy& policy, std::span<double> sum);

}  // namespace fusegate::reference
