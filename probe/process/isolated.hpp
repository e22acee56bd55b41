#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace fusegate {

/// What a function did that ran in a process of its own.
struct IsolatedResult {
  bool ok = false;
  std::string value;    ///< what it returned, when ok
  std::string failure;  ///< otherwise why: what it threw, "was killed by SIGSEGV", "did not ..."
};

/// Runs `function` in a forked child and hands back the string it returns. For foreign libraries
/// that may crash, hang, exit or print while they are asked: none of that reaches this process.
/// The function must not rely on threads of this process. Output it prints is thrown away but for
/// its last line, which stands in `failure` when it did not return.
[[nodiscard]] IsolatedResult run_isolated(const std::function<std::string()>& function,
                                          std::chrono::milliseconds time_limit);

}  // namespace fusegate
