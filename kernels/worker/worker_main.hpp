// The command line of our own workers: `WORKER [--device=N] [runtime options]`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/worker/operation.hpp"

namespace fusegate::kernels {

/// Options that one worker has besides those of all.
struct WorkerOptions {
  /// Takes `--name=value`; false when it has none of that name. Throws std::invalid_argument for a
  /// bad value.
  std::function<bool(std::string_view name, const std::string& value)> apply;
  std::string names;  ///< for a message: " --name=value" for each
};

/// Reads the command line. Returns the device's number; nothing after it has printed to standard
/// error what is wrong: then the exit status is 2.
[[nodiscard]] std::optional<int> read_command_line(int argc, char** argv,
                                                   const WorkerOptions& own = {});

/// The program that serves these operations. Returns the exit status.
int worker_main(int argc, char** argv, std::vector<Operation> operations);

}  // namespace fusegate::kernels
