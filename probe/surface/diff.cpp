#include "probe/surface/diff.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/surface/compare_symbols.hpp"
#include "probe/surface/parameters.hpp"
#include "probe/surface/reached_symbols.hpp"

namespace fusegate::probe {
namespace {

using Kind = ChangeKind;

/// How many of a function's parameters another one has, too.
double kept(const Signature& before, const Signature& after) {
  const auto is_kept = [&](const Parameter& parameter) {
    return std::any_of(after.parameters.begin(), after.parameters.end(),
                       [&](const Parameter& other) { return other.name == parameter.name; });
  };
  const auto& all = before.parameters;
  const auto count = std::count_if(all.begin(), all.end(), is_kept);
  return all.empty() ? 1 : static_cast<double>(count) / static_cast<double>(all.size());
}

bool is_function(const Symbol& symbol) {
  return symbol.meaning.kind == Meaning::Kind::function;
}

std::string text_of(const Symbol& symbol, LoadedSurface& loaded) {
  if (const auto signature = signature_of(symbol.meaning, loaded.surface)) return signature->text;
  return name_of(symbol.kind);
}

class Comparison {
 public:
  Comparison(LoadedSurface& before, LoadedSurface& after, const std::vector<BindingRule>& rules)
      : before_(before), after_(after), rules_(rules) {}

  std::vector<Change> run() {
    index_added();
    add_removed_modules();
    for (const auto& [name, symbol] : before_.by_name) {
      if (const auto other = after_.find(name)) {
        compare(name, symbol, *other);
      } else {
        add_removed(name, symbol);
      }
    }
    for (const auto& [name, symbol] : after_.by_name) add_added(name, symbol);
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const Change& a, const Change& b) { return a.symbol < b.symbol; });
    return std::move(changes_);
  }

 private:
  // ---- removed, moved, renamed

  /// Definitions that are not there before, by their last name without underscores before it.
  void index_added() {
    for (const auto& [statement, symbol] : after_.definitions) {
      const auto own = symbol.meaning.module->name + "." + symbol.meaning.name;
      if (!before_.by_name.contains(own)) added_.push_back(&symbol);
    }
  }

  /// An import of a module fails whatever it defined.
  void add_removed_modules() {
    const auto& surface = after_.loaded.surface;
    for (const auto& [name, module] : before_.loaded.surface.modules()) {
      if (surface.find_module(name) != nullptr) continue;
      changes_.push_back({name,
                          Kind::removed,
                          "module",
                          "",
                          {"import"},
                          "there is no module of this name",
                          module.file,
                          "",
                          {}});
    }
  }

  void add_removed(const std::string& name, const Symbol& symbol) {
    const auto* statement = symbol.meaning.statement;
    if (statement != nullptr && !removed_.insert(statement).second) return;
    // A member goes with its class.
    const auto owner = before_.by_name.find(name.substr(0, name.rfind('.')));
    const bool is_member =
        owner != before_.by_name.end() && owner->second.meaning.kind == Meaning::Kind::class_;
    if (is_member && !after_.find(owner->first)) return;
    std::vector<std::string> gone;
    if (statement != nullptr && symbol.meaning.is_definition()) {
      for (const auto& other : before_.names.at(statement)) {
        if (!after_.find(other)) gone.push_back(other);
      }
    }
    if (gone.empty()) gone.push_back(name);
    Change change{gone.front(),
                  Kind::removed,
                  text_of(symbol, before_.loaded),
                  "",
                  {"import"},
                  "",
                  place_of(symbol.meaning),
                  "",
                  {gone.begin() + 1, gone.end()}};
    explain_removal(change, symbol);
    changes_.push_back(std::move(change));
  }

  void explain_removal(Change& change, const Symbol& symbol) {
    const auto own = symbol.meaning.is_definition()
                         ? symbol.meaning.module->name + "." + symbol.meaning.name
                         : "";
    if (!own.empty() && own != change.symbol && after_.by_name.contains(own)) {
      change.kind = Kind::moved;
      change.after = own;
      change.reason = fmt::format("it is still {}, but not under this name", own);
      return;
    }
    const auto [successor, kind] = successor_of(symbol);
    if (successor == nullptr) {
      change.reason = "nothing has this name, and nothing like it is new";
      return;
    }
    const auto dotted = successor->meaning.module->name + "." + successor->meaning.name;
    change.kind = kind;
    change.after = dotted + text_of(*successor, after_.loaded);
    change.where_after = place_of(successor->meaning);
    change.reason = fmt::format("{} is {} now", symbol.meaning.name, dotted);
  }

