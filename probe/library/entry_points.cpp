#include "probe/library/entry_points.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

/// `@overload`, `@typing.overload`: for type checkers; the definition that runs follows.
bool is_overload(const Definition& definition) {
  return std::any_of(
      definition.decorators.begin(), definition.decorators.end(),
      [](const std::string& d) { return d == "overload" || d.ends_with(".overload"); });
}

/// What Python leaves of several definitions of one name in one module, in their order: one that
/// always runs replaces all before it. Those under conditions stay, each with its own.
std::vector<const Definition*> surviving(const std::vector<const Definition*>& definitions) {
  std::vector<const Definition*> kept;
  for (const auto* definition : definitions) {
    if (is_overload(*definition)) continue;
    if (definition->conditions.empty()) kept.clear();
    kept.push_back(definition);
  }
  return kept;
}

bool is_below(std::string_view file, const std::string& folder) {
  return file.starts_with(folder) && (file.size() == folder.size() || file[folder.size()] == '/');
}

bool is_ruled_out(std::string_view file, const LibraryContract& contract) {
  return std::any_of(contract.not_entry_points.begin(), contract.not_entry_points.end(),
                     [&](const std::string& folder) {
                       return is_below(file, contract.import_name + "/" + folder);
                     });
}

}  // namespace

std::string module_of(std::string_view file) {
  std::string module(file.substr(0, file.size() - std::string_view(".py").size()));
  std::replace(module.begin(), module.end(), '/', '.');
  constexpr std::string_view package = ".__init__";
  if (module.ends_with(package)) module.resize(module.size() - package.size());
  return module;
}

std::string condition_text(const std::vector<Condition>& conditions) {
  std::vector<std::string> texts;
  for (const auto& [kind, text] : conditions) {
    const char* link = text.empty() ? "" : kind == "else" ? " of " : " ";
    texts.push_back(kind + link + text);
  }
  return join(texts, ", ");
}

std::vector<std::string> tracked_names(const LibraryContract& contract) {
  std::vector<std::string> names;
  for (const auto& tracked : contract.entry_points) names.push_back(tracked.name);
  return names;
}

std::vector<EntryPoint> find_entry_points(const LibraryContract& contract,
                                          const std::vector<Definition>& definitions) {
  std::vector<EntryPoint> found;
  for (const auto& tracked : contract.entry_points) {
    std::map<std::string, std::vector<const Definition*>> by_file;
    for (const auto& definition : definitions) {
      if (definition.qualified_name != tracked.name) continue;
      if (!is_ruled_out(definition.file, contract)) by_file[definition.file].push_back(&definition);
    }
    for (const auto& [file, candidates] : by_file) {
      for (const auto* definition : surviving(candidates)) {
        found.push_back({tracked.name, tracked.op, module_of(file), definition->kind, file,
                         definition->line, definition->signature,
                         condition_text(definition->conditions)});
      }
    }
  }
  return found;
}

nlohmann::ordered_json to_json(const EntryPoint& entry_point) {
  nlohmann::ordered_json json{{"name", entry_point.name},
                              {"op", entry_point.op},
                              {"defined_in", entry_point.defined_in},
                              {"kind", entry_point.kind},
                              {"file", entry_point.file},
                              {"line", entry_point.line},
                              {"signature", entry_point.signature},
                              {"condition", nullptr}};
  if (!entry_point.condition.empty()) json["condition"] = entry_point.condition;
  return json;
}

}  // namespace fusegate::probe
