#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/engine/sources/engine_location.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::probe {

/// Which version an engine's sources are of. Empty: they do not say.
struct EngineVersion {
  std::string text;
  std::string source;    ///< the file or folder (below the root) or command that says so
  std::string revision;  ///< the commit, of a git checkout
};

/// As the tags of a checkout say, or else the version file, or the metadata that pip left beside
/// the package. Nothing is executed but git; where that fails, it is a problem.
[[nodiscard]] EngineVersion version_of(const EngineLocation& engine,
                                       std::vector<Problem>& problems);

/// Which release an engine's sources are of, as its version file says or the metadata that pip left
/// beside it, without what stands behind a + . A checkout without either does not tell.
[[nodiscard]] std::optional<std::string> release_of(const EngineLocation& engine);

}  // namespace fusegate::probe