  /// What a definition that is gone may have become.
  std::pair<const Symbol*, Kind> successor_of(const Symbol& symbol) {
    const auto signature = signature_of(symbol.meaning, before_.loaded.surface);
    const Symbol* best = nullptr;
    double most = 0;
    for (const auto* candidate : added_) {
      if (candidate->kind != symbol.kind || !symbol.meaning.is_definition()) continue;
      const bool same_name = candidate->meaning.name == symbol.meaning.name;
      if (!same_name && !may_be_renamed(symbol, *candidate)) continue;
      const auto other = signature_of(candidate->meaning, after_.loaded.surface);
      const double like = signature && other ? likeness(signature->parameters, other->parameters)
                          : same_name        ? 1
                                             : 0;
      if (like >= same_function && like + (same_name ? 1 : 0) > most) {
        best = candidate;
        most = like + (same_name ? 1 : 0);
      }
    }
    return {best, most >= 1 + same_function ? Kind::moved : Kind::renamed};
  }

  static bool may_be_renamed(const Symbol& symbol, const Symbol& candidate) {
    if (!is_function(symbol)) return false;
    if (candidate.meaning.module->name != symbol.meaning.module->name) return false;
    const auto trimmed = [](std::string name) {
      name.erase(0, std::min(name.find_first_not_of('_'), name.size()));
      return name;
    };
    const auto old_name = last_name(symbol.meaning.name);
    const std::vector<std::string> new_name{trimmed(last_name(candidate.meaning.name))};
    return !nearest_name(trimmed(old_name), new_name).empty();
  }

  void add_added(const std::string& name, const Symbol& symbol) {
    if (!symbol.meaning.is_definition() || before_.find(name)) return;
    if (!new_.insert(symbol.meaning.statement).second) return;
    const auto owner = after_.by_name.find(name.substr(0, name.rfind('.')));
    if (owner != after_.by_name.end() && !before_.find(owner->first)) return;
    changes_.push_back({name,
                        Kind::added,
                        "",
                        text_of(symbol, after_.loaded),
                        {},
                        "it is new",
                        "",
                        place_of(symbol.meaning),
                        {}});
  }

  // ---- there before and after

  void compare(const std::string& name, const Symbol& before, const Symbol& after) {
    const auto pair = std::pair(before.meaning.statement, after.meaning.statement);
    const bool are_definitions = before.meaning.is_definition() && after.meaning.is_definition();
    if (are_definitions && !compared_.insert(pair).second) return;
    if (!are_definitions) {
      compare_availability(name, before, after);
      return;
    }
    const auto first = changes_.size();
    if (before.kind != after.kind) {
      note(Kind::kind_changed, name_of(before.kind), name_of(after.kind), {"call"},
           fmt::format("it was a {} and is a {}", name_of(before.kind), name_of(after.kind)));
    } else {
      auto found = compare_symbols(before, before_.loaded, after, after_.loaded, rules_);
      std::move(found.begin(), found.end(), std::back_inserter(changes_));
    }
    compare_conditions(before, after);
    mark_different_function(name, before, after, first);
    finish(name, before, after, first);
    if (before.kind == SymbolKind::class_ && after.kind == SymbolKind::class_) {
      find_lost_attributes(before, after);
    }
  }

  /// What methods set on instances is asked for as members are.
  void find_lost_attributes(const Symbol& before, const Symbol& after) {
    const auto& names = before_.names.at(before.meaning.statement);
    for (const auto& [attribute, line] :
         std::get<Class>(before.meaning.statement->what).attributes) {
      if (!after_.loaded.surface.member(after.meaning, attribute).empty()) continue;
      const auto symbol = names.front() + "." + attribute;
      if (before_.by_name.contains(symbol)) continue;  // a member of the class, too
      changes_.push_back({symbol,
                          Kind::removed,
                          "set on instances",
                          "",
                          {"value"},
                          "no method sets it on instances any more",
                          fmt::format("{}:{}", before.meaning.module->file, line),
                          place_of(after.meaning),
                          {}});
    }
  }

