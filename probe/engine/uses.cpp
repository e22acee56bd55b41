#include "probe/engine/uses.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <variant>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/engine/conditions/question.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {
namespace {

using Way = UseProbe::Way;

/// Finds the uses of one module.
class Finder {
 public:
  Finder(const EngineModule& module, EngineNames& names)
      : module_(module), facts_(*module.facts), names_(names) {}

  std::vector<Use> run() {
    for (std::size_t i = 0; i < facts_.events.size(); ++i) {
      const auto& event = facts_.events[i];
      if (const auto* import = std::get_if<ImportEvent>(&event.what)) {
        add_import(event, import->module, static_cast<int>(i));
        if (names_.is_tracked(import->module)) uses_.back().is_module = true;
      } else if (const auto* from = std::get_if<FromEvent>(&event.what)) {
        add_from(event, *from, static_cast<int>(i));
      } else if (const auto* call = std::get_if<CallEvent>(&event.what)) {
        add_call(event, *call);
      } else if (const auto* name = std::get_if<NameEvent>(&event.what)) {
        add_name(event, *name);
      }
    }
    return std::move(uses_);
  }

 private:
  Use base(const EngineEvent& event, Use::Kind kind, std::string symbol) {
    Use use;
    use.kind = kind;
    use.module = &module_;
    use.line = event.line;
    use.scope = event.scope;
    use.function = facts_.scopes[static_cast<std::size_t>(event.scope)].name;
    use.symbol = std::move(symbol);
    use.at_import = is_at_import(facts_, event.scope);
    use.guards = guards_of(facts_, event);
    return use;
  }

  void add_import(const EngineEvent& event, const std::string& symbol, int index) {
    if (!names_.is_tracked(symbol)) return;
    auto use = base(event, Use::Kind::import, symbol);
    use.bound_in = &module_;
    use.bound_by = index;
    const bool is_caught =
        std::any_of(use.guards.begin(), use.guards.end(), [](const Guard& guard) {
          return guard.condition->kind == EngineCondition::Kind::in_try &&
                 takes(*guard.condition, Failure::import_error);
        });
    if (is_caught) use.probe = UseProbe{Way::try_import, ""};
    uses_.push_back(std::move(use));
  }

  void add_from(const EngineEvent& event, const FromEvent& from, int index) {
    const auto base = EngineTree::absolute(module_, from.level, from.module);
    add_import(event, from.name == "*" ? base : base + "." + from.name, index);
  }

  /// What of a name is a library's where an event uses it, each name once.
  std::vector<Origin> library_origins(const EngineEvent& event, const std::string& dotted) {
    auto found = names_.origins(module_, event.scope, dotted);
    std::erase_if(found, [&](const Origin& o) {
      return o.kind != Origin::Kind::library || !may_reach(o, event);
    });
    std::set<std::string> seen;
    std::erase_if(found, [&](const Origin& o) { return !seen.insert(o.dotted).second; });
    return found;
  }

  /// Whether what a function's own statement binds can be what another one of it uses: not from
  /// another branch of an if, nor, but for loops, from below.
  bool may_reach(const Origin& origin, const EngineEvent& event) const {
    const bool is_beside = origin.event >= 0 && origin.module == &module_ &&
                           origin.scope == event.scope && event.scope != 0;
    if (!is_beside) return true;
    const auto& binding = facts_.events[static_cast<std::size_t>(origin.event)];
    const auto of_use = conditions_around(facts_, event.under);
    const auto of_binding = conditions_around(facts_, binding.under);
    const bool in_loop = std::any_of(of_use.begin(), of_use.end(), [](const auto* condition) {
      return condition->kind == EngineCondition::Kind::in_loop;
    });
    if (binding.line > event.line && !in_loop) return false;
    return std::none_of(of_use.begin(), of_use.end(), [&](const auto* one) {
      return std::any_of(of_binding.begin(), of_binding.end(),
                         [&](const auto* other) { return exclude(*one, *other); });
    });
  }

  /// The two branches of one if.
  static bool exclude(const EngineCondition& a, const EngineCondition& b) {
    using Kind = EngineCondition::Kind;
    const bool are_opposite = (a.kind == Kind::if_true && b.kind == Kind::if_false) ||
                              (a.kind == Kind::if_false && b.kind == Kind::if_true);
    return are_opposite && a.line == b.line && a.test.text == b.test.text;
  }

  void take_origin(Use& use, const Origin& origin) {
    use.instance_of = origin.instance_of;
    use.is_optional = origin.is_probed;
    use.bound_in = origin.module;
    use.bound_by = origin.event;
    use.through = origin.through;
  }

  void add_name(const EngineEvent& event, const NameEvent& name) {
    for (const auto& origin : library_origins(event, name.name)) {
      auto use = base(event, Use::Kind::attribute, origin.dotted);
      take_origin(use, origin);
      use.name = name.name;
      use.result = name.result;
      // An import says already that the name is there; only what is behind it is asked here.
      if (!is_plain_import(name.name, origin)) uses_.push_back(std::move(use));
    }
  }

  /// The name is what an import of the same module bound, and nothing of it is asked for.
  bool is_plain_import(const std::string& name, const Origin& origin) const {
    if (name.find('.') != name.npos) return false;
    return origin.event >= 0 && !origin.is_probed;
  }

