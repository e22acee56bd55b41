#include "probe/surface/compare_symbols.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/surface/binding.hpp"
#include "probe/surface/compare_signatures.hpp"
#include "probe/surface/spelling.hpp"

namespace fusegate::probe {
namespace {

using Kind = ChangeKind;

class Comparison {
 public:
  Comparison(LoadedSurface& before, LoadedSurface& after, const std::vector<BindingRule>& rules)
      : before_(before), after_(after), rules_(rules) {}

  std::vector<Change> run(const Symbol& before, const Symbol& after) {
    switch (before.kind) {
      case SymbolKind::function:
      case SymbolKind::method:
        compare_functions(before, after);
        break;
      case SymbolKind::class_:
        compare_classes(before, after);
        break;
      case SymbolKind::enum_:
        compare_enums(before, after);
        break;
      case SymbolKind::constant:
        compare_constants(before, after);
        break;
    }
    return std::move(changes_);
  }

 private:
  void compare_functions(const Symbol& before, const Symbol& after) {
    const auto old_one = *signature_of(before.meaning, before_.surface);
    const auto new_one = *signature_of(after.meaning, after_.surface);
    for (auto& change : compare_signatures(old_one, new_one)) changes_.push_back(std::move(change));
    compare_kinds(std::get<Function>(before.meaning.statement->what),
                  std::get<Function>(after.meaning.statement->what));
    const auto binding = [&](const Symbol& symbol, LoadedSurface& loaded) {
      return binding_of(std::get<Function>(symbol.meaning.statement->what), *symbol.meaning.module,
                        loaded.surface, rules_);
    };
    const auto old_binding = binding(before, before_), new_binding = binding(after, after_);
    if (old_binding == new_binding) return;
    const auto text = [](const std::optional<Binding>& b) {
      return b ? fmt::format("{} {}:{}", b->generation(), b->module, b->symbol) : "Python";
    };
    note(Kind::binding_changed, text(old_binding), text(new_binding), {},
         "the compiled function behind it is another, or is called in another way");
  }

  /// Whether it is called, awaited or read.
  void compare_kinds(const Function& before, const Function& after) {
    const auto kind = [](const Function& function) -> std::string {
      for (const auto& decorator : function.decorators) {
        const auto name = last_name(decorator.callee);
        if (name == "property" || name == "cached_property") return "property";
        if (name == "staticmethod" || name == "classmethod") return name;
      }
      return function.is_async ? "coroutine function" : "function";
    };
    const auto old_one = kind(before), new_one = kind(after);
    if (old_one == new_one) return;
    note(Kind::kind_changed, old_one, new_one, {"call", "value"},
         fmt::format("it was a {} and is a {}", old_one, new_one));
  }

  void compare_classes(const Symbol& before, const Symbol& after) {
    // A constructor that is written out is compared as a method.
    const auto old_one = constructor(before, before_), new_one = constructor(after, after_);
    if (old_one && new_one) {
      for (auto& change : compare_signatures(*old_one, *new_one)) changes_.push_back(change);
    }
    const auto& bases = std::get<Class>(after.meaning.statement->what).bases;
    for (const auto& base : std::get<Class>(before.meaning.statement->what).bases) {
      const bool is_there = std::any_of(bases.begin(), bases.end(), [&](const std::string& other) {
        return last_name(other) == last_name(base);
      });
      if (!is_there) {
        note(Kind::base_removed, base, "", {"value"}, fmt::format("it is no {} any more", base));
      }
    }
  }

  /// What makes an instance of a class that has no __init__ of its own: a dataclass's fields.
  static std::optional<Signature> constructor(const Symbol& symbol, LoadedSurface& loaded) {
    const auto& own = loaded.surface.names_of(*symbol.meaning.module, *symbol.meaning.statement);
    if (own.by_name.contains("__init__")) return std::nullopt;
    return signature_of(symbol.meaning, loaded.surface);
  }

  void compare_enums(const Symbol& before, const Symbol& after) {
    const auto new_members = members_of(after, after_);
    for (const auto& [name, value] : members_of(before, before_)) {
      const auto it = std::find_if(new_members.begin(), new_members.end(),
                                   [&](const auto& member) { return member.first == name; });
      if (it == new_members.end()) {
        note(Kind::value_changed, name + "=" + value, "", {"value"},
             fmt::format("there is no {} any more", name));
      } else if (normal_value(it->second) != normal_value(value)) {
        note(Kind::value_changed, name + "=" + value, name + "=" + it->second, {"value"},
             fmt::format("{} was {} and is {}: a number that was stored or passed means another",
                         name, value, it->second));
      }
    }
  }

  void compare_constants(const Symbol& before, const Symbol& after) {
    const auto value = [](const Symbol& symbol) -> const Value& {
      return std::get<Assignment>(symbol.meaning.statement->what).value;
    };
    const Value &old_one = value(before), &new_one = value(after);
    const bool is_same = old_one.kind == new_one.kind && old_one.strings == new_one.strings &&
                         old_one.map == new_one.map &&
                         normal_value(old_one.text) == normal_value(new_one.text);
    if (is_same) return;
    note(Kind::value_changed, value_text(old_one), value_text(new_one), {"value"},
         "its value is another");
  }

  void note(Kind kind, std::string before, std::string after, std::vector<std::string> breaks,
            std::string reason) {
    changes_.push_back(
        change_of(kind, std::move(before), std::move(after), std::move(breaks), std::move(reason)));
  }

  LoadedSurface &before_, &after_;
  const std::vector<BindingRule>& rules_;
  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> compare_symbols(const Symbol& before, LoadedSurface& before_in,
                                    const Symbol& after, LoadedSurface& after_in,
                                    const std::vector<BindingRule>& rules) {
  return Comparison(before_in, after_in, rules).run(before, after);
}

}  // namespace fusegate::probe
