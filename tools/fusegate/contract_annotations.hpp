#pragma once

#include <filesystem>
#include <string>

#include "tools/fusegate/console.hpp"
#include "tools/fusegate/contract_outcome.hpp"

namespace fusegate::tools {

/// What stands before the names of an engine's files to make them paths below the top of the
/// checkout that holds it, "python/"; empty where it is the top, or in no checkout.
[[nodiscard]] std::string checkout_prefix(const std::filesystem::path& root);

/// For GitHub's log: an error for what counts, a warning for a use that breaks under a condition
/// that is not known.
void print_annotations(const Console& console, const ContractOutcome& outcome,
                       const std::filesystem::path& root);

}  // namespace fusegate::tools
