#include "probe/surface/timeline.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/sources/source_tree.hpp"
#include "probe/surface/load.hpp"
#include "probe/surface/spelling.hpp"
#include "probe/surface/symbols.hpp"

namespace fusegate::probe {
namespace {

constexpr std::size_t header_limit = 4u << 20;

/// What a symbol is in one release.
struct State {
  std::string normal;     ///< in one spelling: what is compared
  std::string signature;  ///< as the source has it
  std::string binding;

  auto operator<=>(const State&) const = default;
  [[nodiscard]] bool means_same(const State& other) const {
    return normal == other.normal && binding == other.binding;
  }
};

State value_state(const Value& value) {
  std::string items;
  for (const auto& item : value.strings) items += item + '\n';
  for (const auto& [key, item] : value.map) items += key + '\n' + item + '\n';
  switch (value.kind) {
    case Value::Kind::strings:
      return {items, fmt::format("= [{}]", fmt::join(value.strings, ", ")), ""};
    case Value::Kind::map:
      return {items, fmt::format("= a dictionary of {} strings", value.map.size()), ""};
    default:
      return {"= " + normal_value(value.text), "= " + value.text, ""};
  }
}

State state_of(const Meaning& meaning, Surface& surface, const SurfaceRules& rules) {
  if (meaning.kind == Meaning::Kind::value) {
    return value_state(std::get<Assignment>(meaning.statement->what).value);
  }
  State state;
  if (const auto signature = signature_of(meaning, surface)) {
    state.signature = signature->text;
    state.normal = normal_signature(signature->parameters, signature->returns);
  }
  if (meaning.kind == Meaning::Kind::class_) {
    state.signature.insert(0, "class");
    state.normal.insert(0, "class");
  }
  if (meaning.kind == Meaning::Kind::function) {
    const auto& function = std::get<Function>(meaning.statement->what);
    const auto binding = binding_of(function, *meaning.module, surface, rules.bindings);
    if (binding) state.binding = binding->generation();
  }
  return state;
}

/// The definitions of one file, whatever the module is called in a release.
using Definitions = std::vector<std::pair<std::string, const State*>>;

class Builder {
 public:
  Builder(GitHistory& history, const std::vector<std::string>& symbols, const SurfaceRules& rules,
          FactsStore& store)
      : history_(history), symbols_(symbols), rules_(rules), store_(store) {
    for (const auto& symbol : symbols_) {
      if (!symbol.starts_with(rules_.package + ".")) bare_.insert(symbol);
    }
  }

  Timeline run(const std::vector<GitTag>& tags) {
    std::vector<std::unique_ptr<SourceTree>> trees;
    for (const auto& tag : tags) {
      timeline_.tags.push_back(tag.name);
      trees.push_back(open_commit(history_, tag.commit, rules_.package, rules_.ignored));
    }
    load(trees);
    for (std::size_t index = 0; index < tags.size(); ++index) {
      read_release(index, *trees[index]);
    }
    for (auto& [name, by_module] : found_) {
      SymbolTimeline symbol{name, {}};
      for (const auto& [module, states] : by_module) add_ranges(symbol, module, states);
      timeline_.symbols.push_back(std::move(symbol));
    }
    return std::move(timeline_);
  }

 private:
  /// All files of all releases at once: most of them are in several.
  void load(const std::vector<std::unique_ptr<SourceTree>>& trees) {
    std::map<std::string, SourceFile> by_key;
    for (const auto& tree : trees) {
      for (const auto& file : tree->files()) by_key.emplace(file.key, file);
    }
    if (by_key.empty()) return;
    std::vector<SourceFile> files;
    for (auto& [key, file] : by_key) files.push_back(std::move(file));
    auto loaded = store_.load(*trees.front(), files);
    for (const auto& file : files) {
      const auto it = loaded.by_key.find(file.key);
      if (it != loaded.by_key.end()) facts_[file.key] = it->second;
    }
    timeline_.problems = std::move(loaded.problems);
  }

  void read_release(std::size_t tag, SourceTree& tree) {
    // Where Python takes the values from a compiled module, those of its header are what changes.
    enums_.clear();
    for (const auto& native : rules_.native_enums) {
      if (const auto* state = enum_state(native, tree)) enums_.emplace(native.name, state);
    }
    std::vector<Module> modules;
    for (const auto& file : tree.files()) {
      if (!is_importable(file.name)) continue;
      const auto it = facts_.find(file.key);
      modules.push_back(
          {module_of(file.name), file.name, it == facts_.end() ? nullptr : it->second});
      if (it != facts_.end()) add_definitions(tag, modules.back());
    }
    if (!symbols_.empty()) look_up(tag, std::move(modules));
  }

  void add_definitions(std::size_t tag, const Module& module) {
    for (const auto& [name, own] : definitions_of(module)) {
      if (!symbols_.empty() && !bare_.contains(name)) continue;
      const auto dotted = module.name + "." + name;
      const auto native = enums_.find(dotted);
      note(symbols_.empty() ? dotted : name, module.name, tag,
           native == enums_.end() ? own : native->second);
    }
  }

