#pragma once

#include <string>
#include <vector>

#include "reports/summary.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/exit_code.hpp"

namespace fusegate::tools {

/// Prints the last line and gives the exit code. An interruption outranks a failed check, and a
/// failed check, which is known, outranks what could not be run.
[[nodiscard]] ExitCode conclude(const Console& console, const reports::Summary& summary,
                                const std::vector<std::string>& could_not_run, bool interrupted);

}  // namespace fusegate::tools
