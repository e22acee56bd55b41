#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/library/contract.hpp"
#include "probe/sources/git_history.hpp"
#include "probe/sources/source_tree.hpp"
#include "probe/surface/symbols.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/options.hpp"

namespace fusegate::tools {

/// The sources of a library, wherever they come from.
struct LibrarySources {
  probe::LibraryContract contract;
  std::string place;     ///< the folder or repository
  std::string revision;  ///< of the repository; empty: a folder
  std::unique_ptr<probe::GitHistory> history;
  std::unique_ptr<probe::SourceTree> tree;  ///< after history, which it reads
};

/// Opens what --library, or --repo and --rev, name. Throws UsageError and CannotRun.
[[nodiscard]] LibrarySources open_sources(const SourceOptions& options, const std::string& python);

/// The known library of which a commit holds the sources. `wanted` is its name where it was given.
/// Throws UsageError when there is none.
[[nodiscard]] probe::LibraryContract contract_of(probe::GitHistory& history,
                                                 const std::string& commit,
                                                 const std::string& wanted);

/// The commit of a revision. Throws UsageError when there is none.
[[nodiscard]] std::string commit_of(probe::GitHistory& history, const std::string& revision);

/// Whether a person who says `word` means the symbol: "aiter.ops.rmsnorm.rms_norm" is called so,
/// "rms_norm" or "rmsnorm.rms_norm".
[[nodiscard]] bool is_called(std::string_view symbol, std::string_view word);

/// Whether a word calls one of the symbols.
[[nodiscard]] bool is_known(const std::vector<probe::Symbol>& symbols, std::string_view word);

/// For each word that calls none of the symbols a sentence with what might be meant.
[[nodiscard]] std::vector<std::string> unknown_words(const std::vector<probe::Symbol>& symbols,
                                                     const std::vector<std::string>& words);

/// "FILE: WHAT (FIX)" for each problem, also when the program is to be quiet.
void print_problems(const Console& console, const std::vector<probe::Problem>& problems);

/// {name, path, revision}
[[nodiscard]] nlohmann::ordered_json to_json(const LibrarySources& sources);

}  // namespace fusegate::tools
