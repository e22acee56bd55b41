#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/device/device.hpp"
#include "probe/library/compiled_modules.hpp"

namespace fusegate::tools {

/// `libraries` of a report, for --library arguments. Throws UsageError for one that is no library.
[[nodiscard]] nlohmann::ordered_json survey_libraries(const std::vector<std::string>& arguments,
                                                      const std::string& python);

/// The compiled modules of a library, for the GPUs of this machine.
[[nodiscard]] probe::CompiledModules compiled_modules_of(const probe::LibraryLocation& location,
                                                         const probe::LibraryContract& contract,
                                                         probe::FactsStore& store);

/// Adds `elf` to each of these: its compiled modules (probe/library/compiled_modules.hpp).
void add_compiled_modules(nlohmann::ordered_json& libraries,
                          const std::vector<std::string>& arguments, const std::string& python);

/// Adds `live` to each of these: what came of importing it (probe/library/live.hpp).
void add_live_imports(nlohmann::ordered_json& libraries, const std::vector<std::string>& arguments,
                      const std::string& python, std::chrono::seconds time_limit);

/// `host` of a report.
[[nodiscard]] nlohmann::ordered_json survey_host(const std::string& python);

/// `tool` of a report.
[[nodiscard]] nlohmann::ordered_json tool_identity();

/// "0.1.0 (abc123)".
[[nodiscard]] std::string tool_version_text();

}  // namespace fusegate::tools
