#include "probe/engine/objects/engine_classes.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/sources/package_files.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {
namespace {

// Modules that hand a name on lead to others that do.
constexpr int round_limit = 8;
// Names that are bound to each other in circles.
constexpr int alias_limit = 4;
// Engines have classes six bases deep.
constexpr int base_limit = 100;
// What stands between `class` and the end of its bases; a longer list no person wrote.
constexpr std::size_t header_limit = 4096;

/// The innermost scope of a line.
int scope_at(const EngineFacts& facts, int line) {
  int found = 0;
  for (std::size_t i = 1; i < facts.scopes.size(); ++i) {
    if (facts.scopes[i].line <= line && line <= facts.scopes[i].end_line) {
      found = static_cast<int>(i);  // an inner one is behind the one around it
    }
  }
  return found;
}

/// "a.B" of "a.B[T]"; empty where it is no dotted name.
std::string class_name_of(std::string_view text) {
  const auto name = trim(text.substr(0, text.find('[')));
  const bool is_dotted = std::all_of(name.begin(), name.end(),
                                     [](char c) { return is_name_character(c) || c == '.'; });
  return is_dotted ? std::string(name) : "";
}

}  // namespace

EngineClasses::EngineClasses(EngineTree& tree, SourceTree& sources, EngineFactsStore& store,
                             const EngineRules& rules)
    : tree_(tree),
      sources_(sources),
      store_(store),
      rules_(rules),
      names_(tree, {}),
      object_store_(store.python()) {
  for (const auto& [name, module] : tree_.modules()) {
    std::set<std::string> named;
    for (const auto& import : module.imports) {
      named.insert(last_name(import.name.empty() ? import.module : import.name));
    }
    for (const auto& one : named) importers_[one].push_back(&module);
  }
}

void EngineClasses::read(const std::set<std::string>& modules) {
  std::vector<SourceFile> files;
  std::vector<const EngineModule*> asked;
  for (const auto& name : modules) {
    const auto* module = tree_.find(name);
    if (module == nullptr || !facts_.emplace(name, nullptr).second) continue;
    files.push_back(module->source);
    asked.push_back(module);
  }
  if (files.empty()) return;
  auto loaded = object_store_.load(sources_, files);
  for (const auto* module : asked) {
    const auto it = loaded.by_key.find(module->source.key);
    if (it != loaded.by_key.end()) facts_[module->name] = it->second;
  }
  // What does not parse is told of already, where its uses were asked for.
  for (auto& problem : loaded.problems) {
    const auto& told = tree_.problems();
    const bool is_told = std::any_of(told.begin(), told.end(), [&](const Problem& one) {
      return one.where == problem.where && one.what == problem.what;
    });
    if (!is_told) problems_.push_back(std::move(problem));
  }
}

const ObjectFacts* EngineClasses::facts_of(const EngineModule& module) const {
  const auto it = facts_.find(module.name);
  return it == facts_.end() ? nullptr : it->second.get();
}

std::vector<Origin> EngineClasses::origins_in(const EngineModule& module, int scope,
                                              const std::string& dotted) {
  std::vector<Origin> found;
  for (int round = 0; round < round_limit; ++round) {
    names_.forget_wanted();
    found = names_.origins(module, scope, dotted);
    const auto wanted = names_.wanted();
    tree_.read(wanted, store_);
    const bool is_new = std::any_of(wanted.begin(), wanted.end(), [&](const auto& name) {
      return tree_.find(name)->facts != nullptr;
    });
    if (!is_new) break;
  }
  return found;
}

std::vector<Origin> EngineClasses::origins(const EngineModule& module, int line,
                                           const std::string& dotted) {
  tree_.read({module.name}, store_);
  if (module.facts == nullptr) return {};
  return origins_in(module, scope_at(*module.facts, line), dotted);
}

