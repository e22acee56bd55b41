#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/generation/match.hpp"
#include "probe/library/contract.hpp"
#include "probe/library/identity.hpp"
#include "probe/library/locate.hpp"
#include "probe/sources/facts_store.hpp"

namespace fusegate::probe {

/// Which library this is, and which generation of each of its entry points it has.
struct Identification {
  LibraryLocation location;
  LibraryIdentity identity;
  std::string install_mode;            ///< as the library notes it; empty: it does not
  std::string fingerprint;             ///< of the modules that define what is tracked
  std::vector<ContractRow> contracts;  ///< of what the library's contract tracks
  std::vector<ReleaseRange> fits;      ///< the known releases with the same generations
  std::optional<bool> version_agrees;  ///< with these; nothing where either is unknown
  std::vector<Problem> problems;
};

/// Reads as much of a library as its contracts need; imports nothing. The contract must outlive the
/// result.
[[nodiscard]] Identification identify(const LibraryLocation& location,
                                      const LibraryContract& contract, FactsStore& store);

/// The same of a surface that was read already, at least as far as the contracts need it.
[[nodiscard]] Identification identify(const LibraryLocation& location,
                                      const LibraryContract& contract, SourceTree& tree,
                                      LoadedSurface& loaded);

/// {name, path, kind, install_mode, distribution, distributions[], version, version_source,
/// version_agrees, fits[], revision, fingerprint, contracts[], problems[]}
[[nodiscard]] nlohmann::ordered_json to_json(const Identification& found);

/// "0.1.14-rc0 .. 0.1.14.post1", "0.1.20 or later".
[[nodiscard]] std::string text_of(const ReleaseRange& range);

}  // namespace fusegate::probe
