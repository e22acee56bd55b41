#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "probe/engine/sources/engine_rules.hpp"

namespace fusegate::probe {

/// Where an engine's sources are.
struct EngineLocation {
  const EngineRules* rules = nullptr;
  std::filesystem::path root;  ///< the folder that holds the import package
};

/// Finds what an `--engine [NAME=]PATH` or `--engine NAME` argument says: a checkout, the package
/// itself, an unpacked wheel or a site-packages folder; a NAME alone is asked of `python`, by the
/// import system's own search, without importing it. `engines` must outlive the result. Throws
/// UsageError for a path that holds no known engine, CannotRun when the interpreter has none.
[[nodiscard]] EngineLocation locate_engine(std::string_view argument,
                                           const std::vector<EngineRules>& engines,
                                           const std::string& python);

}  // namespace fusegate::probe
