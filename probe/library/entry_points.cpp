#include "probe/library/entry_points.hpp"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "probe/surface/symbols.hpp"

namespace fusegate::probe {
namespace {

bool is_below(std::string_view file, const std::string& folder) {
  return file.starts_with(folder) && (file.size() == folder.size() || file[folder.size()] == '/');
}

bool is_ruled_out(std::string_view file, const LibraryContract& contract) {
  return std::any_of(contract.not_entry_points.begin(), contract.not_entry_points.end(),
                     [&](const std::string& folder) {
                       return is_below(file, contract.import_name + "/" + folder);
                     });
}

/// What a module itself defines under a name, "function" or "Class.method".
std::vector<Meaning> defined_in(const Module& module, const std::string& name, Surface& surface) {
  auto meanings = surface.resolve_expression(module, name);
  std::erase_if(meanings, [&](const Meaning& meaning) {
    return meaning.kind != Meaning::Kind::function || meaning.module != &module;
  });
  return meanings;
}

}  // namespace

std::vector<std::string> tracked_names(const LibraryContract& contract) {
  std::vector<std::string> names;
  for (const auto& tracked : contract.entry_points) names.push_back(tracked.name);
  return names;
}

std::vector<EntryPoint> find_entry_points(const LibraryContract& contract, Surface& surface) {
  std::vector<EntryPoint> found;
  for (const auto& [name, op] : contract.entry_points) {
    const auto first = name.substr(0, name.find('.'));
    for (const auto& [dotted, module] : surface.modules()) {
      if (module.facts == nullptr || is_ruled_out(module.file, contract)) continue;
      if (!surface.names_of(module).by_name.contains(first)) continue;
      for (const auto& meaning : defined_in(module, name, surface)) {
        const bool is_method = meaning.name.find('.') != std::string::npos;
        found.push_back({name, op, dotted, is_method ? "method" : "function", module.file,
                         meaning.statement->line, signature_of(meaning, surface)->text,
                         condition_text(meaning.conditions)});
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
