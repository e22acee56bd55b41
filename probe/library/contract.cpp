#include "probe/library/contract.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/embedded.hpp"
#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> library_contracts();
}  // namespace fusegate::embedded

namespace fusegate::probe {

using nlohmann::json;

NLOHMANN_JSON_SERIALIZE_ENUM(VersionSource::From,
                             {{VersionSource::From::distribution, "distribution"},
                              {VersionSource::From::git, "git"},
                              {VersionSource::From::file, "file"},
                              {VersionSource::From::source_metadata, "source_metadata"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Interface, {{Interface::python, "python"}, {Interface::c, "c"}})

namespace {

std::vector<std::string> strings_at(const json& object, const char* key) {
  return object.value(key, std::vector<std::string>{});
}

/// Without a copy, which would take stack for each level of what is nested.
const json& items_at(const json& object, const char* key) {
  static const json none = json::array();
  const auto it = object.find(key);
  return it == object.end() ? none : *it;
}

VersionSource parse_version_source(const json& object) {
  VersionSource source;
  source.from = object.value("from", VersionSource::From::file);
  source.path = object.value("path", "");
  source.variable = object.value("variable", "");
  source.tags = object.value("tags", "");
  source.tag_prefix = object.value("tag_prefix", "");
  return source;
}

std::vector<VersionSource> version_sources_at(const json& object, const char* key) {
  std::vector<VersionSource> sources;
  for (const auto& source : items_at(object, key)) {
    sources.push_back(parse_version_source(source));
  }
  return sources;
}

SurfaceRules parse_surface_rules(const json& object) {
  SurfaceRules rules;
  rules.package = object.at("import_name");
  rules.ignored = strings_at(object, "ignored");
  for (const auto& rule : items_at(object, "bindings")) {
    rules.bindings.push_back({rule.at("decorator"),
                              rule.value("symbol_keyword", ""),
                              rule.value("ffi_keyword", ""),
                              rule.at("ffi_default"),
                              rule.value("develop_keyword", ""),
                              {},
                              ""});
    if (const auto it = rule.find("erases_signature"); it != rule.end()) {
      rules.bindings.back().erasing_files = it->at("file").get<std::vector<std::string>>();
      rules.bindings.back().erasing_text = it->at("has");
    }
  }
  for (const auto& hook : items_at(object, "import_hooks")) {
    rules.import_hooks.push_back({hook.at("package"), hook.at("variable")});
  }
  for (const auto& found : items_at(object, "native_enums")) {
    rules.native_enums.push_back({found.at("name"), found.at("type"), found.at("files")});
  }
  return rules;
}

CompiledModuleRules parse_compiled_modules(const json& object) {
  CompiledModuleRules rules;
  rules.file = object.at("file");
  rules.folders = object.at("folders");
  rules.variables = strings_at(object, "variables");
  rules.home_folders = strings_at(object, "home_folders");
  rules.loaded_folders = strings_at(object, "loaded_folders");
  rules.markers.develop_functions = strings_at(object, "develop_functions");
  rules.markers.develop_types = strings_at(object, "develop_types");
  rules.markers.ctypes_version_symbol = object.value("ctypes_version_symbol", "");
  rules.ctypes_error_symbol = object.value("ctypes_error_symbol", "");
  rules.build = object.value("build", "");
  if (const auto it = object.find("sources"); it != object.end()) {
    rules.sources = {it->at("file"), it->at("list"), it->at("folders")};
  }
  return rules;
}

LibraryImplementation parse_implementation(const json& object) {
  LibraryImplementation implementation;
  implementation.name = object.at("name");
  implementation.meaning = object.at("meaning");
  implementation.runs_on = object.at("runs_on");
  implementation.interface = object.value("interface", Interface::python);
  implementation.environment = object.value("environment", implementation.environment);
  implementation.entries = object.at("entries");
  return implementation;
}

}  // namespace

LibraryContract parse_library_contract(std::string_view text) {
  const json object = json::parse(text);
  LibraryContract contract;
  contract.name = object.at("name");
  contract.import_name = object.at("import_name");
  contract.used_by_engines = object.value("used_by_engines", true);
  contract.distributions = object.at("distributions");
  contract.siblings = strings_at(object, "siblings");
  contract.package_markers = object.at("package_markers");
  contract.surface = parse_surface_rules(object);
  if (const auto it = object.find("compiled_modules"); it != object.end()) {
    contract.compiled_modules = parse_compiled_modules(*it);
  }
  for (const auto& one : items_at(object, "implementations")) {
    contract.implementations.push_back(parse_implementation(one));
  }
  contract.not_entry_points = strings_at(object, "not_entry_points");
  contract.distribution_sources = version_sources_at(object, "distribution_sources");
  contract.version_sources = version_sources_at(object, "version_sources");
  if (const auto it = object.find("install_mode"); it != object.end()) {
    contract.install_mode = {it->at("path"), it->value("absent", "")};
  }
  return contract;
}

std::vector<LibraryContract> known_libraries() {
  std::vector<LibraryContract> contracts;
  for (const auto& file : embedded::library_contracts()) {
    if (!file.name.ends_with("/library.json")) continue;
    contracts.push_back(parse_library_contract(file.content));
    const auto folder = file.name.substr(0, file.name.rfind('/') + 1);
    for (const auto& entry : embedded::library_contracts()) {
      if (!entry.name.starts_with(folder) || entry.name == file.name) continue;
      if (entry.name.ends_with("/releases.json")) {
        contracts.back().releases = json::parse(entry.content).at("releases");
      } else if (entry.name.ends_with("/probes.json")) {
        contracts.back().hand_probes = parse_hand_probes(entry.content);
      } else {
        contracts.back().contracts.push_back(parse_entry_contract(entry.content));
      }
    }
    std::sort(contracts.back().contracts.begin(), contracts.back().contracts.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
  }
  std::sort(contracts.begin(), contracts.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return contracts;
}

std::vector<LibraryContract> libraries_of_engines() {
  auto contracts = known_libraries();
  std::erase_if(contracts, [](const auto& contract) { return !contract.used_by_engines; });
  return contracts;
}

std::vector<std::string> names_of(const std::vector<LibraryContract>& contracts) {
  std::vector<std::string> names;
  for (const auto& contract : contracts) names.push_back(contract.name);
  return names;
}

const LibraryContract& find_contract(const std::vector<LibraryContract>& contracts,
                                     std::string_view name) {
  for (const auto& contract : contracts) {
    if (contract.name == name) return contract;
  }
  const auto names = names_of(contracts);
  throw UsageError(fmt::format("no library '{}' is known (known: {}){}", shown(name),
                               join(names, ", "), did_you_mean(name, names)));
}

}  // namespace fusegate::probe
