#include "probe/library/compiled_modules.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/declared_modules.hpp"
#include "probe/library/distributions.hpp"
#include "probe/library/module_sources.hpp"
#include "probe/sources/paths.hpp"
#include "probe/sources/source_tree.hpp"
#include "probe/surface/load.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view placeholder = "{module}";
constexpr const char* of_library = "library";

std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

/// What a file's name has before and after the module's.
std::pair<std::string_view, std::string_view> around_name(const CompiledModuleRules& rules) {
  const std::string_view file = rules.file;
  const auto at = file.find(placeholder);
  return {file.substr(0, at), file.substr(at + placeholder.size())};
}

std::vector<fs::path> module_files(const fs::path& folder, const CompiledModuleRules& rules) {
  const auto [before, after] = around_name(rules);
  std::vector<fs::path> files;
  for (const auto& entry : entries_of(folder)) {
    const std::string name = entry.filename().native();
    const bool fits = name.size() > before.size() + after.size() && name.starts_with(before) &&
                      name.ends_with(after);
    if (fits && !is_folder(entry)) files.push_back(entry);
  }
  return files;
}

/// Finds the folders that may hold modules.
class FolderSearch {
 public:
  explicit FolderSearch(const CompiledModuleRules& rules) : rules_(rules) {}

  void add(const fs::path& folder, const std::string& source) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error || !is_folder(real) || !seen_.insert(real).second) return;
    folders_.push_back({folder, source, module_files(folder, rules_)});
  }

  std::vector<ModuleFolder> run() { return std::move(folders_); }

 private:
  const CompiledModuleRules& rules_;
  std::set<fs::path> seen_;
  std::vector<ModuleFolder> folders_;
};

/// The rules by which the modules are linked: beside the library, or where its interpreter looks,
/// may stand what is loaded before them.
LinkRules link_rules(const LibraryLocation& location, const CompiledModuleRules& rules,
                     const ModuleSurroundings& surroundings) {
  LinkRules link;
  link.folders.search = surroundings.loader_folders;
  link.folders.defaults = surroundings.default_folders;
  auto places = location.search_path;
  places.insert(places.begin(), location.root);
  for (const auto& folder : rules.loaded_folders) {
    const auto place = std::find_if(places.begin(), places.end(), [&](const fs::path& candidate) {
      return is_folder(candidate / folder);
    });
    if (place == places.end()) {
      link.knows_loaded = false;
    } else {
      link.folders.loaded.push_back(*place / folder);
    }
  }
  return link;
}

/// What the Python files declare; nothing where they cannot be read.
std::optional<std::vector<DeclaredModule>> read_declared(const LibraryLocation& location,
                                                         const LibraryContract& contract,
                                                         FactsStore& store) {
  const auto& package = contract.surface;
  const auto tree = open_folder(location.root, package.package, package.ignored);
  try {
    auto loaded = load_surface(*tree, store, package);
    return declared_modules(loaded.surface, package);
  } catch (const CannotRun&) {  // whoever identifies the library says why
    return std::nullopt;
  }
}

/// A module that is called in several ways stands there several times.
std::size_t count_names(const std::vector<DeclaredModule>& declared) {
  std::set<std::string> names;
  for (const auto& module : declared) names.insert(module.name);
  return names.size();
}

/// Adds to each declaration what its module is built from.
void add_sources(std::vector<DeclaredModule>& declared, const fs::path& root,
                 const ModuleSources& rules) {
  const auto sources = sources_of_modules(root, rules);
  for (auto& module : declared) {
    if (const auto it = sources.find(module.name); it != sources.end()) module.sources = it->second;
  }
}

/// Holds the files of the folders against the declarations.
class Matcher {
 public:
  /// `recorded`: the files below `root` that an installer wrote.
  Matcher(std::vector<DeclaredModule> declared, const CompiledModuleRules& rules,
          const fs::path& root, std::set<std::string> recorded)
      : declared_(std::move(declared)),
        rules_(rules),
        root_(root),
        recorded_(std::move(recorded)) {}

  void add(const ModuleFolder& folder, BinaryRequest& request) {
    std::set<std::string> files;
    for (const auto& file : folder.files) files.insert(file.filename().native());
    for (const auto& module : declared_) {
      const auto file = module_file(module.name, rules_);
      if (file.find('/') != file.npos || !files.contains(file)) continue;
      auto expected = module;
      expected.file = folder.path / file;
      if (folder.source != of_library) expected.name = expected.file.native();
      if (recorded_.contains(expected.file.lexically_relative(root_))) expected.sources.clear();
      request.declared.push_back(std::move(expected));
      built_.insert(module.name);
      taken_.insert(folder.path / file);
    }
    for (const auto& file : folder.files) {
      if (!taken_.contains(folder.path / file.filename())) request.others.push_back(file);
    }
  }

