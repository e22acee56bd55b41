#include "tools/fusegate/facts.hpp"

#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "fusegate_version.hpp"
#include "probe/host/host.hpp"
#include "probe/library/contract.hpp"
#include "probe/library/library.hpp"
#include "probe/library/live.hpp"
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

}  // namespace

Json survey_libraries(const std::vector<std::string>& arguments, const std::string& python) {
  Json libraries = Json::array();
  if (arguments.empty()) return libraries;
  const auto contracts = probe::known_libraries();
  for (const auto& argument : arguments) {
    const auto request = probe::parse_library_argument(argument, contracts);
    libraries.push_back(to_json(probe::survey_library(request, python, contracts)));
  }
  return libraries;
}

probe::CompiledModules compiled_modules_of(const probe::LibraryLocation& location,
                                           const probe::LibraryContract& contract,
                                           probe::FactsStore& store) {
  auto surroundings = probe::surroundings_of_process(contract);
  surroundings.gpu_architectures = gpu_architectures;
  return probe::survey_compiled_modules(location, contract, store, surroundings);
}

void add_compiled_modules(Json& libraries, const std::vector<std::string>& arguments,
                          const std::string& python) {
  const auto contracts = probe::known_libraries();
  probe::FactsStore store(python);
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const auto request = probe::parse_library_argument(arguments[index], contracts);
    const auto location = probe::locate_library(request, contracts, python);
    libraries.at(index)["elf"] =
        to_json(compiled_modules_of(location, find_contract(contracts, location.name), store));
  }
}

void add_live_imports(Json& libraries, const std::vector<std::string>& arguments,
                      const std::string& python, std::chrono::seconds time_limit) {
  const auto contracts = probe::known_libraries();
  probe::FactsStore store(python);
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const auto request = probe::parse_library_argument(arguments[index], contracts);
    const auto location = probe::locate_library(request, contracts, python);
    const auto& rules = find_contract(contracts, location.name).surface;
    const auto tree = probe::open_folder(location.root, rules.package, rules.ignored);
    auto loaded = probe::load_surface(*tree, store, rules);
    probe::LiveLimits limits;
    limits.time = time_limit;
    libraries.at(index)["live"] =
        to_json(probe::import_live(location, rules.package, python, loaded, limits));
  }
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
