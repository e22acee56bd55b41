// RMS norms with one planted defect each: the real kernel with one of its parts replaced. They show
// that the checks would notice.
#pragma once

#include <span>
#include <string_view>

#include "kernels/worker/operation.hpp"

namespace fusegate::suites {

struct Mutant {
  std::string_view name;
  std::string_view defect;  ///< one line for people
  /// As that of kernels::Operation, for rms_norm.
  hipError_t (*launch)(const kernels::Call& call, kernels::LaunchInfo& info);
};

[[nodiscard]] std::span<const Mutant> all_mutants();

}  // namespace fusegate::suites
