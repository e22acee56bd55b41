#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/library/contract.hpp"
#include "probe/library/entry_points.hpp"
#include "probe/library/identity.hpp"
#include "probe/library/locate.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::probe {

/// What reading a library's files tells.
struct LibraryFacts {
  LibraryLocation location;
  LibraryIdentity identity;
  std::vector<std::string> siblings;  ///< top-level packages of the library that stand beside it
  std::string fingerprint;            ///< of the package's Python files; equal sources, equal one
  std::vector<EntryPoint> entry_points;
  std::vector<Problem> problems;  ///< the identity's among them
};

/// {name, path, kind, distribution, version, version_source, revision, fingerprint, siblings[],
/// distributions[], entry_points[], problems[]}; what is not known is null.
[[nodiscard]] nlohmann::ordered_json to_json(const LibraryFacts& facts);

/// Locates, identifies and reads a library; `python` is the interpreter that parses its sources
/// and, for a request without a path, is asked where the library is. Throws as locate_library does;
/// whatever else fails is a problem.
[[nodiscard]] LibraryFacts survey_library(const LibraryRequest& request, const std::string& python,
                                          const std::vector<LibraryContract>& contracts);
[[nodiscard]] LibraryFacts survey_library(const LibraryRequest& request, const std::string& python);

}  // namespace fusegate::probe
