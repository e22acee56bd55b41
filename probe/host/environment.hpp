#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fusegate::probe {

/// Values longer than this are cut, and say so.
inline constexpr std::size_t longest_recorded_value = 1024;

/// Whether an environment variable may stand in a report: only those that change which device or
/// which kernel is used. Everything else stays unread, credentials above all.
[[nodiscard]] bool is_recorded_variable(std::string_view name);

/// The value as a report has it: valid UTF-8, the home folder written as ~, and cut when too long.
/// `home` may be empty.
[[nodiscard]] std::string recorded_value(std::string_view value, std::string_view home);

/// The variables of this process that may stand in a report.
[[nodiscard]] std::map<std::string, std::string> recorded_environment();

}  // namespace fusegate::probe
