#pragma once

#include "reports/markdown_text.hpp"
#include "reports/report.hpp"

namespace fusegate::reports {

/// What libraries say they take beside what they do, by op and by what is out of the ordinary in a
/// case; nothing where no result tells.
void write_declared(Markdown& out, const ResultSource& results);

}  // namespace fusegate::reports
