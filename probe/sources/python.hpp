#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "probe/process/subprocess.hpp"

namespace fusegate::probe {

/// The text of one of the scripts of probe/facts, which travel inside this program. Before it, that
/// of the script which its first line names: "# uses: common.py".
[[nodiscard]] std::string fact_script(std::string_view name);

/// Has the interpreter `python` run one of these. `options` go before the script (-I at least),
/// `arguments` after it. Throws CannotRun, with the way to mend it, when the interpreter cannot be
/// started.
[[nodiscard]] CommandResult run_fact_script(const std::string& python, std::string_view script,
                                            const std::vector<std::string>& options,
                                            const std::vector<std::string>& arguments,
                                            std::string_view input,
                                            std::chrono::milliseconds time_limit);

/// How such a run failed, in words: what it ended with and the last line it wrote to its errors.
[[nodiscard]] std::string failure_text(const CommandResult& result);

}  // namespace fusegate::probe
