#pragma once

#include "tools/fusegate/console.hpp"
#include "tools/fusegate/contract_outcome.hpp"

namespace fusegate::tools {

// What `contract check` tells of an engine's own objects.

[[nodiscard]] std::size_t count_of(const probe::AttributeReport& report,
                                   probe::AttributeStatus status);

/// The missing ones, and with `all` those of which it is not known, too; without what the baseline
/// has.
void print_attributes(const Console& console, const ContractOutcome& outcome, bool all);

/// The one with this id, where there is one.
void explain_attribute(const Console& console, const ContractOutcome& outcome,
                       const std::string& id);

}  // namespace fusegate::tools
