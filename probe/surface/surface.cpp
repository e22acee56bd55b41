#include "probe/surface/surface.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

#include <fmt/format.h>

namespace fusegate::probe {
namespace {

using Kind = Meaning::Kind;

constexpr std::size_t most_meanings = 64;
// A library needs some ten and some hundred. A hostile one would overflow the stack, or take for
// ever: alternatives of alternatives double with each.
constexpr std::size_t depth_limit = 200;
constexpr std::size_t step_limit = 10'000;
constexpr const char* too_far = "too much leads to it to be followed";

// Of a name that is imported from where it is being looked for: it adds nothing to what else the
// name means, and is nothing when it means nothing else.
constexpr const char* circular = "its imports go round in a circle";

void drop_circular(std::vector<Meaning>& meanings) {
  const auto is_circular = [](const Meaning& meaning) { return meaning.reason == circular; };
  const bool is_all = std::all_of(meanings.begin(), meanings.end(), is_circular);
  if (!is_all) std::erase_if(meanings, is_circular);
}

std::pair<std::string, std::string> split_first(const std::string& dotted) {
  const auto dot = dotted.find('.');
  if (dot == dotted.npos) return {dotted, ""};
  return {dotted.substr(0, dot), dotted.substr(dot + 1)};
}

/// The meanings with conditions that come before theirs, without those already there.
void add(std::vector<Meaning>& all, std::vector<Meaning> more, const Conditions& conditions = {}) {
  for (auto& meaning : more) {
    Conditions whole = conditions;
    for (auto& condition : meaning.conditions) {
      if (std::find(whole.begin(), whole.end(), condition) == whole.end()) {
        whole.push_back(std::move(condition));
      }
    }
    meaning.conditions = std::move(whole);
    const bool is_new = std::find(all.begin(), all.end(), meaning) == all.end();
    if (is_new && all.size() < most_meanings) all.push_back(std::move(meaning));
  }
}

Meaning definition(const Module& module, const Statement& statement, std::string name) {
  const Kind kind = std::holds_alternative<Function>(statement.what) ? Kind::function
                    : std::holds_alternative<Class>(statement.what)  ? Kind::class_
                                                                     : Kind::value;
  return {kind, &module, &statement, std::move(name), "", {}};
}

Meaning module_meaning(const Module& module) {
  return {Kind::module, &module, nullptr, module.name, "", {}};
}

Meaning foreign(std::string name) {
  return {Kind::foreign, nullptr, nullptr, std::move(name), "", {}};
}

}  // namespace

std::string place_of(const Meaning& meaning) {
  if (meaning.module == nullptr) return "";
  if (meaning.statement == nullptr) return meaning.module->file;
  return fmt::format("{}:{}", meaning.module->file, meaning.statement->line);
}

Surface::Surface(std::string package, std::vector<Module> modules,
                 std::map<std::string, std::string> aliases)
    : package_(std::move(package)), aliases_(std::move(aliases)) {
  for (auto& module : modules) {
    const std::string name = module.name;
    // Of a.py and a/__init__.py Python takes the package.
    if (module.is_package()) {
      modules_.insert_or_assign(name, std::move(module));
    } else {
      modules_.emplace(name, std::move(module));
    }
  }
  add_namespace_packages();
}

/// A folder without __init__.py is a package, too, of its submodules only (PEP 420).
void Surface::add_namespace_packages() {
  std::vector<Module> missing;
  for (const auto& [name, module] : modules_) {
    for (auto dot = name.rfind('.'); dot != name.npos && dot > 0; dot = name.rfind('.', dot - 1)) {
      std::string parent = name.substr(0, dot);
      if (modules_.contains(parent)) continue;
      std::string folder = parent + "/";
      std::replace(folder.begin(), folder.end(), '.', '/');
      missing.push_back({std::move(parent), std::move(folder), std::make_shared<ModuleFacts>()});
    }
  }
  for (auto& module : missing) modules_.try_emplace(module.name, module);
}

const Module* Surface::find_module(const std::string& name) const {
  if (const auto it = modules_.find(name); it != modules_.end()) return &it->second;
  const auto alias = aliases_.find(name);
  if (alias == aliases_.end()) return nullptr;
  const auto it = modules_.find(alias->second);
  return it == modules_.end() ? nullptr : &it->second;
}

const Names& Surface::names_of(const Module& module) {
  // Python runs the package before any of its modules. Where star imports go round in a circle, it
  // depends on that what they bind.
  const Module* first = names_.empty() && in_progress_.empty() ? find_module(package_) : nullptr;
  if (first != nullptr && first != &module) std::ignore = names_of(*first);
  if (const auto it = names_.find(&module); it != names_.end()) return it->second;
  if (module.facts == nullptr) {
    wanted_.insert(&module);
    Names none;
    none.unknowns.push_back(fmt::format("{} was not read", module.file));
    none.star_unknowns = none.unknowns;
    return names_.emplace(&module, std::move(none)).first->second;
  }
  in_progress_.insert(&module);
  auto names = names_of_module(
      module, [&](const std::string& target) { return star_import(target, module); });
  in_progress_.erase(&module);
  return names_.emplace(&module, std::move(names)).first->second;
}

const Names& Surface::names_of(const Module& module, const Statement& statement) {
  if (const auto it = class_names_.find(&statement); it != class_names_.end()) return it->second;
  return class_names_.emplace(&statement, names_of_class(module, std::get<Class>(statement.what)))
      .first->second;
}

/// A star import of a module that is itself waiting for one (a circle) binds nothing that could be
/// told without running them in order.
std::optional<StarImport> Surface::star_import(const std::string& name, const Module& importer) {
  const Module* module = find_module(name);
  if (module == nullptr || in_progress_.contains(module)) return std::nullopt;
  if (in_progress_.size() >= depth_limit) return std::nullopt;
  const Names& names = names_of(*module);
  if (names.exports) return StarImport{*names.exports, names.star_unknowns};
  // What the module itself has from the importer binds it anew to what it is.
  const auto comes_back = [&](const Local& local, const std::string& bound) {
    return local.kind == Local::Kind::import && local.target == importer.name &&
           local.attribute == bound;
  };
  // What __getattr__ answers is not in the module's dictionary.
  const auto is_asked_for = [](const Local& local) {
    return local.kind == Local::Kind::computed && local.statement == nullptr;
  };
  std::vector<std::string> all;
  for (const auto& [bound, locals] : names.by_name) {
    const bool is_new = std::none_of(locals.begin(), locals.end(), [&](const Local& local) {
      return comes_back(local, bound) || is_asked_for(local);
    });
    if (is_public(bound) && is_new) all.push_back(bound);
  }
  return StarImport{std::move(all), names.star_unknowns};
}

std::vector<Meaning> Surface::resolve(const Module& module, const std::string& name) {
  Visited visited;
  return resolve(module, name, visited);
}

bool Surface::is_too_far(Visited& visited) {
  return visited.names.size() >= depth_limit || ++visited.steps > step_limit;
}

std::vector<Meaning> Surface::resolve(const Module& module, const std::string& name,
                                      Visited& visited) {
  if (is_too_far(visited)) return {{Kind::computed, nullptr, nullptr, name, too_far, {}}};
  if (!visited.names.emplace(&module, name).second) {
    return {{Kind::computed, nullptr, nullptr, name, circular, {}}};
  }
  std::vector<Meaning> all;
  const auto& names = names_of(module).by_name;
  if (const auto it = names.find(name); it != names.end()) {
    for (const auto& local : it->second) {
      add(all, meanings_of(module, name, local, visited), local.conditions);
    }
  }
  visited.names.erase({&module, name});
  drop_circular(all);
  const bool only_computed = std::all_of(all.begin(), all.end(),
                                         [](const Meaning& m) { return m.kind == Kind::computed; });
  if (only_computed && module.is_package()) {
    if (const Module* submodule = find_module(module.name + "." + name)) {
      return {module_meaning(*submodule)};
    }
  }
  return all;
}

std::vector<Meaning> Surface::meanings_of(const Module& module, const std::string& name,
                                          const Local& local, Visited& visited) {
  switch (local.kind) {
    case Local::Kind::computed:
      return {{Kind::computed, &module, local.statement, name, local.reason, {}}};
    case Local::Kind::import:
      return imported(local, visited);
    case Local::Kind::definition:
      break;
  }
  const auto* assignment = std::get_if<Assignment>(&local.statement->what);
  if (assignment != nullptr && assignment->value.kind == Value::Kind::name) {
    auto aliased = expression(module, assignment->value.text, visited);
    const bool is_alias = std::any_of(aliased.begin(), aliased.end(), [](const Meaning& meaning) {
      return meaning.kind == Kind::function || meaning.kind == Kind::class_ ||
             meaning.kind == Kind::module;
    });
    if (is_alias) return aliased;
  }
  return {definition(module, *local.statement, name)};
}

std::vector<Meaning> Surface::imported(const Local& local, Visited& visited) {
  const Module* target = find_module(local.target);
  const std::string dotted =
      local.attribute.empty() ? local.target : local.target + "." + local.attribute;
  if (target == nullptr) {
    const bool is_ours = local.target == package_ || local.target.starts_with(package_ + ".");
    if (!is_ours) return {foreign(dotted)};
    return {{Kind::missing,
             nullptr,
             nullptr,
             dotted,
             fmt::format("there is no module {}", local.target),
             {}}};
  }
  if (local.attribute.empty()) return {module_meaning(*target)};
  auto found = resolve(*target, local.attribute, visited);
  if (!found.empty()) return found;
  const auto& unknowns = names_of(*target).unknowns;
  if (!unknowns.empty()) {
    return {{Kind::computed, target, nullptr, dotted, unknowns.front(), {}}};
  }
  return {{Kind::missing,
           nullptr,
           nullptr,
           dotted,
           fmt::format("{} does not define {}", target->name, local.attribute),
           {}}};
}

std::vector<Meaning> Surface::resolve_expression(const Module& module, const std::string& text) {
  Visited visited;
  return expression(module, text, visited);
}

std::vector<Meaning> Surface::expression(const Module& module, const std::string& text,
                                         Visited& visited) {
  auto [first, rest] = split_first(text);
  auto meanings = resolve(module, first, visited);
  while (!rest.empty()) {
    const auto parts = split_first(rest);
    std::vector<Meaning> next;
    for (const auto& owner : meanings) {
      add(next, attribute(owner, parts.first, visited), owner.conditions);
    }
    meanings = std::move(next);
    rest = parts.second;
  }
  return meanings;
}

std::vector<Meaning> Surface::lookup(const std::string& dotted) {
  // The longest module first: a.b.c is module a.b.c, or c of module a.b.
  for (std::size_t end = dotted.size(); end != dotted.npos && end > 0;
       end = dotted.rfind('.', end - 1)) {
    const Module* module = find_module(dotted.substr(0, end));
    if (module == nullptr) continue;
    if (end < dotted.size()) return resolve_expression(*module, dotted.substr(end + 1));
    // A package may bind the name of its module to something else, mostly to what is in it.
    const auto dot = dotted.rfind('.');
    const Module* parent = dot == dotted.npos ? nullptr : find_module(dotted.substr(0, dot));
    if (parent == nullptr) return {module_meaning(*module)};
    auto bound = resolve(*parent, dotted.substr(dot + 1));
    return bound.empty() ? std::vector{module_meaning(*module)} : bound;
  }
  return {};
}

std::vector<Meaning> Surface::attribute(const Meaning& owner, const std::string& name,
                                        Visited& visited) {
  switch (owner.kind) {
    case Kind::module:
      return resolve(*owner.module, name, visited);
    case Kind::class_:
      return member(owner, name, visited);
    case Kind::foreign:
      return {foreign(owner.name + "." + name)};
    default:
      return {{Kind::computed,
               owner.module,
               owner.statement,
               owner.name + "." + name,
               "an attribute of what is known only when it runs",
               {}}};
  }
}

std::vector<Meaning> Surface::member(const Meaning& owner, const std::string& name) {
  Visited visited;
  return member(owner, name, visited);
}

std::vector<Meaning> Surface::member(const Meaning& owner, const std::string& name,
                                     Visited& visited) {
  std::vector<Meaning> all;
  const auto dotted = owner.name + "." + name;
  if (is_too_far(visited)) return {{Kind::computed, nullptr, nullptr, dotted, too_far, {}}};
  if (!visited.names.emplace(owner.module, dotted).second) return all;
  const auto& own = names_of(*owner.module, *owner.statement).by_name;
  if (const auto it = own.find(name); it != own.end()) {
    for (const auto& local : it->second) {
      if (local.kind == Local::Kind::definition) {
        add(all, {definition(*owner.module, *local.statement, dotted)}, local.conditions);
      }
    }
    return all;
  }
  const auto& definition = std::get<Class>(owner.statement->what);
  for (const auto& [attribute, line] : definition.attributes) {
    if (attribute != name) continue;
    return {{Kind::attribute,
             owner.module,
             owner.statement,
             owner.name + "." + name,
             fmt::format("set on instances ({}:{})", owner.module->file, line),
             {}}};
  }
  for (const auto& base : definition.bases) {
    for (const auto& meaning : expression(*owner.module, base_name(base), visited)) {
      if (meaning.kind == Kind::class_)
        add(all, member(meaning, name, visited), meaning.conditions);
    }
    if (!all.empty()) break;
  }
  return all;
}

}  // namespace fusegate::probe