  [[nodiscard]] std::vector<std::string> absent() const {
    std::set<std::string> absent;
    for (const auto& module : declared_) {
      if (!built_.contains(module.name)) absent.insert(module.name);
    }
    return {absent.begin(), absent.end()};
  }

 private:
  std::vector<DeclaredModule> declared_;
  const CompiledModuleRules& rules_;
  fs::path root_;
  std::set<std::string> recorded_;
  std::set<std::string> built_;  ///< in any folder
  std::set<fs::path> taken_;
};

void append(BinarySurvey& all, BinarySurvey more) {
  std::move(more.modules.begin(), more.modules.end(), std::back_inserter(all.modules));
  std::move(more.findings.begin(), more.findings.end(), std::back_inserter(all.findings));
}

}  // namespace

ModuleSurroundings surroundings_of_process(const LibraryContract& contract) {
  ModuleSurroundings surroundings;
  surroundings.home = variable("HOME");
  surroundings.default_folders = default_library_folders();
  const auto path = variable("LD_LIBRARY_PATH");
  for (const auto folder : split(path, ':')) {
    if (!folder.empty()) surroundings.loader_folders.emplace_back(folder);
  }
  if (!contract.compiled_modules) return surroundings;
  for (const auto& name : contract.compiled_modules->variables) {
    if (auto value = variable(name); !value.empty()) surroundings.variables[name] = value;
  }
  return surroundings;
}

std::string module_file(const std::string& module, const CompiledModuleRules& rules) {
  const auto [before, after] = around_name(rules);
  return std::string(before) + module + std::string(after);
}

std::vector<ModuleFolder> find_module_folders(const LibraryLocation& location,
                                              const LibraryContract& contract,
                                              const ModuleSurroundings& surroundings) {
  if (!contract.compiled_modules) return {};
  const auto& rules = *contract.compiled_modules;
  FolderSearch search(rules);
  for (const auto& folder : rules.folders) {
    search.add(location.root / contract.import_name / folder, of_library);
  }
  for (const auto& name : rules.variables) {
    const auto it = surroundings.variables.find(name);
    if (it != surroundings.variables.end()) search.add(it->second, "variable " + name);
  }
  if (!surroundings.home.empty()) {
    for (const auto& folder : rules.home_folders) search.add(surroundings.home / folder, "home");
  }
  return search.run();
}

CompiledModules survey_compiled_modules(const LibraryLocation& location,
                                        const LibraryContract& contract, FactsStore& store,
                                        const ModuleSurroundings& surroundings) {
  CompiledModules compiled;
  if (!contract.compiled_modules) return compiled;
  const auto& rules = *contract.compiled_modules;
  compiled.folders = find_module_folders(location, contract, surroundings);
  const bool has_modules = std::any_of(compiled.folders.begin(), compiled.folders.end(),
                                       [](const auto& folder) { return !folder.files.empty(); });
  if (!has_modules) return compiled;
  auto declared = read_declared(location, contract, store);
  if (declared) {
    compiled.declared = count_names(*declared);
    add_sources(*declared, location.root, rules.sources);
  }
  BinaryRequest request;
  request.markers = rules.markers;
  request.link = link_rules(location, rules, surroundings);
  if (surroundings.gpu_architectures) {
    request.machine.gpu_architectures = surroundings.gpu_architectures();
  }
  const auto installed = find_distributions(location.root, contract, false).distributions;
  Matcher matcher(declared.value_or(std::vector<DeclaredModule>{}), rules, location.root,
                  recorded_files(installed));
  const auto& folders = compiled.folders;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    matcher.add(folders[i], request);
    const bool goes_on = i + 1 < folders.size() && folders[i].source == of_library &&
                         folders[i + 1].source == of_library;
    if (goes_on) continue;
    append(compiled.survey, survey_binaries(request));
    request.declared.clear();
    request.others.clear();
  }
  compiled.survey.absent = matcher.absent();
  return compiled;
}

nlohmann::ordered_json to_json(const CompiledModules& compiled) {
  auto folders = nlohmann::ordered_json::array();
  for (const auto& folder : compiled.folders) {
    folders.push_back(
        {{"path", shown(folder.path)}, {"source", folder.source}, {"files", folder.files.size()}});
  }
  nlohmann::ordered_json json{{"folders", std::move(folders)}, {"declared", nullptr}};
  if (compiled.declared) json["declared"] = *compiled.declared;
  json.update(to_json(compiled.survey));
  return json;
}

}  // namespace fusegate::probe
