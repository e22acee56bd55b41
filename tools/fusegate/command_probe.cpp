#include <chrono>
#include <optional>

#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/json.hpp"
#include "probe/device/device.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/facts.hpp"

namespace fusegate::tools {

ExitCode run_command(const ProbeOptions& options, const CommonOptions& common) {
  using Json = nlohmann::ordered_json;
  const bool all = options.what.empty();
  if (options.what == "library" && options.libraries.empty()) {
    throw UsageError(
        "probe library: which one? Give --library PATH, or --library NAME to find it in "
        "the environment of --python");
  }
  if (options.live && options.libraries.empty()) throw UsageError("--live needs --library");
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
  if (!all) document = document.at(options.what);
  write_document(common.json.empty() ? "-" : common.json, document.dump(1) + "\n");
  return ExitCode::good;
}

}  // namespace fusegate::tools
