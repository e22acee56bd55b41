#include "reference/policy.hpp"

#include <fmt/format.h>

namespace fusegate::reference {
namespace {

const char* rounding_text(Rounding rounding) {
  return rounding == Rounding::nearest_even ? "nearest" : "truncate";
}

}  // namespace

std::string policy_text(const NumericPolicy& policy, bool is_quantized) {
  auto text = fmt::format(
      "accumulate=fp32 sum={} store={}{}", policy.norm_of_rounded_sum ? "rounded" : "unrounded",
      rounding_text(policy.store), policy.rounds_before_weight ? " weight=after_rounding" : "");
  if (!is_quantized) return text;
  text += fmt::format(" codes={} least_amax={:g}", rounding_text(policy.codes), policy.least_amax);
  if (policy.largest_fp8) text += fmt::format(" largest_fp8={:g}", *policy.largest_fp8);
  return text;
}

}  // namespace fusegate::reference
