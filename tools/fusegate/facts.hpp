#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/library/compiled_modules.hpp"
#include "probe/library/identify.hpp"
#include "probe/library/live.hpp"

namespace fusegate::tools {

/// What is known of a library that --library names.
struct LibraryFacts {
  probe::Identification library;
  probe::CompiledModules compiled;  ///< for the GPUs of this machine
  std::optional<probe::LiveImport> live;
};

/// Reads each of them, with `python` as the interpreter that parses sources; imports it, too, where
/// `live` gives that a time limit. The contracts must outlive the result. Throws UsageError for an
/// argument that is no library; what cannot be read of one is a problem.
[[nodiscard]] std::vector<LibraryFacts> read_libraries(
    const std::vector<std::string>& arguments, const std::vector<probe::LibraryContract>& contracts,
    const std::string& python, std::optional<std::chrono::seconds> live = std::nullopt);

/// What of this process and the GPUs of this machine decides which compiled modules are used.
[[nodiscard]] probe::ModuleSurroundings surroundings_for(const probe::LibraryContract& contract);

/// An element of a report's `libraries`: to_json(Identification) with {elf, live}; live is null
/// where it was not imported.
[[nodiscard]] nlohmann::ordered_json to_json(const LibraryFacts& facts);

/// `host` of a report.
[[nodiscard]] nlohmann::ordered_json survey_host(const std::string& python);

/// `tool` of a report.
[[nodiscard]] nlohmann::ordered_json tool_identity();

/// "0.1.0 (abc123)".
[[nodiscard]] std::string tool_version_text();

}  // namespace fusegate::tools