  void note(Kind kind, std::string before, std::string after, std::vector<std::string> breaks,
            std::string reason) {
    changes_.push_back(
        change_of(kind, std::move(before), std::move(after), std::move(breaks), std::move(reason)));
  }

  /// Something that cannot be known statically, on one side at least.
  void compare_availability(const std::string& name, const Symbol& before, const Symbol& after) {
    if (before.meaning.kind == after.meaning.kind) return;
    const bool is_lost = before.meaning.is_definition();
    const auto& lost = is_lost ? after.meaning : before.meaning;
    const auto first = changes_.size();
    const bool is_missing = lost.kind == Meaning::Kind::missing;
    note(is_lost ? Kind::removed : Kind::added, text_of(before, before_.loaded),
         text_of(after, after_.loaded),
         is_lost && is_missing ? std::vector<std::string>{"import"} : std::vector<std::string>{},
         lost.reason);
    finish(name, before, after, first);
  }

  void compare_conditions(const Symbol& before, const Symbol& after) {
    const auto old_one = condition_text(before.meaning.conditions);
    const auto new_one = condition_text(after.meaning.conditions);
    if (old_one == new_one) return;
    note(Kind::condition_changed, old_one.empty() ? "always" : old_one,
         new_one.empty() ? "always" : new_one, {}, "it is there under another condition");
  }

  /// A name whose definition went elsewhere, and with which calls break, is another function now.
  void mark_different_function(const std::string& name, const Symbol& before, const Symbol& after,
                               std::size_t first) {
    if (!is_function(before) || !is_function(after)) return;
    const bool breaks =
        std::any_of(changes_.begin() + static_cast<std::ptrdiff_t>(first), changes_.end(),
                    [](const Change& change) { return !change.breaks.empty(); });
    const auto old_one = *signature_of(before.meaning, before_.loaded.surface);
    const auto new_one = *signature_of(after.meaning, after_.loaded.surface);
    const bool has_moved = before.meaning.module->name != after.meaning.module->name;
    const auto [successor, kind] = successor_of(before);
    const bool went_elsewhere =
        successor != nullptr && successor->meaning.statement != after.meaning.statement;
    // In its old place a function may change much and still be the same, unless what it was is
    // under another name now.
    const bool is_same = has_moved
                             ? likeness(old_one.parameters, new_one.parameters) >= same_function
                             : kept(old_one, new_one) >= 0.5 || !went_elsewhere;
    if (!breaks || is_same) return;
    // Its parameters need not be compared one by one.
    changes_.resize(first);
    const auto old_place = before.meaning.module->name + "." + before.meaning.name;
    std::string reason = fmt::format("{} was {} and is {}.{}", last_name(name), old_place,
                                     after.meaning.module->name, after.meaning.name);
    if (went_elsewhere) {
      reason += fmt::format("; what it was is {}.{} now", successor->meaning.module->name,
                            successor->meaning.name);
    }
    note(Kind::same_name_different_function, old_one.text, new_one.text,
         {"positional", "keyword", "value"}, reason + "; a check for the name says yes to both");
  }

  void finish(const std::string& name, const Symbol& before, const Symbol& after,
              std::size_t first) {
    for (std::size_t index = first; index < changes_.size(); ++index) {
      auto& change = changes_[index];
      change.symbol = name;
      change.where_before = place_of(before.meaning);
      change.where_after = place_of(after.meaning);
      if (!before.meaning.is_definition()) continue;
      const auto& names = before_.names.at(before.meaning.statement);
      for (const auto& other : names) {
        const auto it = after_.by_name.find(other);
        const bool is_same_pair =
            it != after_.by_name.end() && it->second.meaning.statement == after.meaning.statement;
        if (is_same_pair) change.also.push_back(other);
      }
      // Names are sorted by how many would use them.
      if (!change.also.empty()) {
        change.symbol = change.also.front();
        change.also.erase(change.also.begin());
      }
    }
  }

  ReachedSymbols before_, after_;
  const std::vector<BindingRule>& rules_;
  std::vector<const Symbol*> added_;
  std::set<const Statement*> removed_, new_;
  std::set<std::pair<const Statement*, const Statement*>> compared_;
  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> compare_surfaces(LoadedSurface& before, LoadedSurface& after,
                                     const std::vector<BindingRule>& rules) {
  return Comparison(before, after, rules).run();
}

}  // namespace fusegate::probe
