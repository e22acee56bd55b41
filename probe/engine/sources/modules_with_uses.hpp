#pragma once

#include <set>
#include <string>

#include "probe/engine/sources/engine_tree.hpp"

namespace fusegate::probe {

/// Reads the modules of an engine in which uses of tracked libraries can stand, and gives their
/// names: those whose text has the name of a library, and those that import a library's name from
/// one of these, however often it is handed on. Throws CannotRun where no Python can be started.
[[nodiscard]] std::set<std::string> read_modules_with_uses(EngineTree& tree,
                                                           const std::set<std::string>& tracked,
                                                           EngineFactsStore& store);

}  // namespace fusegate::probe
