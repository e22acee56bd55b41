#include "probe/engine/sources/engine_names.hpp"

#include <algorithm>
#include <iterator>
#include <variant>

#include "probe/engine/sources/name_index.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {
namespace {

using Kind = Origin::Kind;

// Longer chains of aliases are loops.
constexpr int depth_limit = 24;
constexpr std::size_t visit_limit = 500;

std::string join_names(const std::string& left, const std::string& right) {
  if (left.empty() || right.empty()) return left + right;
  return left + "." + right;
}

void append(std::vector<Origin>& all, std::vector<Origin> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

/// The function or module around a scope in which a name is looked up next: bodies of classes are
/// not seen from within their methods.
int outer_scope(const EngineFacts& facts, int scope) {
  int next = facts.scopes[static_cast<std::size_t>(scope)].parent;
  while (next > 0 && facts.scopes[static_cast<std::size_t>(next)].kind == Scope::Kind::class_) {
    next = facts.scopes[static_cast<std::size_t>(next)].parent;
  }
  return next;
}

}  // namespace

bool is_set_at_run_time(const Origin& origin) {
  if (origin.module == nullptr || origin.event < 0) return false;
  const auto& facts = *origin.module->facts;
  const auto& event = facts.events[static_cast<std::size_t>(origin.event)];
  const auto& globals = facts.scopes[static_cast<std::size_t>(event.scope)].globals;
  const auto is_global = [&](const std::string& name) {
    return std::find(globals.begin(), globals.end(), name) != globals.end();
  };
  if (const auto* bind = std::get_if<BindEvent>(&event.what)) {
    return std::any_of(bind->targets.begin(), bind->targets.end(), is_global);
  }
  const auto* from = std::get_if<FromEvent>(&event.what);
  return from != nullptr && is_global(from->bound_as);
}

bool EngineNames::is_tracked(const std::string& dotted) const {
  return tracked_.contains(first_name(dotted));
}

std::vector<Origin> EngineNames::origins(const EngineModule& module, int scope,
                                         const std::string& dotted) {
  visited_.clear();
  return resolve(module, scope, dotted, 0);
}

std::vector<Origin> EngineNames::resolve(const EngineModule& module, int scope,
                                         const std::string& dotted, int depth) {
  if (module.facts == nullptr) {
    wanted_.insert(module.name);
    return {};
  }
  if (depth > depth_limit) return {};
  const auto& facts = *module.facts;
  const auto& index = module.facts->names;
  std::vector<Origin> found;
  if (is_instance_name(dotted)) {
    const int owner = class_around(facts, scope);
    const auto rest = after_first(dotted);
    if (owner >= 0) found = of_member(module, owner, rest, depth, dotted.starts_with("self."));
    if (found.empty()) found = {{Kind::local, dotted, "", false, 0, {}, &module, scope}};
    return found;
  }
  const auto root = first_name(dotted);
  for (int at = scope; at >= 0; at = outer_scope(facts, at)) {
    const auto& here = facts.scopes[static_cast<std::size_t>(at)];
    const auto events = index.events.find({at, root});
    const auto scopes = index.scopes.find({at, root});
    if (events != index.events.end()) {
      for (const int event : events->second) {
        append(found, of_event(module, event, after_first(dotted), depth + 1));
      }
    }
    if (scopes != index.scopes.end()) {
      for (const int inner : scopes->second) {
        const auto rest = after_first(dotted);
        const bool is_class =
            facts.scopes[static_cast<std::size_t>(inner)].kind == Scope::Kind::class_;
        auto members = is_class && !rest.empty() ? of_member(module, inner, rest, depth, false)
                                                 : std::vector<Origin>{};
        if (members.empty()) {
          members = {{Kind::definition, dotted, "", false, 0, {}, &module, inner}};
        }
        append(found, std::move(members));
      }
    }
    if (!found.empty()) return found;
    const auto& parameters = here.parameters;
    if (std::find(parameters.begin(), parameters.end(), root) != parameters.end()) {
      return {{Kind::local, dotted, "", false, 0, {}, &module, at}};
    }
  }
  for (const int event : index.star_imports) {
    const auto& from = std::get<FromEvent>(facts.events[static_cast<std::size_t>(event)].what);
    const auto base = EngineTree::absolute(module, from.level, from.module);
    auto more = of_absolute(join_names(base, dotted), depth + 1);
    for (auto& origin : more) {
      if (origin.kind == Kind::unknown) continue;
      if (origin.module == nullptr || origin.kind == Kind::library) {
        origin.module = &module;
        origin.scope = 0;
        origin.event = event;
      }
      found.push_back(std::move(origin));
    }
  }
  return found;
}

std::optional<std::pair<std::string, int>> EngineNames::unaliased(const EngineModule& module,
                                                                  int scope,
                                                                  const std::string& dotted) {
  if (module.facts == nullptr || is_instance_name(dotted)) return std::nullopt;
  const auto& index = module.facts->names;
  const auto root = first_name(dotted);
  for (int at = scope; at >= 0; at = outer_scope(*module.facts, at)) {
    const auto& parameters = module.facts->scopes[static_cast<std::size_t>(at)].parameters;
    const bool is_other =
        std::find(parameters.begin(), parameters.end(), root) != parameters.end() ||
        index.scopes.contains({at, root});
    if (is_other) return std::nullopt;
    const auto it = index.events.find({at, root});
    if (it == index.events.end()) continue;
    if (it->second.size() != 1) return std::nullopt;
    const auto& event = module.facts->events[static_cast<std::size_t>(it->second.front())];
    const auto* bind = std::get_if<BindEvent>(&event.what);
    if (bind == nullptr || bind->value.kind != Expression::Kind::name) return std::nullopt;
    return std::pair(join_names(bind->value.value, after_first(dotted)), event.scope);
  }
  return std::nullopt;
}

std::vector<Origin> EngineNames::methods(const EngineModule& module, int owner,
                                         const std::string& name) {
  std::set<std::pair<const EngineModule*, int>> seen;
  std::vector<std::pair<const EngineModule*, int>> todo{{&module, owner}};
  for (std::size_t i = 0; i < todo.size() && i < visit_limit; ++i) {
    const auto [holder, scope] = todo[i];
    if (holder->facts == nullptr || !seen.insert(todo[i]).second) continue;
    visited_.clear();
    auto found = of_member(*holder, scope, name, 0, false);
    std::erase_if(found, [](const Origin& o) { return o.kind != Kind::definition; });
    if (!found.empty()) return found;
    const auto& facts = *holder->facts;
    const auto& here = facts.scopes[static_cast<std::size_t>(scope)];
    for (const auto& base : here.bases) {
      for (const auto& origin : origins(*holder, here.parent, base.substr(0, base.find('[')))) {
        const bool is_class = origin.kind == Kind::definition && origin.module != nullptr;
        if (is_class) todo.emplace_back(origin.module, origin.scope);
      }
    }
  }
  return {};
}

/// What a class of a module has under a name, for itself and its instances: what its body and its
/// methods bind, and its methods. Bases are not looked through. What the body binds is a default
/// for instances, which are made with other values.
std::vector<Origin> EngineNames::of_member(const EngineModule& module, int owner,
                                           const std::string& dotted, int depth,
                                           bool through_instance) {
  const auto& index = module.facts->names;
  const auto name = first_name(dotted);
  std::vector<Origin> found;
  for (const auto& key : {name, "self." + name}) {
    if (through_instance && key == name) continue;
    const auto it = index.events.find({owner, key});
    if (it == index.events.end()) continue;
    for (const int event : it->second) {
      append(found, of_event(module, event, after_first(dotted), depth + 1));
    }
  }
  const auto methods = index.scopes.find({owner, name});
  if (methods == index.scopes.end()) return found;
  for (const int method : methods->second) {
    found.push_back({Kind::definition, dotted, "", false, 0, {}, &module, method});
  }
  return found;
}

std::vector<Origin> EngineNames::of_event(const EngineModule& module, int event,
                                          const std::string& rest, int depth) {
  const bool is_new =
      visited_.size() < visit_limit && visited_.emplace(module.facts.get(), event, rest).second;
  if (!is_new) return {};
  const auto& what = module.facts->events[static_cast<std::size_t>(event)];
  std::vector<Origin> found;
  if (const auto* import = std::get_if<ImportEvent>(&what.what)) {
    const auto base = import->alias.empty() ? first_name(import->module) : import->module;
    found = of_absolute(join_names(base, rest), depth);
  } else if (const auto* from = std::get_if<FromEvent>(&what.what)) {
    const auto base = EngineTree::absolute(module, from->level, from->module);
    if (!base.empty()) found = of_absolute(join_names(join_names(base, from->name), rest), depth);
  } else if (const auto* bind = std::get_if<BindEvent>(&what.what)) {
    return of_value(module, what.scope, bind->value, rest, event, depth);
  }
  // Who binds it here is nearer than who bound it there: conditions of both matter, and these are
  // the caller's to add.
  for (auto& origin : found) {
    if (origin.module == nullptr || origin.kind == Kind::library) {
      origin.module = &module;
      origin.scope = what.scope;
      origin.event = event;
    }
  }
  return found;
}

std::vector<Origin> EngineNames::of_value(const EngineModule& module, int scope,
                                          const Expression& value, const std::string& rest,
                                          int event, int depth) {
  Origin plain{Kind::expression, "", "", false, 0, {}, &module, scope, event, &value};
  switch (value.kind) {
    case Expression::Kind::none:
      plain.kind = Kind::local;
      return {plain};
    case Expression::Kind::name: {
      auto found = resolve(module, scope, join_names(value.value, rest), depth + 1);
      std::erase_if(found, [](const Origin& origin) { return origin.kind == Kind::local; });
      if (found.empty()) return {plain};
      for (auto& origin : found) origin.through.emplace_back(&module, event);
      return found;
    }
    case Expression::Kind::choice: {
      std::vector<Origin> found;
      for (std::size_t i = 1; i < value.items.size(); ++i) {
        append(found, of_value(module, scope, value.items[i], rest, event, depth + 1));
      }
      return found;
    }
    case Expression::Kind::call:
      if (depth < depth_limit) {
        auto found = of_call(module, scope, value, rest, event, depth + 1);
        if (!found.empty()) return found;
      }
      return {plain};
    default:
      return {plain};
  }
}

std::vector<Origin> EngineNames::of_call(const EngineModule& module, int scope,
                                         const Expression& call, const std::string& rest, int event,
                                         int depth) {
  if (call.items.empty() || call.items[0].kind != Expression::Kind::name) return {};
  const auto& callee = call.items[0].value;
  const auto argument = [&](std::size_t index) -> const Expression* {
    return index < call.items.size() ? &call.items[index] : nullptr;
  };
  const auto* first = argument(1);
  const auto* second = argument(2);
  std::vector<Origin> found;
  const bool is_getattr = callee == "getattr" && first != nullptr && second != nullptr &&
                          first->kind == Expression::Kind::name && second->is_string;
  if (is_getattr) {
    found = resolve(module, scope, join_names(join_names(first->value, second->value), rest),
                    depth + 1);
    for (auto& origin : found) origin.is_probed = true;
  } else if (last_name(callee) == "partial" && first != nullptr) {
    found = of_value(module, scope, *first, rest, event, depth + 1);
    for (auto& origin : found) {
      origin.bound_positional += call.items.size() - 2;
      for (const auto& [keyword, value] : call.keywords) origin.bound_keywords.push_back(keyword);
    }
  } else if (callee == "importlib.import_module" && first != nullptr && first->is_string) {
    found = of_absolute(join_names(first->value, rest), depth + 1);
  } else {
    found = resolve(module, scope, callee, depth + 1);
    std::erase_if(found, [](const Origin& origin) { return origin.kind != Kind::library; });
    for (auto& origin : found) {
      origin.instance_of = origin.dotted;
      origin.dotted = join_names(origin.dotted, rest);
    }
  }
  for (auto& origin : found) {
    if (origin.kind != Kind::library) continue;
    origin.module = &module;
    origin.scope = scope;
    origin.event = event;
  }
  return found;
}

std::vector<Origin> EngineNames::of_absolute(const std::string& dotted, int depth) {
  if (is_tracked(dotted)) return {{Kind::library, dotted}};
  if (first_name(dotted) != tree_.package()) return {{Kind::unknown, dotted}};
  // The longest module goes first; the rest are names within it.
  auto name = dotted;
  std::string rest;
  const EngineModule* module = tree_.find(name);
  while (module == nullptr && name.find('.') != name.npos) {
    rest = join_names(last_name(name), rest);
    name.resize(name.rfind('.'));
    module = tree_.find(name);
  }
  if (module == nullptr) return {{Kind::unknown, dotted}};
  if (rest.empty()) return {{Kind::module, name, "", false, 0, {}, module}};
  if (module->facts == nullptr) wanted_.insert(module->name);
  auto found = resolve(*module, 0, rest, depth + 1);
  if (found.empty()) return {{Kind::unknown, dotted}};
  return found;
}

}  // namespace fusegate::probe
