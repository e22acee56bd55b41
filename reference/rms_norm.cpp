#include "reference/rms_norm.hpp"

#include <cmath>

#include <Eigen/Core>

namespace fusegate::reference {
namespace {

using Row = Eigen::Map<Eigen::ArrayXd>;
using ConstRow = Eigen::Map<const Eigen::ArrayXd>;

Row as_row(std::span<double> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

ConstRow as_row(std::span<const double> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

}  // namespace

void rms_norm(std::span<const double> x, std::span<const double> weight, double eps,
              std::span<double> out, double added_to_weight) {
  const double inverse_rms = 1.0 / std::sqrt(as_row(x).square().mean() + eps);
  as_row(out) = as_row(x) * inverse_rms * (as_row(weight) + added_to_weight);
}

void residual_add(std::span<const double> x, std::span<const double> residual, Format format,
                  const NumericPolicy& policy, std::span<double> sum) {
  as_row(sum) = as_row(x) + as_row(residual);
  if (!policy.norm_of_rounded_sum) return;
  for (double& value : sum) value = decode(format, encode(format, value, policy.store));
}

}  // namespace fusegate::reference
