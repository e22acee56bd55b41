#pragma once

#include <map>
#include <string>
#include <vector>

#include "probe/engine/engine_check.hpp"
#include "tools/fusegate/accept_list.hpp"
#include "tools/fusegate/contract_baseline.hpp"

namespace fusegate::tools {

/// What one check of one library came to, and what of it counts. Refers to all three.
struct ContractOutcome {
  const probe::EngineCheck& check;
  const AcceptList& accepted;
  const EarlierCheck* earlier = nullptr;  ///< nullptr: there is no baseline of this library

  /// Whether it breaks and did so before.
  [[nodiscard]] bool is_known(const Finding& finding) const;
  /// Whether it breaks, is not accepted and did not break before.
  [[nodiscard]] bool counts(const Finding& finding) const;
  /// Whether it came to something else before, where that makes a difference.
  [[nodiscard]] bool is_new(const Finding& finding) const;
  /// Whether anything counts.
  [[nodiscard]] bool is_broken() const;
};

/// How many uses came to what, by the name of the consequence; of each of them.
[[nodiscard]] std::map<std::string, int> counts_of(const probe::EngineCheck& check);

}  // namespace fusegate::tools