  const Definitions& definitions_of(const Module& module) {
    const auto [it, is_new] = definitions_.try_emplace({module.facts.get(), module.is_package()});
    if (is_new) {
      Surface alone(module.name, {module}, {});
      const Module& own = *alone.find_module(module.name);
      for (const auto& [name, locals] : alone.names_of(own).by_name) {
        add_definition(alone, alone.resolve(own, name), own, it->second);
      }
    }
    return it->second;
  }

  void add_definition(Surface& surface, const std::vector<Meaning>& meanings, const Module& module,
                      Definitions& definitions) {
    const auto it = std::find_if(meanings.begin(), meanings.end(), [&](const Meaning& meaning) {
      return meaning.is_definition() && meaning.module == &module;
    });
    if (it == meanings.end()) return;
    definitions.emplace_back(it->name, intern(state_of(*it, surface, rules_)));
    if (it->kind != Meaning::Kind::class_) return;
    for (const auto& [member, locals] : surface.names_of(module, *it->statement).by_name) {
      add_definition(surface, surface.member(*it, member), module, definitions);
    }
  }

  /// What the topmost module has under the bare names, and what the dotted ones mean.
  void look_up(std::size_t tag, std::vector<Module> modules) {
    Surface surface(rules_.package, modules, aliases_of(modules, rules_));
    for (const auto& symbol : symbols_) {
      const auto dotted = bare_.contains(symbol) ? rules_.package + "." + symbol : symbol;
      for (const auto& meaning : surface.lookup(dotted)) {
        if (!meaning.is_definition()) continue;
        const auto native = enums_.find(meaning.module->name + "." + meaning.name);
        note(dotted, meaning.module->name, tag,
             native == enums_.end() ? intern(state_of(meaning, surface, rules_)) : native->second);
      }
    }
  }

  const State* enum_state(const NativeEnum& native, SourceTree& tree) {
    for (const auto& file : native.files) {
      const auto text = tree.read(file, header_limit);
      const auto found = text ? find_cpp_enum(*text, native.type) : std::nullopt;
      if (!found) continue;
      std::vector<std::string> members;
      for (const auto& [name, value] : found->members) {
        members.push_back(fmt::format("{}={}", name, value));
      }
      const auto values = fmt::format("enum {{{}}}", fmt::join(members, ", "));
      return intern({values, values, ""});
    }
    return nullptr;
  }

  const State* intern(State state) { return &*states_.insert(std::move(state)).first; }

  using States = std::vector<std::pair<std::size_t, const State*>>;  ///< by tag

  void note(const std::string& name, const std::string& module, std::size_t tag,
            const State* state) {
    auto& states = found_[name][module];
    // Of several alternatives in one release, the first.
    if (states.empty() || states.back().first != tag) states.emplace_back(tag, state);
  }

  void add_ranges(SymbolTimeline& symbol, const std::string& module, const States& states) {
    for (std::size_t index = 0; index < states.size(); ++index) {
      const auto& [tag, state] = states[index];
      const bool continues = index > 0 && states[index - 1].first + 1 == tag &&
                             states[index - 1].second->means_same(*state);
      if (continues) {
        symbol.ranges.back().last = timeline_.tags[tag];
        symbol.ranges.back().signature = state->signature;
      } else {
        symbol.ranges.push_back(
            {timeline_.tags[tag], timeline_.tags[tag], state->signature, state->binding, module});
      }
    }
  }

  GitHistory& history_;
  const std::vector<std::string>& symbols_;
  const SurfaceRules& rules_;
  FactsStore& store_;
  std::set<std::string> bare_;
  Timeline timeline_;
  std::map<std::string, std::shared_ptr<const ModuleFacts>> facts_;  ///< by key
  std::map<std::pair<const ModuleFacts*, bool>, Definitions> definitions_;
  std::map<std::string, const State*> enums_;  ///< of the release, by dotted name
  std::set<State> states_;
  std::map<std::string, std::map<std::string, States>> found_;  ///< by symbol and module
};

}  // namespace

Timeline timeline_of(GitHistory& history, const std::vector<GitTag>& tags,
                     const std::vector<std::string>& symbols, const SurfaceRules& rules,
                     FactsStore& store) {
  return Builder(history, symbols, rules, store).run(tags);
}

nlohmann::ordered_json to_json(const Timeline& timeline, const std::string& repository) {
  auto symbols = nlohmann::ordered_json::array();
  for (const auto& [name, ranges] : timeline.symbols) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& range : ranges) {
      list.push_back({{"first", range.first},
                      {"last", range.last},
                      {"signature", range.signature},
                      {"binding", nullptr},
                      {"defined_in", range.defined_in}});
      if (!range.binding.empty()) list.back()["binding"] = range.binding;
    }
    symbols.push_back({{"name", name}, {"ranges", std::move(list)}});
  }
  return {{"repository", repository},
          {"tags", timeline.tags},
          {"symbols", std::move(symbols)},
          {"problems", to_json(timeline.problems)}};
}

}  // namespace fusegate::probe
