#pragma once

#include <nlohmann/json_fwd.hpp>

#include "reports/markdown_text.hpp"
#include "reports/report.hpp"

namespace fusegate::reports {

/// What became of the cases of each model, by implementation. Nothing where no result says of which
/// models it is.
void write_models(Markdown& out, const nlohmann::ordered_json& envelope,
                  const ResultSource& results);

}  // namespace fusegate::reports
