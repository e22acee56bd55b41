#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "reports/report.hpp"

namespace fusegate::reports {

/// report.md: what a person wants to know first, first. `envelope` is a report without its results.
[[nodiscard]] std::string render_markdown(const nlohmann::ordered_json& envelope,
                                          const Summary& summary, const ResultSource& results);

}  // namespace fusegate::reports
