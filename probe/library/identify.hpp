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
  std::vector<std::string> siblings;   ///< further packages of the library that stand beside it
  std::string install_mode;            ///< as the library notes it; empty: it does not
  std::string sources_fingerprint;     ///< of the package's Python files, byte by byte
  std::string fingerprint;             ///< of what the modules that define tracked names offer
  std::vector<ContractRow> contracts;  ///< of what the library's contract tracks
  std::vector<ReleaseRange> fits;      ///< the known releases with the same generations
  std::optional<bool> version_agrees;  ///< with these; nothing where either is unknown
  std::string failure;                 ///< why no source could be read; empty: one was
  std::vector<Problem> problems;       ///< the failure among them
};

/// Reads as much of a library as its contracts need; imports nothing. Where no source can be read,
/// there are no contracts, but what else is known. The contract must outlive the result.
[[nodiscard]] Identification identify(const LibraryLocation& location,
                                      const LibraryContract& contract, FactsStore& store);

/// The same of a surface that was read already, at least as far as the contracts need it.
[[nodiscard]] Identification identify(const LibraryLocation& location,
                                      const LibraryContract& contract, SourceTree& tree,
                                      LoadedSurface& loaded);

/// {name, path, kind, siblings[], install_mode, distribution, distributions[], version,
/// version_source, version_agrees, fits[], revision, fingerprint, sources_fingerprint, contracts[],
/// problems[]}; what is not known is null
[[nodiscard]] nlohmann::ordered_json to_json(const Identification& found);

/// "0.1.14-rc0 .. 0.1.14.post1, 0.1.20 or later"; "no known release" for none.
[[nodiscard]] std::string releases_text(const std::vector<ReleaseRange>& ranges);

}  // namespace fusegate::probe
