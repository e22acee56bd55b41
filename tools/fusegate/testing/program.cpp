#include "tools/fusegate/testing/program.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "probe/base/files.hpp"

namespace fusegate::testing {

std::filesystem::path program() {
  return FUSEGATE_PROGRAM;
}

std::filesystem::path sibling(const std::string& name) {
  return program().parent_path() / name;
}

namespace {

Finished run(const SpawnOptions& options, std::chrono::milliseconds time_limit) {
  auto result = run_command(options, "", time_limit);
  const bool ended = result.status && result.status->signal == 0;
  return {ended ? result.status->code : -1, std::move(result.output), std::move(result.errors)};
}

}  // namespace

Finished fusegate(const std::vector<std::string>& arguments, const Settings& settings) {
  SpawnOptions options{.argv = {program()}, .environment = settings.environment};
  options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
  return run(options, settings.time_limit);
}

Finished in_shell(const std::string& script) {
  return run({.argv = {"sh", "-c", script}, .environment = {{"FUSEGATE", program().string()}}},
             Settings{}.time_limit);
}

Json read_json(const std::filesystem::path& path) {
  const auto text = read_text(path);
  if (!text) throw std::runtime_error(fmt::format("there is no {}", path.string()));
  return Json::parse(*text);
}

Json comparable(Json report) {
  for (const char* key : {"id", "started", "finished"}) report["run"].erase(key);
  for (auto& result : report["results"]) result.erase("timing");
  for (auto& device : report["devices"]) device.erase("clocks");  // as they were at the time
  // The folder of the report.
  auto& command = report["run"]["command"];
  const auto out = std::find(command.begin(), command.end(), "--out");
  if (out != command.end()) command.erase(out + 1);
  return report;
}

std::string faulty_worker(const std::string& fault, int width) {
  return fmt::format("faulty=python3 {} {} {} {}", FUSEGATE_FAULTY_WORKER, fault, width,
                     sibling("fusegate-worker-simt").string());
}

std::vector<Json> with_verdict(const Json& report, const std::string& verdict) {
  std::vector<Json> found;
  for (const auto& result : report.at("results")) {
    if (result.at("verdict") == verdict) found.push_back(result);
  }
  return found;
}

void adopt_orphans() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

bool all_descendants_ended() {
  using namespace std::chrono_literals;
  for (int tries = 0; tries < 250; ++tries) {
    int ignored = 0;
    const pid_t ended = ::waitpid(-1, &ignored, WNOHANG);
    if (ended < 0 && errno == ECHILD) return true;
    if (ended == 0) std::this_thread::sleep_for(20ms);
  }
  return false;
}

}  // namespace fusegate::testing
