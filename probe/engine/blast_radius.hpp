#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "probe/engine/activity.hpp"

namespace fusegate::probe {

/// A handler that takes an import's failure, so that it goes no further.
struct SwallowedImport {
  std::string module;  ///< that goes on
  std::string file;
  int line = 0;         ///< of its import
  std::string handler;  ///< what it catches
};

/// What comes of a use at which a module's import stops.
struct BlastCause {
  const JudgedUse* use = nullptr;
  std::vector<std::string> modules;        ///< that stop importing, its own first
  std::vector<std::string> models;         ///< among them, modules of a model registry
  std::vector<std::string> architectures;  ///< that these would register
  std::vector<SwallowedImport> swallowed;  ///< where it ends
  std::vector<std::string> conditional;    ///< modules that stop where an open condition holds
  std::string log, symptom;                ///< of the registry
};

/// Follows imports backwards from each use that stops its module's import. `activity` tells which
/// guarded imports happen; facts of importers that have such are read when they are needed.
[[nodiscard]] std::vector<BlastCause> blast_radius(const std::vector<JudgedUse>& uses,
                                                   EngineTree& tree, EngineFactsStore& store,
                                                   Activity& activity, SourceTree& sources,
                                                   const EngineRules& rules);

/// The architectures that a registry has from a module: the names that its variable or its tables
/// give, read from the text.
[[nodiscard]] std::vector<std::string> architectures_of(const std::string& module,
                                                        const ModelRegistry& registry,
                                                        const EngineTree& tree,
                                                        SourceTree& sources);

}  // namespace fusegate::probe
