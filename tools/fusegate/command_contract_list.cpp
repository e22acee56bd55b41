#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "probe/engine/engine_check.hpp"
#include "probe/library/locate.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/engines.hpp"
#include "tools/fusegate/sources.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

/// The import packages of the libraries that were named; of all where none was.
std::set<std::string> wanted_packages(const std::vector<std::string>& arguments,
                                      const std::string& python) {
  const auto contracts = probe::libraries_of_engines();
  std::set<std::string> packages;
  for (const auto& argument : arguments) {
    auto [name, path] = probe::parse_library_argument(argument, contracts);
    // The path tells only which library is meant.
    if (name.empty()) name = probe::locate_library({"", path}, contracts, python).name;
    packages.insert(find_contract(contracts, name).import_name);
  }
  for (const auto& package : tracked_packages()) {
    if (arguments.empty()) packages.insert(package);
  }
  return packages;
}

Json to_json(const probe::Use& use) {
  return {{"where", place_of(use)},
          {"function", text_or_null(use.function)},
          {"symbol", use.symbol},
          {"kind", name_of(use.kind)},
          {"guard", text_or_null(text_of(use.guards))},
          {"when", use.at_import ? "import" : "call"}};
}

void print_use(const Console& console, const probe::Use& use) {
  const auto guards = text_of(use.guards);
  console.print(
      without_controls(fmt::format("{}  {}  {}{}", place_of(use), name_of(use.kind), use.symbol,
                                   guards.empty() ? "" : "  under: " + guards)));
}

}  // namespace

ExitCode run_command(const ContractListOptions& options, const CommonOptions& common) {
  const Console console(common);
  require_engine(options.engine, "list");
  const auto engines = probe::known_engines();
  const auto location = probe::locate_engine(options.engine, engines, common.python);
  const auto packages = wanted_packages(options.libraries, common.python);
  probe::EngineSources engine(location, {packages.begin(), packages.end()}, common.python);
  probe::EngineNames names(engine.tree(), packages);
  Json list = Json::array();
  for (const auto& name : engine.with_uses()) {
    for (const auto& use : uses_in(*engine.tree().find(name), names)) {
      list.push_back(to_json(use));
      if (common.json != "-") print_use(console, use);
    }
  }
  console.insist(fmt::format("{} uses", list.size()));
  print_problems(console, engine.tree().problems());
  if (!common.json.empty()) {
    write_document(common.json, list.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  return ExitCode::good;
}

}  // namespace fusegate::tools
