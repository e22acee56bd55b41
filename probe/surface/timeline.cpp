#include "probe/surface/timeline.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/parallel.hpp"
#include "probe/sources/source_tree.hpp"
#include "probe/surface/definitions.hpp"

namespace fusegate::probe {
namespace {

constexpr std::size_t header_limit = 4u << 20;

/// Facts of a file and whether it is a package's: what its definitions follow from.
using FileKind = std::pair<const ModuleFacts*, bool>;

/// The definitions of one file, whatever the module is called in a release.
using Appearances = std::vector<std::pair<std::string, const Appearance*>>;

class Builder {
 public:
  Builder(GitHistory& history, const std::vector<std::string>& symbols, const SurfaceRules& rules,
          FactsStore& store)
      : history_(history), symbols_(symbols), rules_(rules), store_(store) {
    for (const auto& symbol : symbols_) {
      if (symbol.starts_with(rules_.package + ".")) continue;
      bare_.insert(symbol);
      first_names_.insert(symbol.substr(0, symbol.find('.')));
    }
  }

  Timeline run(const std::vector<GitTag>& tags) {
    std::vector<std::unique_ptr<SourceTree>> trees;
    for (const auto& tag : tags) {
      timeline_.tags.push_back(tag.name);
      trees.push_back(open_commit(history_, tag.commit, rules_.package, rules_.ignored));
    }
    load(trees);
    find_definitions(trees);
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
    const auto it = definitions_.find({module.facts.get(), module.is_package()});
    if (it == definitions_.end()) return;
    for (const auto& [name, own] : it->second) {
      if (!symbols_.empty() && !bare_.contains(name)) continue;
      const auto dotted = module.name + "." + name;
      const auto native = enums_.find(dotted);
      note(symbols_.empty() ? dotted : name, module.name, tag,
           native == enums_.end() ? own : native->second);
    }
  }

  /// Whether a file of these facts has to be looked at.
  [[nodiscard]] bool is_asked_for(const ModuleFacts& facts) const {
    if (symbols_.empty()) return true;
    const auto is_first = [&](const std::string& name) { return first_names_.contains(name); };
    return std::any_of(facts.body.begin(), facts.body.end(), [&](const Statement& statement) {
      if (const auto* function = std::get_if<Function>(&statement.what)) {
        return is_first(function->name);
      }
      if (const auto* definition = std::get_if<Class>(&statement.what)) {
        return is_first(definition->name);
      }
      const auto* set = std::get_if<Assignment>(&statement.what);
      return set != nullptr && std::any_of(set->targets.begin(), set->targets.end(), is_first);
    });
  }

  /// The definitions of every file that some release has, each looked at once.
  void find_definitions(const std::vector<std::unique_ptr<SourceTree>>& trees) {
    std::map<FileKind, Module> files;
    for (const auto& tree : trees) {
      for (const auto& file : tree->files()) {
        const auto it = facts_.find(file.key);
        if (it == facts_.end() || !is_asked_for(*it->second)) continue;
        Module module{module_of(file.name), file.name, it->second};
        files.try_emplace({it->second.get(), module.is_package()}, std::move(module));
      }
    }
    std::vector<Module> modules;
    for (auto& [kind, module] : files) modules.push_back(std::move(module));
    std::vector<std::vector<Definition>> found(modules.size());
    parallel_for(modules.size(), [&](std::size_t index) {
      Surface alone(modules[index].name, {modules[index]}, {});
      found[index] = definitions_of(*alone.find_module(modules[index].name), alone, rules_);
    });
    for (std::size_t index = 0; index < modules.size(); ++index) {
      auto& appearances = definitions_[{modules[index].facts.get(), modules[index].is_package()}];
      for (auto& definition : found[index]) {
        appearances.emplace_back(definition.name, intern(std::move(definition.appearance)));
      }
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
             native == enums_.end() ? intern(appearance_of(meaning, surface, rules_))
                                    : native->second);
      }
    }
  }

  const Appearance* enum_state(const NativeEnum& native, SourceTree& tree) {
    for (const auto& file : native.files) {
      const auto text = tree.read(file, header_limit);
      const auto found = text ? find_cpp_enum(*text, native.type) : std::nullopt;
      if (!found) continue;
      return intern(appearance_of(*found));
    }
    return nullptr;
  }

  const Appearance* intern(Appearance state) { return &*states_.insert(std::move(state)).first; }

  using States = std::vector<std::pair<std::size_t, const Appearance*>>;  ///< by tag

  void note(const std::string& name, const std::string& module, std::size_t tag,
            const Appearance* state) {
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
  std::set<std::string> bare_, first_names_;
  Timeline timeline_;
  std::map<std::string, std::shared_ptr<const ModuleFacts>> facts_;  ///< by key
  std::map<FileKind, Appearances> definitions_;
  std::map<std::string, const Appearance*> enums_;  ///< of the release, by dotted name
  std::set<Appearance> states_;
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
