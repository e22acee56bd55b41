#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/library/locate.hpp"
#include "probe/surface/load.hpp"

namespace fusegate::probe {

/// Bounds of an import.
struct LiveLimits {
  std::chrono::seconds time{120};
  std::uint64_t memory_bytes = 16ull << 30;  ///< of address space
};

/// Names that stand in a package under one condition, and how many of them are there.
struct LiveGroup {
  std::string condition;  ///< empty: always
  std::vector<std::string> present;
  std::vector<std::string> missing;
};

/// What came of importing a library.
struct LiveImport {
  enum class Outcome { imported, failed, crashed, timed_out, not_started };
  enum class Namespace { complete, truncated, unknown };
  Outcome outcome = Outcome::not_started;
  std::string python;             ///< version of the interpreter
  std::optional<double> seconds;  ///< the import alone
  std::string file;               ///< what was imported: the library, or another of its name
  std::string error;              ///< "ImportError: ...", "was killed by SIGSEGV"
  std::string where;              ///< file:line that raised it
  std::vector<std::string> causes;
  std::vector<std::string> libraries;  ///< mapped shared libraries below the library's folders
  std::vector<std::string> runtimes;   ///< other mapped ones that GPU code needs
  Namespace names = Namespace::unknown;
  std::vector<LiveGroup> groups;  ///< what the sources say the package has
  std::string last_words;         ///< the end of what it wrote to standard error
};

/// Imports the library in a child of the interpreter: this runs its code, which may compile kernels
/// and write files. Compares the names that it then has with those that its sources give it.
[[nodiscard]] LiveImport import_live(const LibraryLocation& location, const std::string& package,
                                     const std::string& python, LoadedSurface& loaded,
                                     const LiveLimits& limits);

/// {outcome, python, seconds, file, error, where, causes[], libraries[], runtimes[],
/// namespace{state, groups[]}, last_words}
[[nodiscard]] nlohmann::ordered_json to_json(const LiveImport& live);

}  // namespace fusegate::probe
