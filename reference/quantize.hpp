// Scales and codes of quantized rows.
//
// A row of values v is stored as codes q of a narrow format and a scale s, v ~ q * s. Static: s is
// given, one for the whole tensor. Dynamic: s is the row's own,
//   s = max(largest |v|, floor) / largest number of the format,
// so that the largest element just fits. q is v / s rounded to the format, saturated at its largest
// number.
#pragma once

#include <span>

#include "reference/formats.hpp"
#include "reference/policy.hpp"

namespace fusegate::reference {

/// The largest magnitude of codes: the format's largest number, or the policy's.
[[nodiscard]] double largest_code(Format codes, const NumericPolicy& policy);

/// The dynamic scale of a row. NaN counts for nothing in it, as in fmaxf. Infinite for a row with
/// an infinity.
[[nodiscard]] double row_scale(std::span<const double> values, Format codes,
                               const NumericPolicy& policy);

/// values / scale, clamped to what codes can say: the numbers that right codes are nearest to. NaN
/// stays; in int8 it is 0. An infinity by an infinite scale is NaN. `out` may be `values`.
void scaled_row(std::span<const double> values, double scale, Format codes,
                const NumericPolicy& policy, std::span<double> out);

}  // namespace fusegate::reference
