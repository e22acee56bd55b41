#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::suites {

/// Starts the worker of kernels/providers in an interpreter, which need not know of this project:
/// its files travel in the command. `config` is as fusegate_worker/provider.py has it.
[[nodiscard]] std::vector<std::string> python_worker_command(const std::string& python,
                                                             const nlohmann::ordered_json& config);

}  // namespace fusegate::suites