NamedClasses EngineClasses::named(const EngineModule& module, int line, const std::string& dotted) {
  NamedClasses found;
  const auto all = origins(module, line, dotted);
  found.is_known = !dotted.empty();
  if (all.empty() && found.is_known) found.elsewhere.insert(dotted);  // one of Python's own
  for (const auto& origin : all) add_named(origin, found, 0);
  return found;
}

void EngineClasses::add_named(const Origin& origin, NamedClasses& found, int depth) {
  if (origin.kind == Origin::Kind::unknown) {
    found.elsewhere.insert(origin.dotted);
  } else if (origin.kind == Origin::Kind::definition) {
    const auto& scope = origin.module->facts->scopes[static_cast<std::size_t>(origin.scope)];
    read({origin.module->name});
    const auto* facts = facts_of(*origin.module);
    const auto end =
        facts == nullptr ? std::vector<ClassFacts>::const_iterator{} : facts->classes.end();
    const auto it =
        facts == nullptr ? end : std::find_if(facts->classes.begin(), end, [&](const auto& one) {
          return one.line == scope.line;
        });
    if (it == end || scope.kind != Scope::Kind::class_) {
      found.is_known = false;
    } else {
      found.classes.insert({origin.module, &*it});
    }
  } else if (origin.kind == Origin::Kind::expression && depth < alias_limit &&
             origin.value->kind == Expression::Kind::call && origin.value->items.size() == 3 &&
             last_name(origin.value->items[0].value) == "cast") {
    // cast(type, Class)
    const auto& name = origin.value->items[2];
    const auto all = origins_in(*origin.module, origin.scope, name.value);
    found.is_known = found.is_known && !all.empty();
    for (const auto& one : all) add_named(one, found, depth + 1);
  } else {
    found.is_known = false;
  }
}

NamedClasses EngineClasses::bases_of(const EngineClass& one) {
  if (const auto it = bases_.find(one); it != bases_.end()) return it->second;
  NamedClasses all;
  tree_.read({one.module->name}, store_);
  if (one.module->facts == nullptr) {
    all.is_known = false;
    return all;
  }
  // Outside of its own body; a line of the class itself is in it.
  const auto& scopes = one.module->facts->scopes;
  const auto it = std::find_if(scopes.begin(), scopes.end(), [&](const Scope& scope) {
    return scope.kind == Scope::Kind::class_ && scope.line == one.facts->line;
  });
  const int around = it == scopes.end() ? 0 : it->parent;
  for (const auto& text : one.facts->bases) {
    const auto name = class_name_of(text);
    const auto found = name.empty() ? std::vector<Origin>{} : origins_in(*one.module, around, name);
    if (name.empty()) all.is_known = false;
    if (found.empty()) all.elsewhere.insert(name.empty() ? text : name);
    for (const auto& origin : found) add_named(origin, all, 0);
  }
  all.classes.erase(one);
  return bases_.emplace(one, std::move(all)).first->second;
}

/// Whether a class of the module's text may have a base of that name.
bool EngineClasses::may_derive(const EngineModule& module, const std::string& name) {
  const auto text = sources_.read(module.source.name, python_file_limit);
  if (!text || !has_word(*text, name)) return false;
  constexpr std::string_view keyword = "class ";
  const std::string_view all = *text;
  for (auto at = all.find(keyword); at != all.npos; at = all.find(keyword, at + 1)) {
    const auto header = all.substr(at, std::min(all.find("):", at) - at, header_limit));
    if (has_word(header, name)) return true;
  }
  return false;
}

/// Adds the modules that may have a class whose base it is, each with its names there.
void EngineClasses::add_modules_naming(const EngineClass& one,
                                       std::map<std::string, std::set<std::string>>& names) {
  const auto name = last_name(one.facts->name);
  names[one.module->name].insert(name);
  for (const auto& named : {name, last_name(one.module->name)}) {
    const auto it = importers_.find(named);
    if (it == importers_.end()) continue;
    for (const auto* module : it->second) {
      std::set<std::string> words{name};
      for (const auto& import : module->imports) {
        if (import.name == name && !import.bound_as.empty()) words.insert(import.bound_as);
      }
      for (const auto& word : words) {
        if (may_derive(*module, word)) names[module->name].insert(word);
      }
    }
  }
}

