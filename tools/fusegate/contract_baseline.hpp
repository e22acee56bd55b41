#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/fusegate/contract_finding.hpp"

namespace fusegate::tools {

/// What an earlier check of one library found: what each use and attribute came to, by its id.
using EarlierCheck = std::map<std::string, probe::Consequence>;

/// An earlier document of contract check.
struct Baseline {
  std::map<std::string, EarlierCheck> by_library;

  /// Of a library by its name; nullptr: the document has no check of it.
  [[nodiscard]] const EarlierCheck* find(const std::string& library) const;
};

/// Reads a document of a check of `engine`. Throws CannotRun where the file cannot be read, and
/// UsageError, with the file and what is wrong with it, where it is no such document.
[[nodiscard]] Baseline read_baseline(const std::string& file, const std::string& engine);

/// The ids of what broke then and does not break any more.
[[nodiscard]] std::vector<std::string> mended_since(const EarlierCheck& earlier,
                                                    const probe::EngineCheck& check);

}  // namespace fusegate::tools
