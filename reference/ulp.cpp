#include "reference/ulp.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace fusegate::reference {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::int64_t>(1023 + exponent) << 52);
}

// The unit of the largest binade, also the distance to the number that would come next.
double largest_unit(const FormatTraits& t) {
  return power_of_two(t.max_exponent - t.mantissa_bits);
}

bool overflows(const FormatTraits& t, double magnitude) {
  if (magnitude <= t.largest_finite) return false;
  const double midpoint = t.largest_finite + largest_unit(t) / 2;
  const bool largest_is_odd = std::fmod(t.largest_finite / largest_unit(t), 2) == 1;
  return magnitude > midpoint || (magnitude == midpoint && largest_is_odd);
}

bool overflows_to_nan(const FormatTraits& t) {
  return !t.has_infinity && t.nan != NanEncoding::none;
}

// Rule 4: whether `actual` is what becomes of `exact`, which overflows.
bool is_overflow_of(const FormatTraits& t, double actual, double exact) {
  if (overflows_to_nan(t)) return std::isnan(actual);
  return actual == std::copysign(t.has_infinity ? infinity : t.largest_finite, exact);
}

// Rules 6 and 8: the number as which `actual` is measured; NaN where there is none.
double measured_as(const FormatTraits& t, double actual, double exact, Subnormals subnormals) {
  const double next = t.largest_finite + largest_unit(t);
  if (std::isinf(actual)) return std::copysign(next, actual);
  const bool in_largest_binade = std::abs(exact) >= power_of_two(t.max_exponent);
  if (std::isnan(actual) && overflows_to_nan(t) && in_largest_binade) {
    return std::copysign(next, exact);
  }
  if (actual == 0 && subnormals == Subnormals::flush) {
    if (std::abs(exact) < t.smallest_normal) return exact;
    return std::copysign(t.smallest_normal - t.smallest_subnormal / 2, exact);
  }
  return actual;
}

/// Rule 9.
double int8_error(double actual, double exact) {
  if (std::isnan(exact)) return actual == 0 ? 0 : infinity;
  const double saturated = std::clamp(exact, -128.0, 127.0);
  return actual == saturated ? 0 : actual - exact;
}

}  // namespace

double ulp_size(Format format, double exact) {
  if (std::isnan(exact)) return exact;
  const FormatTraits& t = format_traits(format);
  const auto bits = std::bit_cast<std::uint64_t>(std::abs(exact));
  int exponent = static_cast<int>(bits >> 52) - 1023;
  if (bits << 12 == 0) --exponent;  // a power of two, or zero or infinity, which are clamped
  return power_of_two(std::clamp(exponent, t.min_exponent, t.max_exponent) - t.mantissa_bits);
}

double ulp_error(Format format, double actual, double exact, Subnormals subnormals) {
  if (format == Format::int8) return int8_error(actual, exact);
  const FormatTraits& t = format_traits(format);
  if (std::isnan(exact) || (exact < 0 && !t.is_signed)) return std::isnan(actual) ? 0 : infinity;
  if (overflows(t, std::abs(exact)) && is_overflow_of(t, actual, exact)) return 0;
  const double measured = measured_as(t, actual, exact, subnormals);
  if (std::isnan(measured)) return infinity;
  return (measured - exact) / ulp_size(format, exact);
}

}  // namespace fusegate::reference
