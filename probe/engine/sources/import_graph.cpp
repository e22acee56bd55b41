#include "probe/engine/sources/import_graph.hpp"

#include <set>

namespace fusegate::probe {
namespace {

/// The package that is imported before a module: the nearest folder above it with an __init__.py.
const EngineModule* package_above(std::string name, const EngineTree& tree) {
  for (auto dot = name.rfind('.'); dot != name.npos; dot = name.rfind('.')) {
    name.resize(dot);
    if (const auto* package = tree.find(name)) return package;
  }
  return nullptr;
}

/// The modules that run when `name` is imported: its packages and itself.
void add_with_packages(std::set<std::string>& targets, const std::string& name,
                       const EngineTree& tree) {
  for (std::size_t end = name.find('.'); end != name.npos; end = name.find('.', end + 1)) {
    auto package = name.substr(0, end);
    if (tree.find(package) != nullptr) targets.insert(std::move(package));
  }
  if (tree.find(name) != nullptr) targets.insert(name);
}

}  // namespace

Importers importers_of(const EngineTree& tree) {
  Importers importers;
  for (const auto& [name, module] : tree.modules()) {
    if (const auto* package = package_above(name, tree)) {
      importers[package->name].push_back({&module, nullptr});
    }
    for (const auto& import : module.imports) {
      if (!import.function.empty()) continue;
      const auto base = EngineTree::absolute(module, import.level, import.module);
      if (base.empty()) continue;
      std::set<std::string> targets;
      add_with_packages(targets, base, tree);
      // A name may be a module of the package.
      if (!import.name.empty()) add_with_packages(targets, base + "." + import.name, tree);
      targets.erase(name);
      for (const auto& target : targets) importers[target].push_back({&module, &import});
    }
  }
  return importers;
}

}  // namespace fusegate::probe
