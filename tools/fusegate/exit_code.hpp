#pragma once

namespace fusegate::tools {

/// What the program's exit status says.
enum class ExitCode {
  good = 0,
  check_failed = 1,
  usage = 2,
  could_not_run = 3,
  slower = 4,
  ambiguous = 5,
  interrupted = 130,
};

inline constexpr const char* exit_code_help =
    "Exit status: 0 good, 1 a check failed, 2 usage, 3 could not run, 130 interrupted.";

}  // namespace fusegate::tools
