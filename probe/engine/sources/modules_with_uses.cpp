#include "probe/engine/sources/modules_with_uses.hpp"

#include <algorithm>
#include <variant>
#include <vector>

#include "probe/engine/sources/engine_names.hpp"

namespace fusegate::probe {
namespace {

using Names = std::set<std::string>;

/// The names that a module's own statements bind.
Names bound_at_top(const EngineFacts& facts) {
  Names names;
  for (const auto& event : facts.events) {
    if (event.scope != 0) continue;
    if (const auto* import = std::get_if<ImportEvent>(&event.what)) {
      names.insert(import->alias.empty() ? first_name(import->module) : import->alias);
    } else if (const auto* from = std::get_if<FromEvent>(&event.what)) {
      names.insert(from->bound_as);
    } else if (const auto* bind = std::get_if<BindEvent>(&event.what)) {
      names.insert(bind->targets.begin(), bind->targets.end());
    }
  }
  return names;
}

/// Those of a module's names that stand for something of a library: "engine.module.name".
Names handed_on(const EngineModule& module, EngineNames& names) {
  Names found;
  for (const auto& name : bound_at_top(*module.facts)) {
    if (name == "*") continue;
    const auto origins = names.origins(module, 0, name);
    const bool is_of_library = std::any_of(origins.begin(), origins.end(), [](const Origin& o) {
      return o.kind == Origin::Kind::library;
    });
    if (is_of_library) found.insert(module.name + "." + name);
  }
  return found;
}

/// Whether a module imports one of these names, all of the module that has it, or that itself.
bool takes(const EngineModule& module, const Names& handed, const Names& from) {
  return std::any_of(module.imports.begin(), module.imports.end(),
                     [&](const ScannedImport& import) {
                       const auto base = EngineTree::absolute(module, import.level, import.module);
                       if (base.empty()) return false;
                       if (import.name == "*" || import.name.empty()) return from.contains(base);
                       const auto name = base + "." + import.name;
                       return handed.contains(name) || from.contains(name);
                     });
}

}  // namespace

std::set<std::string> read_modules_with_uses(EngineTree& tree, const Names& tracked,
                                             EngineFactsStore& store) {
  Names found;
  for (const auto& [name, module] : tree.modules()) {
    if (module.mentions) found.insert(name);
  }
  for (Names added = found; !added.empty();) {
    tree.read(added, store);
    EngineNames names(tree, tracked);
    Names handed, from;
    for (const auto& name : added) {
      const auto& module = *tree.find(name);
      if (module.facts == nullptr) continue;
      auto own = handed_on(module, names);
      if (!own.empty()) from.insert(name);
      handed.merge(own);
    }
    added.clear();
    for (const auto& [name, module] : tree.modules()) {
      if (!found.contains(name) && takes(module, handed, from)) added.insert(name);
    }
    found.insert(added.begin(), added.end());
  }
  std::erase_if(found, [&](const std::string& name) { return tree.find(name)->facts == nullptr; });
  return found;
}

}  // namespace fusegate::probe
