#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "probe/library/contract.hpp"

namespace fusegate::probe {

/// The files from which each compiled module is built, by the library's own list of them
/// (ModuleSources); those that are there. Nothing of the list is evaluated: a source that is not
/// written as a path, or as one below a folder that the contract names, is left out, and so is
/// what leads out of the library. A list that cannot be read gives none.
[[nodiscard]] std::map<std::string, std::vector<std::filesystem::path>> sources_of_modules(
    const std::filesystem::path& root, const ModuleSources& rules);

}  // namespace fusegate::probe
