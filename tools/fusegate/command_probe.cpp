#include <chrono>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/json.hpp"
#include "probe/device/device.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/engines.hpp"
#include "tools/fusegate/facts.hpp"

namespace fusegate::tools {

namespace {

/// What is given for nothing is a mistake.
void require_used(const ProbeOptions& options) {
  const auto refuse = [&](const char* option, const char* kind) {
    throw UsageError(fmt::format("probe {}: {} is for probe {}", options.what, option, kind));
  };
  const bool all = options.what.empty();
  if (!options.libraries.empty() && !all && options.what != "library") {
    refuse("--library", "library");
  }
  if (!options.engines.empty() && !all && options.what != "engine") refuse("--engine", "engine");
  if (options.live && options.libraries.empty()) throw UsageError("--live needs --library");
}

}  // namespace

ExitCode run_command(const ProbeOptions& options, const CommonOptions& common) {
  using Json = nlohmann::ordered_json;
  const bool all = options.what.empty();
  if (options.what == "library" && options.libraries.empty()) {
    throw UsageError(
        "probe library: which one? Give --library PATH, or --library NAME to find it in "
        "the environment of --python");
  }
  if (options.what == "engine" && options.engines.empty()) {
    throw UsageError(
        "probe engine: which one? Give --engine PATH, or --engine NAME to find it in the "
        "environment of --python");
  }
  require_used(options);
  Json document = Json::object();
  if (all || options.what == "host") document["host"] = survey_host(common.python);
  if (all || options.what == "device") document["device"] = probe::survey_devices();
  if (!options.libraries.empty()) {
    std::optional<std::chrono::seconds> live;
    if (options.live) live.emplace(options.live_timeout_seconds);
    const auto contracts = probe::known_libraries();
    document["library"] =
        list_of(read_libraries(options.libraries, contracts, common.python, live));
  }
  if (!options.engines.empty()) {
    document["engine"] = list_of(read_engines(options.engines, common.python));
  }
  if (!all) document = document.at(options.what);
  write_document(common.json.empty() ? "-" : common.json,
                 document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  return ExitCode::good;
}

}  // namespace fusegate::tools
