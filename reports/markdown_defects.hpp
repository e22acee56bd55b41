#pragma once

#include <nlohmann/json_fwd.hpp>

#include "reports/markdown_text.hpp"
#include "reports/report.hpp"

namespace fusegate::reports {

/// What became of the cases that show known defects: for each defect whether the sources have it
/// and whether it showed. Nothing where none of these cases ran.
void write_defects(Markdown& out, const nlohmann::ordered_json& envelope,
                   const ResultSource& results);

}  // namespace fusegate::reports
