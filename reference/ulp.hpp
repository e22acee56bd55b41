#pragma once

#include "reference/formats.hpp"

namespace fusegate::reference {

/// What a kernel may do with subnormal results.
enum class Subnormals {
  keep,
  flush,  // may return zero in their place
};

/// One unit in the last place of the format at the infinitely precise value `exact`: the distance
/// of the two finite numbers nearest to it (OpenCL C 7.4). So at a power of two it is the lower
/// binade's unit. Up to the smallest normal number it is the smallest subnormal, and from the
/// largest binade on that binade's unit. NaN for NaN.
[[nodiscard]] double ulp_size(Format format, double exact);

/// How far `actual`, a decoded number of the format, is from the infinitely precise value, in units
/// in the last place: positive when too large. Rules 1 to 7 are OpenCL-CTS's (Ulp_Error and the
/// README of math_brute_force), with what its callers check first, and carried over to formats that
/// lack infinity or NaN. Never NaN, so that `std::abs(error) <= limit` always decides.
///  1. The error is (actual - exact) / ulp_size(exact): of the exact value, not of the rounded one.
///     A correctly rounded result has an error of up to 0.5, not of 0 (up to 1 below the smallest
///     e8m0, which has no zero to round to).
///  2. Where NaN is expected, any NaN is right (0) and all else infinitely wrong. NaN is expected
///     for an exact NaN, and for a value below zero in e8m0, which has no encoding for it.
///     e2m1 has no NaN, so nothing is right: there the scale has to tell.
///  3. Elsewhere NaN is infinitely wrong, but for rules 4 and 6.
///  4. A value that overflows when it is rounded to nearest has an error of 0 as what encode()
///     makes of it: infinity of its sign; NaN where there is no infinity; the largest number of its
///     sign where there is neither. Any other number, the largest finite one among them, has its
///     plain distance. (Where a policy saturates, clamp `exact` first.)
///  5. Where the exact value is infinite, that distance is infinite, with its sign.
///  6. Any other infinity counts as the next number of its sign beyond the largest finite one, so
///     that premature overflow is tolerated as far as any other error. So does NaN where it stands
///     for overflow (rule 4), but only where the exact value is in the largest binade or beyond:
///     further down no rounding error explains it.
///  7. The sign of zero does not matter.
///  8. With Subnormals::flush, zero is right (0) where the exact value is subnormal in the format.
///     Above that it counts as the midpoint of the largest subnormal and the smallest normal
///     number, the least that may be flushed to it once it is rounded: a computed value that is
///     tiny before rounding lies below the smallest normal number, and a rounding costs half a
///     unit. (OpenCL-CTS is laxer by this half: its limit is the smallest normal number itself.)
///  9. int8's unit is 1 everywhere. Where the exact value lies beyond -128 or 127, that number is
///     right, and where it is NaN, 0.
[[nodiscard]] double ulp_error(Format format, double actual, double exact,
                               Subnormals subnormals = Subnormals::keep);

}  // namespace fusegate::reference