  void add_call(const EngineEvent& event, const CallEvent& call) {
    if (call.call.items.empty()) return;
    const auto& callee = call.call.items[0];
    if (callee.kind != Expression::Kind::name) return;
    if (add_probe(event, call.call)) return;
    for (const auto& origin : library_origins(event, callee.value)) {
      auto use = base(event, Use::Kind::call, origin.dotted);
      take_origin(use, origin);
      use.name = callee.value;
      use.result = call.result;
      use.call = arguments_of(call, origin);
      uses_.push_back(std::move(use));
    }
  }

  static CallArguments arguments_of(const CallEvent& call, const Origin& origin) {
    CallArguments found;
    const auto& items = call.call.items;
    const auto& starred = call.call.starred;
    for (std::size_t i = 0; i < origin.bound_positional; ++i) {
      found.arguments.push_back({"...", ""});
    }
    for (std::size_t i = 1; i < items.size(); ++i) {
      if (std::find(starred.begin(), starred.end(), i) != starred.end()) {
        found.has_star = true;
      } else if (found.has_star) {
        ++found.behind_star;
      } else {
        found.arguments.push_back({items[i].text, ""});
      }
    }
    for (const auto& keyword : origin.bound_keywords) found.arguments.push_back({"...", keyword});
    for (const auto& [keyword, value] : call.call.keywords) {
      if (keyword == "**") {
        found.has_double_star = true;
      } else {
        found.arguments.push_back({value.text, keyword});
      }
    }
    if (call.result.kind == ResultUse::Kind::unpacked && call.result.count >= 0) {
      found.unpacked = call.result.count;
    }
    return found;
  }

  bool add_probe(const EngineEvent& event, const Expression& call) {
    const auto question = question_of(call);
    if (!question) return false;
    if (question->way == Question::Way::has_module) {
      if (names_.is_tracked(question->of)) {
        add_answer(event, question->of, {Way::has_module, ""}, nullptr);
      }
      return true;
    }
    for (const auto& origin : library_origins(event, question->of)) {
      const auto symbol = origin.dotted + "." + question->attribute;
      switch (question->way) {
        case Question::Way::needs_attribute: {
          auto use = base(event, Use::Kind::attribute, symbol);
          take_origin(use, origin);
          uses_.push_back(std::move(use));
          break;
        }
        case Question::Way::has_attribute:
          add_answer(event, symbol, {Way::has_attribute, question->attribute}, &origin);
          break;
        case Question::Way::has_parameter:
          add_answer(event, origin.dotted, {Way::has_parameter, ""}, &origin);
          break;
        case Question::Way::has_module:
          break;
      }
    }
    return true;
  }

  void add_answer(const EngineEvent& event, const std::string& symbol, UseProbe probe,
                  const Origin* origin) {
    auto use = base(event, Use::Kind::probe, symbol);
    if (origin != nullptr) take_origin(use, *origin);
    use.probe = std::move(probe);
    uses_.push_back(std::move(use));
  }

  const EngineModule& module_;
  const EngineFacts& facts_;
  EngineNames& names_;
  std::vector<Use> uses_;
};

std::string text_of(const EngineCondition& condition) {
  switch (condition.kind) {
    case EngineCondition::Kind::if_true:
      return "if " + condition.test.text;
    case EngineCondition::Kind::if_false:
      return "unless " + condition.test.text;
    case EngineCondition::Kind::in_try:
      return condition.caught.empty() ? "" : fmt::format("try ({})", join(condition.caught, ", "));
    case EngineCondition::Kind::in_except:
      return fmt::format("after {}", join(condition.caught, ", "));
    case EngineCondition::Kind::asserted:
      return "assert " + condition.test.text;
    case EngineCondition::Kind::in_loop:
    case EngineCondition::Kind::in_case:
      break;
  }
  return "";
}

}  // namespace

const char* name_of(Use::Kind kind) {
  constexpr std::array names{"import", "attribute", "call", "probe"};
  return names[static_cast<std::size_t>(kind)];
}

std::string place_of(const Use& use) {
  return fmt::format("{}:{}", shown(use.module->source.name), use.line);
}

std::vector<Guard> guards_of(const EngineFacts& facts, const EngineEvent& event) {
  std::vector<Guard> guards;
  int under = event.under;
  for (int scope = event.scope; scope >= 0;) {
    std::vector<Guard> here;
    for (const auto* condition : conditions_around(facts, under))
      here.push_back({condition, scope});
    guards.insert(guards.begin(), here.begin(), here.end());
    under = facts.scopes[static_cast<std::size_t>(scope)].under;
    scope = facts.scopes[static_cast<std::size_t>(scope)].parent;
  }
  return guards;
}

std::string text_of(const std::vector<Guard>& guards) {
  std::vector<std::string> parts;
  for (const auto& guard : guards) {
    if (auto text = text_of(*guard.condition); !text.empty()) parts.push_back(std::move(text));
  }
  return join(parts, ", ");
}

bool is_at_import(const EngineFacts& facts, int scope) {
  for (; scope > 0; scope = facts.scopes[static_cast<std::size_t>(scope)].parent) {
    if (facts.scopes[static_cast<std::size_t>(scope)].kind != Scope::Kind::class_) return false;
  }
  return true;
}

std::vector<Use> uses_in(const EngineModule& module, EngineNames& names) {
  if (module.facts == nullptr) return {};
  return Finder(module, names).run();
}

}  // namespace fusegate::probe
