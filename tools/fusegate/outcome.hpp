#pragma once

#include <string_view>

#include "reports/summary.hpp"
#include "suites/campaign.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/exit_code.hpp"

namespace fusegate::tools {

/// Prints the last line and gives the exit code. An interruption outranks a failed check, and a
/// failed check, which is known, outranks what could not be run: an implementation, cases that were
/// skipped, or all cases because none is supported.
[[nodiscard]] ExitCode conclude(const Console& console, const reports::Summary& summary,
                                const suites::CampaignOutcome& outcome,
                                std::string_view when_interrupted);

}  // namespace fusegate::tools
