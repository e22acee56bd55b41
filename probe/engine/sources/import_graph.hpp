#pragma once

#include <map>
#include <string>
#include <vector>

#include "probe/engine/sources/engine_tree.hpp"

namespace fusegate::probe {

/// An import of one module of an engine by another, when the importer is imported.
struct ImportEdge {
  const EngineModule* importer = nullptr;
  const ScannedImport* import = nullptr;  ///< nothing: the importer is below the package
};

/// Who imports each module of an engine when it is imported itself, by module. Packages are
/// imported before what is in them.
using Importers = std::map<std::string, std::vector<ImportEdge>, std::less<>>;
[[nodiscard]] Importers importers_of(const EngineTree& tree);

}  // namespace fusegate::probe
