#include "probe/engine/sources/engine_location.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/installed.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

bool is_package_of(const fs::path& folder, const EngineRules& rules) {
  return is_folder(folder) &&
         std::any_of(rules.package_markers.begin(), rules.package_markers.end(),
                     [&](const std::string& marker) { return is_file(folder / marker); });
}

/// The folder that holds the package: the path itself, the one above it, or `python` in a checkout.
std::optional<fs::path> root_of(const fs::path& path, const EngineRules& rules) {
  for (const auto& folder : {path, path / "python"}) {
    if (is_package_of(folder / rules.import_name, rules)) return folder;
  }
  if (path.filename() == rules.import_name && is_package_of(path, rules)) {
    return path.parent_path();
  }
  return std::nullopt;
}

std::vector<std::string> names_of(const std::vector<EngineRules>& engines) {
  std::vector<std::string> names;
  for (const auto& rules : engines) names.push_back(rules.name);
  return names;
}

EngineLocation locate_installed(const EngineRules& rules, const std::string& python) {
  LibraryContract package;
  package.name = rules.name;
  package.import_name = rules.import_name;
  package.distributions = {rules.name};
  package.package_markers = rules.package_markers;
  return {&rules, find_installed(package, python, "--engine").package.parent_path()};
}

[[noreturn]] void refuse_path(const fs::path& path) {
  constexpr const char* wanted = "give a checkout, an unpacked wheel or a site-packages folder";
  if (path.empty()) throw UsageError(fmt::format("--engine: the path is empty; {}", wanted));
  if (path.extension() == ".whl" || path.extension() == ".zip") {
    throw UsageError(
        fmt::format("--engine: {0} is packed; unpack it (unzip -d FOLDER {0}) and give the folder",
                    shown(path)));
  }
  if (is_there(path)) {
    throw UsageError(fmt::format("--engine: {} is no folder; {}", shown(path), wanted));
  }
  std::vector<std::string> names;
  const auto tidy = fs::absolute(path).lexically_normal();
  const auto leaf = tidy.has_filename() ? tidy : tidy.parent_path();
  for (const auto& entry : entries_of(leaf.parent_path())) {
    names.push_back(entry.filename().native());
  }
  throw UsageError(fmt::format("--engine: there is no folder {}{}; {}", shown(path),
                               did_you_mean(leaf.filename().native(), names), wanted));
}

EngineLocation locate_path(const fs::path& path, const std::vector<const EngineRules*>& engines) {
  if (!is_folder(path)) refuse_path(path);
  const auto folder = fs::absolute(path).lexically_normal();
  const auto tidy = folder.has_filename() ? folder : folder.parent_path();
  std::vector<std::string> looked_for;
  for (const auto* rules : engines) {
    if (const auto root = root_of(tidy, *rules)) return {rules, *root};
    for (const auto& marker : rules->package_markers) {
      looked_for.push_back(rules->import_name + "/" + marker);
    }
  }
  throw UsageError(fmt::format(
      "--engine: no known engine in {}: looked for {}; give the folder that holds the package",
      shown(path), join(looked_for, ", ")));
}

}  // namespace

EngineLocation locate_engine(std::string_view argument, const std::vector<EngineRules>& engines,
                             const std::string& python) {
  if (argument.empty()) {
    throw UsageError(fmt::format(
        "--engine is empty: give [NAME=]PATH, or NAME for one that is installed (known: {})",
        join(names_of(engines), ", ")));
  }
  const auto equals = argument.find('=');
  const std::string word(argument.substr(0, equals));
  const auto named = std::find_if(engines.begin(), engines.end(),
                                  [&](const EngineRules& rules) { return rules.name == word; });
  const bool has_path = equals != argument.npos;
  if (named != engines.end()) {
    if (has_path) return locate_path(argument.substr(equals + 1), {&*named});
    return locate_installed(*named, python);
  }
  // A path may have '=' in it.
  const bool is_path = is_there(argument) || (!has_path && argument.find('/') != argument.npos);
  if (!is_path) {
    const auto names = names_of(engines);
    throw UsageError(fmt::format("--engine: no engine '{}' is known (known: {}){}", shown(word),
                                 join(names, ", "), did_you_mean(word, names)));
  }
  std::vector<const EngineRules*> all;
  for (const auto& rules : engines) all.push_back(&rules);
  return locate_path(argument, all);
}

}  // namespace fusegate::probe
