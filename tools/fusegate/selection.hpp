// From what a person chose to what is run.
#pragma once

#include <string>
#include <vector>

#include "probe/device/device.hpp"
#include "suites/implementation.hpp"
#include "suites/plan.hpp"
#include "suites/runner.hpp"
#include "tools/fusegate/options.hpp"

namespace fusegate::tools {

/// The cases of `lines`, or of the suite when there are none. Throws UsageError.
[[nodiscard]] suites::Plan make_plan(const CaseOptions& options,
                                     const std::vector<std::string>& lines);

/// What is to be tested, and what a person should know of the choice.
struct Choice {
  std::vector<suites::Implementation> implementations;
  std::vector<std::string> notes;
};

/// The implementations that --with and --worker name, each once; without either, this build's
/// kernels on a GPU that is here, else on the CPU. `python` is the interpreter of the environment
/// that libraries are in. Throws UsageError and CannotRun.
[[nodiscard]] Choice choose_implementations(const CaseOptions& options, const std::string& python,
                                            const std::vector<probe::Device>& devices);

/// Whether the choice depends on the GPUs that are here.
[[nodiscard]] bool depends_on_devices(const CaseOptions& options);

[[nodiscard]] suites::RunnerOptions make_runner_options(const CaseOptions& options, int runs,
                                                        int interrupt_fd);

}  // namespace fusegate::tools
