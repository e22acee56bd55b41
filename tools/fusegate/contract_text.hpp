#pragma once

#include <string>
#include <vector>

#include "probe/library/contract.hpp"
#include "probe/surface/load.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/contract_outcome.hpp"

namespace fusegate::tools {

/// What breaks or may break, by consequence, with what goes down with it; with `all`, every use.
/// What is in the baseline is left out.
void print_outcome(const Console& console, const ContractOutcome& outcome, bool all);

/// The uses and attributes with these ids in full, who may reach them, and how to mend them. Ids
/// that the check does not have are passed over.
void explain(const Console& console, const ContractOutcome& outcome,
             const std::vector<std::string>& ids, probe::EngineSources& engine,
             probe::LoadedSurface& loaded, const std::vector<probe::EntryContract>& contracts);

/// "12 uses: 1 conditional, ...", and what has become of the baseline.
void print_counts(const Console& console, const ContractOutcome& outcome);

}  // namespace fusegate::tools
