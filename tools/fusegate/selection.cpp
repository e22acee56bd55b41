#include "tools/fusegate/selection.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "probe/base/error.hpp"

namespace fusegate::tools {
namespace {

// Vendor of a device, implementation that uses it.
constexpr std::array<std::pair<const char*, const char*>, 2> on_device{
    {{"amd", "builtin/amd"}, {"nvidia", "builtin/cuda"}}};

bool is_built(const std::string& implementation) {
  const auto known = suites::known_implementations();
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const auto& entry) { return entry.name == implementation; });
  return ::access((suites::program_folder() / found->worker).c_str(), X_OK) == 0;
}

std::string best_here(const std::vector<probe::Device>& devices) {
  for (const auto& [vendor, implementation] : on_device) {
    const bool here = std::any_of(devices.begin(), devices.end(),
                                  [&](const probe::Device& d) { return d.vendor == vendor; });
    if (here && is_built(implementation)) return implementation;
  }
  return "builtin/simt";
}

}  // namespace

suites::Plan make_plan(const CaseOptions& options, const std::vector<std::string>& lines) {
  suites::PlanOptions plan{.lines = lines,
                           .seed = options.seed,
                           .match = options.match,
                           .shard = suites::parse_shard(options.shard)};
  if (plan.lines.empty()) plan.lines = suites::find_suite(options.suite).lines;
  return suites::Plan(plan);
}

std::vector<suites::Implementation> choose_implementations(
    const CaseOptions& options, const std::vector<probe::Device>& devices) {
  std::vector<suites::Implementation> custom;
  for (const auto& worker : options.workers) custom.push_back(suites::parse_worker(worker));
  std::vector<std::string> names = options.with;
  if (names.empty()) {
    for (const auto& worker : custom) names.push_back(worker.name);
  }
  if (names.empty()) names.push_back(best_here(devices));
  return suites::find_implementations(names, custom);
}

suites::RunnerOptions make_runner_options(const CaseOptions& options, int runs, int interrupt_fd) {
  suites::RunnerOptions runner;
  runner.case_time_limit =
      std::chrono::milliseconds(static_cast<std::int64_t>(options.case_timeout_seconds * 1000));
  runner.runs = runs;
  runner.interrupt_fd = interrupt_fd;
  return runner;
}

}  // namespace fusegate::tools
