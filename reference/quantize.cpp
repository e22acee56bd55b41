#include "reference/quantize.hpp"

#include <algorithm>
#include <cmath>

namespace fusegate::reference {

double largest_code(Format codes, const NumericPolicy& policy) {
  const double largest = format_traits(codes).largest_finite;
  return policy.largest_fp8 && codes != Format::int8 ? *policy.largest_fp8 : largest;
}

double row_scale(std::span<const double> values, Format codes, const NumericPolicy& policy) {
  double largest = 0;
  for (const double value : values) largest = std::fmax(largest, std::abs(value));
  return std::max(largest, policy.least_amax) / largest_code(codes, policy);
}

void scaled_row(std::span<const double> values, double scale, Format codes,
                const NumericPolicy& policy, std::span<double> out) {
  const bool is_int8 = codes == Format::int8;
  const double largest = largest_code(codes, policy);
  const double smallest = is_int8 ? -128.0 : -largest;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double scaled = values[i] / scale;
    out[i] = std::isnan(scaled) ? (is_int8 ? 0.0 : scaled) : std::clamp(scaled, smallest, largest);
  }
}

}  // namespace fusegate::reference
