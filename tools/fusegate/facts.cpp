#include "tools/fusegate/facts.hpp"

#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "fusegate_version.hpp"
#include "probe/base/error.hpp"
#include "probe/device/device.hpp"
#include "probe/host/host.hpp"
#include "probe/library/contract.hpp"
#include "probe/sources/facts_store.hpp"
#include "probe/sources/source_tree.hpp"

namespace fusegate::tools {

using Json = nlohmann::ordered_json;

namespace {

/// Of the GPUs in this machine, each once.
std::vector<std::string> gpu_architectures() {
  std::set<std::string> architectures;
  for (const auto& device : probe::survey_devices().devices) {
    if (device.architecture) architectures.insert(*device.architecture);
  }
  return {architectures.begin(), architectures.end()};
}

probe::LiveImport import_library(const probe::LibraryLocation& location,
                                 const probe::SurfaceRules& rules, const std::string& python,
                                 probe::FactsStore& store, std::chrono::seconds time_limit) {
  const auto tree = probe::open_folder(location.root, rules.package, rules.ignored);
  probe::LiveLimits limits;
  limits.time = time_limit;
  try {
    auto loaded = probe::load_surface(*tree, store, rules);
    return probe::import_live(location, rules.package, python, loaded, limits);
  } catch (const CannotRun& error) {
    probe::LiveImport live;
    live.error = error.what();
    return live;
  }
}

}  // namespace

probe::ModuleSurroundings surroundings_for(const probe::LibraryContract& contract) {
  auto surroundings = probe::surroundings_of_process(contract);
  surroundings.gpu_architectures = gpu_architectures;
  return surroundings;
}

std::vector<LibraryFacts> read_libraries(const std::vector<std::string>& arguments,
                                         const std::vector<probe::LibraryContract>& contracts,
                                         const std::string& python,
                                         std::optional<std::chrono::seconds> live) {
  probe::FactsStore store(python);
  std::vector<LibraryFacts> libraries;
  for (const auto& argument : arguments) {
    const auto request = probe::parse_library_argument(argument, contracts);
    const auto location = probe::locate_library(request, contracts, python);
    const auto& contract = find_contract(contracts, location.name);
    libraries.push_back(
        {probe::identify(location, contract, store),
         survey_compiled_modules(location, contract, store, surroundings_for(contract)),
         {}});
    if (live) {
      libraries.back().live = import_library(location, contract.surface, python, store, *live);
    }
  }
  return libraries;
}

Json to_json(const LibraryFacts& facts) {
  Json json = to_json(facts.library);
  json["elf"] = to_json(facts.compiled);
  json["live"] = facts.live ? to_json(*facts.live) : Json(nullptr);
  return json;
}

Json survey_host(const std::string& python) {
  return probe::read_host({.python = python});
}

Json tool_identity() {
  return {{"name", "fusegate"}, {"version", FUSEGATE_VERSION}, {"commit", FUSEGATE_COMMIT}};
}

std::string tool_version_text() {
  return fmt::format("{} ({})", FUSEGATE_VERSION, FUSEGATE_COMMIT);
}

}  // namespace fusegate::tools
