#include "tools/fusegate/selection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "suites/suite.hpp"
#include "tools/fusegate/known_defects.hpp"
#include "tools/fusegate/library_selection.hpp"

namespace fusegate::tools {
namespace {

// Vendor of a device, implementation that uses it.
constexpr std::array<std::pair<const char*, const char*>, 2> on_device{
    {{"amd", "builtin/amd"}, {"nvidia", "builtin/cuda"}}};

const suites::KnownImplementation& known(const std::string& name) {
  const auto all = suites::known_implementations();
  return *std::find_if(all.begin(), all.end(),
                       [&](const auto& entry) { return entry.name == name; });
}

std::string best_here(const std::vector<probe::Device>& devices, std::vector<std::string>& notes) {
  for (const auto& [vendor, name] : on_device) {
    const auto device = std::find_if(devices.begin(), devices.end(),
                                     [&](const probe::Device& d) { return d.vendor == vendor; });
    if (device == devices.end()) continue;
    const auto& best = known(name);
    if (suites::is_built(best)) return best.name;
    notes.push_back(fmt::format(
        "there is a {}, but {} is not in this build, so kernels run on the CPU: {}",
        device->name.empty() ? device->vendor + " GPU" : device->name, best.name, best.mend));
  }
  return "builtin/simt";
}

/// What --with takes, workers of a person's own aside.
std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const auto& one : suites::known_implementations()) names.push_back(one.name);
  for (const auto& one : environment_implementations()) names.push_back(one.name);
  return names;
}

std::vector<suites::Implementation> parse_workers(const CaseOptions& options) {
  std::vector<suites::Implementation> custom;
  for (const auto& definition : options.workers) {
    const auto worker = suites::parse_worker(definition);
    const auto ours = environment_implementations();
    const bool is_ours = std::any_of(ours.begin(), ours.end(),
                                     [&](const auto& one) { return one.name == worker.name; });
    if (is_ours) {
      throw UsageError(
          fmt::format("--worker {}: {} is an implementation of its own; give it another name",
                      definition, worker.name));
    }
    for (const auto& other : custom) {
      if (other.name != worker.name) continue;
      throw UsageError(fmt::format("--worker {}: there is a '{}' already; give it another name",
                                   definition, worker.name));
    }
    custom.push_back(worker);
  }
  return custom;
}

/// A misspelt name has no defects, but that is not what is wrong with it.
void require_known_names(const CaseOptions& options) {
  const auto custom = parse_workers(options);
  const auto names = all_names();
  for (const auto& name : options.with) {
    const bool is_known = std::find(names.begin(), names.end(), name) != names.end();
    if (!is_known) static_cast<void>(suites::find_implementation(name, custom, names));
  }
}

}  // namespace

suites::Plan make_plan(const CaseOptions& options, const std::vector<std::string>& lines) {
  suites::PlanOptions plan{.lines = lines,
                           .seed = options.seed,
                           .match = options.match,
                           .shard = suites::parse_shard(options.shard)};
  if (plan.lines.empty() && options.suite == defects_suite) {
    require_known_names(options);
    plan.lines = defect_lines(options.with);
  }
  if (plan.lines.empty()) {
    const auto& suite = suites::find_suite(options.suite);
    plan.lines = suite.case_lines();
    for (const auto& line : suite.lines) plan.models.push_back(line.models);
  }
  return suites::Plan(plan);
}

bool depends_on_devices(const CaseOptions& options) {
  if (options.with.empty()) return options.workers.empty();
  return !libraries_of(options.with).empty();
}

Choice choose_implementations(const CaseOptions& options, const std::string& python,
                              const std::vector<probe::Device>& devices) {
  Choice choice;
  const auto custom = parse_workers(options);
  std::vector<std::string> names;
  for (const auto& name : options.with) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  if (names.empty()) {
    for (const auto& worker : custom) names.push_back(worker.name);
  }
  if (names.empty()) names.push_back(best_here(devices, choice.notes));
  for (const auto& name : names) {
    const bool is_custom = std::any_of(custom.begin(), custom.end(),
                                       [&](const auto& one) { return one.name == name; });
    auto chosen =
        is_custom ? std::nullopt : choose_from_environment(name, options, python, devices);
    if (!chosen) {
      choice.implementations.push_back(suites::find_implementation(name, custom, all_names()));
      continue;
    }
    if (!chosen->note.empty()) choice.notes.push_back(chosen->note);
    const bool is_there =
        std::any_of(choice.implementations.begin(), choice.implementations.end(),
                    [&](const auto& one) { return one.name == chosen->implementation.name; });
    if (is_there) continue;
    choice.implementations.push_back(std::move(chosen->implementation));
  }
  return choice;
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
