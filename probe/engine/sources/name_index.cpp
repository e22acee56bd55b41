#include "probe/engine/sources/name_index.hpp"

#include <algorithm>
#include <cstddef>
#include <variant>

#include "probe/surface/names.hpp"

namespace fusegate::probe {

std::string first_name(const std::string& dotted) {
  return dotted.substr(0, dotted.find('.'));
}

std::string after_first(const std::string& dotted) {
  const auto dot = dotted.find('.');
  return dot == dotted.npos ? "" : dotted.substr(dot + 1);
}

bool is_instance_name(const std::string& dotted) {
  return dotted.starts_with("self.") || dotted.starts_with("cls.");
}

int class_around(const EngineFacts& facts, int scope) {
  while (scope > 0 && facts.scopes[static_cast<std::size_t>(scope)].kind != Scope::Kind::class_) {
    scope = facts.scopes[static_cast<std::size_t>(scope)].parent;
  }
  return scope > 0 ? scope : -1;
}

BoundNames index_names(const EngineFacts& facts) {
  BoundNames names;
  for (std::size_t i = 0; i < facts.events.size(); ++i) {
    const auto& event = facts.events[i];
    const auto add = [&](const std::string& name) {
      int scope = event.scope;
      if (is_instance_name(name)) {
        // Whatever method sets it, all of the class see it.
        const int owner = class_around(facts, scope);
        if (owner >= 0) scope = owner;
        names.events[{scope, "self." + after_first(name)}].push_back(static_cast<int>(i));
        return;
      }
      const auto& globals = facts.scopes[static_cast<std::size_t>(scope)].globals;
      if (std::find(globals.begin(), globals.end(), name) != globals.end()) scope = 0;
      names.events[{scope, name}].push_back(static_cast<int>(i));
    };
    if (const auto* import = std::get_if<ImportEvent>(&event.what)) {
      add(import->alias.empty() ? first_name(import->module) : import->alias);
    } else if (const auto* from = std::get_if<FromEvent>(&event.what)) {
      if (from->name == "*") {
        names.star_imports.push_back(static_cast<int>(i));
      } else {
        add(from->bound_as);
      }
    } else if (const auto* bind = std::get_if<BindEvent>(&event.what)) {
      for (const auto& target : bind->targets) add(target);
    }
  }
  for (std::size_t i = 1; i < facts.scopes.size(); ++i) {
    const auto& scope = facts.scopes[i];
    if (scope.kind == Scope::Kind::lambda) continue;
    names.scopes[{scope.parent, last_name(scope.name)}].push_back(static_cast<int>(i));
  }
  return names;
}

}  // namespace fusegate::probe
