#pragma once

#include <string>
#include <vector>

#include "probe/library/contract.hpp"
#include "probe/library/distributions.hpp"
#include "probe/library/locate.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::probe {

/// What a library says it is. Empty: it does not say.
struct LibraryIdentity {
  std::string distribution;
  std::string version;
  std::string version_source;               ///< the file (below the root) or command that said so
  std::string revision;                     ///< the commit, of a git checkout
  std::vector<Distribution> distributions;  ///< all that claim the package
  std::vector<Problem> problems;  ///< sources that cannot be understood or contradict each other
};

/// Asks the sources that the contract names, in its order: the first that knows a version has it.
/// Nothing is imported or executed: files are read as text, git without the checkout's settings.
[[nodiscard]] LibraryIdentity identify_library(const LibraryLocation& location,
                                               const LibraryContract& contract);

}  // namespace fusegate::probe
