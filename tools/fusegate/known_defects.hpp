// Known defects of the libraries that are tested, and the cases that show them.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::tools {

/// The suite whose cases are those of the defects.
inline constexpr const char* defects_suite = "defects";

/// The cases that show known defects of what the implementations of these names call. A library's
/// own name stands for all of its implementations. Throws UsageError where there are none.
[[nodiscard]] std::vector<std::string> defect_lines(const std::vector<std::string>& names);

/// Those defects of the implementations of a report that have cases: [{implementation, library,
/// contract, op, id, summary, when, consequence, in_sources, cases[]}]. `libraries` are the
/// report's.
[[nodiscard]] nlohmann::ordered_json known_defects(const std::vector<std::string>& implementations,
                                                   const nlohmann::ordered_json& libraries);

}  // namespace fusegate::tools