const std::set<EngineClass>& EngineClasses::subclasses(const EngineClass& top) {
  if (const auto it = subclasses_.find(top); it != subclasses_.end()) return it->second;
  std::set<EngineClass> found{top};
  std::set<EngineClass> above{top};
  while (!above.empty()) {
    // Those of all are read at once, which starts one Python and not many.
    std::map<std::string, std::set<std::string>> names;
    for (const auto& one : above) add_modules_naming(one, names);
    std::set<EngineClass> below;
    for (const auto& one : classes_naming(names)) {
      const auto bases = bases_of(one).classes;
      const bool derives = std::any_of(bases.begin(), bases.end(),
                                       [&](const auto& base) { return above.contains(base); });
      if (derives && found.insert(one).second) below.insert(one);
    }
    above = std::move(below);
  }
  return subclasses_.emplace(top, std::move(found)).first->second;
}

/// The classes with a base of one of the names that their module has.
std::vector<EngineClass> EngineClasses::classes_naming(
    const std::map<std::string, std::set<std::string>>& names) {
  std::set<std::string> modules;
  for (const auto& [name, words] : names) modules.insert(name);
  read(modules);
  std::vector<EngineClass> classes;
  modules.clear();
  for (const auto& [name, words] : names) {
    const auto* module = tree_.find(name);
    const auto* facts = facts_of(*module);
    if (facts == nullptr) continue;
    for (const auto& one : facts->classes) {
      const bool is_named = std::any_of(words.begin(), words.end(), [&](const auto& word) {
        return std::any_of(one.bases.begin(), one.bases.end(),
                           [&](const auto& base) { return has_word(base, word); });
      });
      if (!is_named) continue;
      classes.push_back({module, &one});
      modules.insert(name);
    }
  }
  tree_.read(modules, store_);
  return classes;
}

const InstanceAttributes& EngineClasses::attributes(const EngineClass& one, int depth) {
  const auto [it, is_new] = attributes_.try_emplace(one);
  if (!is_new) return it->second;
  // For bases in a circle, and chains of them that no person wrote.
  it->second.open_because = fmt::format("the bases of {} have no end", one.facts->name);
  if (depth >= base_limit) return it->second;
  InstanceAttributes all{one.facts->attributes, one.facts->declared, "", {}};
  if (one.facts->is_open) all.open_because = one.facts->name + " sets attributes by computed names";
  const auto bases = bases_of(one);
  if (!bases.is_known) all.open_because = "a base of " + one.facts->name + " is computed";
  auto elsewhere = bases.elsewhere;
  elsewhere.insert("object");
  for (const auto& name : elsewhere) {
    const auto known = rules_.external_classes.find(name);
    if (known == rules_.external_classes.end()) {
      if (name != "object") all.open_because = fmt::format("its base {} is not known", name);
    } else {
      all.names.insert(known->second.begin(), known->second.end());
    }
  }
  std::set<std::string> defined = one.facts->attributes;
  for (const auto& base : bases.classes) {
    const auto inherited = attributes(base, depth + 1);
    all.names.insert(inherited.names.begin(), inherited.names.end());
    all.declared.insert(inherited.declared.begin(), inherited.declared.end());
    if (all.open_because.empty()) all.open_because = inherited.open_because;
    all.abstract.insert(inherited.abstract.begin(), inherited.abstract.end());
    std::set_difference(inherited.names.begin(), inherited.names.end(), inherited.abstract.begin(),
                        inherited.abstract.end(), std::inserter(defined, defined.end()));
  }
  std::erase_if(all.abstract, [&](const auto& name) { return defined.contains(name); });
  all.abstract.insert(one.facts->abstract.begin(), one.facts->abstract.end());
  return attributes_[one] = std::move(all);
}

}  // namespace fusegate::probe
