#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/device/device.hpp"

namespace fusegate::tools {

/// `libraries` of a report, for --library arguments. Throws UsageError for one that is no library.
[[nodiscard]] nlohmann::ordered_json survey_libraries(const std::vector<std::string>& arguments,
                                                      const std::string& python);

/// `host` of a report.
[[nodiscard]] nlohmann::ordered_json survey_host(const std::string& python);

/// `tool` of a report.
[[nodiscard]] nlohmann::ordered_json tool_identity();

/// "0.1.0 (abc123)".
[[nodiscard]] std::string tool_version_text();

}  // namespace fusegate::tools
