#include "reference/policy.hpp"

#include <fmt/format.h>

namespace fusegate::reference {

std::string policy_text(const NumericPolicy& policy) {
  return fmt::format("accumulate=fp32 sum={} store={}{}",
                     policy.norm_of_rounded_sum ? "rounded" : "unrounded",
                     policy.store == Rounding::nearest_even ? "nearest" : "truncate",
                     policy.rounds_before_weight ? " weight=after_rounding" : "");
}

}  // namespace fusegate::reference
