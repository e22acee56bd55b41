#include "probe/engine/activity.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {
namespace {

std::string leading_name(const std::string& text) {
  const auto end =
      std::find_if_not(text.begin(), text.end(), [](char c) { return is_word(c) || c == '.'; });
  return {text.begin(), end};
}

}  // namespace

int Activity::number_of(const Place& place) {
  const auto [it, is_new] = numbers_.try_emplace(place, static_cast<int>(places_.size()));
  if (is_new) places_.push_back(place);
  return it->second;
}

/// The bindings of a name that may be in force: of several, those whose conditions may hold.
std::vector<Origin> Activity::live_origins(const Place& place, const std::string& name) {
  const std::pair key{place, name};
  const auto [it, is_new] = live_.try_emplace(key);
  if (it->second) return *it->second;
  auto origins = names_.origins(*place.first, place.second, name);
  if (!is_new) return origins;
  if (origins.size() > 1) {
    std::erase_if(origins, [&](const Origin& origin) { return is_dead(origin); });
  }
  live_[key] = origins;
  return origins;
}

/// Whether what binds a name does not happen, or fails.
bool Activity::is_dead(const Origin& origin) {
  if (origin.module == nullptr || origin.module->facts == nullptr || origin.event < 0) return false;
  if (happens(*origin.module, origin.event) == Truth::no) return true;
  // What was to be imported in a try that fails was not.
  return origin.kind == Origin::Kind::library && resolver_.has(origin.dotted) == false;
}

std::optional<BoundExpression> Activity::bound(const std::string& name, int number) {
  const auto place = places_[static_cast<std::size_t>(number)];
  const auto origins = live_origins(place, name);
  if (origins.size() != 1) return std::nullopt;
  const auto& origin = origins.front();
  if (origin.kind != Origin::Kind::expression || origin.value == nullptr) return std::nullopt;
  return BoundExpression{*origin.value, number_of({origin.module, origin.scope})};
}

/// What a probe, or a name that a library gives, answers.
Truth Activity::answer(const Expression& expression, int number) {
  const auto place = places_[static_cast<std::size_t>(number)];
  const auto has = [&](const std::string& dotted) {
    const auto found = resolver_.has(dotted);
    return !found ? Truth::open : *found ? Truth::yes : Truth::no;
  };
  if (expression.kind == Expression::Kind::name) {
    const auto origins = live_origins(place, expression.value);
    if (origins.size() != 1 || origins.front().kind != Origin::Kind::library) return Truth::open;
    if (!origins.front().instance_of.empty()) return Truth::open;
    return has(origins.front().dotted);
  }
  if (expression.kind != Expression::Kind::call || expression.items.size() < 2 ||
      expression.items[0].kind != Expression::Kind::name) {
    return Truth::open;
  }
  const auto& callee = expression.items[0].value;
  const auto& first = expression.items[1];
  if (last_name(callee) == "find_spec" && first.is_string && names_.is_tracked(first.value)) {
    return has(first.value);
  }
  const bool asks = callee == "hasattr" || callee == "getattr";
  if (!asks || expression.items.size() < 3 || !expression.items[2].is_string ||
      first.kind != Expression::Kind::name) {
    return Truth::open;
  }
  const auto origins = live_origins(place, first.value);
  if (origins.size() != 1 || origins.front().kind != Origin::Kind::library) return Truth::open;
  return has(origins.front().dotted + "." + expression.items[2].value);
}

Truth Activity::test(const EngineModule& module, const Guard& guard,
                     std::vector<std::string>& open) {
  const auto [it, is_new] = tested_.try_emplace({guard.condition, guard.scope});
  auto& tested = it->second;
  if (is_new) {
    const EvaluationContext context{
        profile_, rules_, [&](const std::string& name, int number) { return bound(name, number); },
        [&](const Expression& asked, int number) { return answer(asked, number); }};
    auto found = evaluate(guard.condition->test, number_of({&module, guard.scope}), context);
    for (const auto& text : found.open) {
      if (!is_data(module, guard.scope, text)) tested.open.push_back(text);
    }
    tested.truth = found.truth;
  }
  open.insert(open.end(), tested.open.begin(), tested.open.end());
  return tested.truth;
}

/// Whether a rule of the engine's speaks of it: the platform, or the environment.
bool Activity::is_ruled(const std::string& text) const {
  const auto name = leading_name(text);
  const auto speaks = [&](const auto& rule) {
    return match_rule_name(rules_, rule.name, name).has_value();
  };
  return std::any_of(rules_.platform.begin(), rules_.platform.end(), speaks) ||
         std::any_of(rules_.reads.begin(), rules_.reads.end(), speaks);
}

/// Whether only data at run time tells what a condition depends on: what a function is given, what
/// an object holds, what another package answers.
bool Activity::is_data(const EngineModule& module, int scope, const std::string& text) {
  // When a module is imported, it is the machine that tells.
  if (is_at_import(*module.facts, scope) || is_ruled(text)) return false;
  const auto name = leading_name(text);
  if (name.empty()) return true;
  // What a module sets when it is imported depends on the machine; what functions answer does not
  // say on what.
  const auto origins = names_.origins(module, scope, name);
  return std::none_of(origins.begin(), origins.end(), [](const Origin& origin) {
    return origin.kind == Origin::Kind::expression && origin.scope == 0;
  });
}

Truth Activity::try_fails(const EngineModule& module, int line) {
  const Place key{&module, line};
  if (const auto it = try_fails_.find(key); it != try_fails_.end()) return it->second;
  try_fails_[key] = Truth::open;  // a try that depends on itself
  const auto it = in_try_.find(key);
  auto fails = it == in_try_.end() ? Truth::open : Truth::no;
  if (it != in_try_.end()) {
    for (const auto* judged : it->second) {
      const bool is_probe = judged->use.kind == Use::Kind::probe;
      if (is_probe || !is_broken(judged->resolution.status)) continue;
      std::vector<std::string> open;
      const auto active = is_active(module, judged->use.guards, open);
      if (active == Truth::yes) fails = Truth::yes;
      if (active == Truth::open && fails == Truth::no) fails = Truth::open;
    }
  }
  try_fails_[key] = fails;
  return fails;
}

Truth Activity::holds(const EngineModule& module, const Guard& guard,
                      std::vector<std::string>& open) {
  using Kind = EngineCondition::Kind;
  switch (guard.condition->kind) {
    case Kind::if_true:
      return test(module, guard, open);
    case Kind::if_false: {
      const auto truth = test(module, guard, open);
      return truth == Truth::open ? truth : truth == Truth::yes ? Truth::no : Truth::yes;
    }
    case Kind::in_except: {
      const auto fails = try_fails(module, guard.condition->line);
      if (fails == Truth::open) {
        open.push_back(fmt::format("whether the try of line {} fails", guard.condition->line));
      }
      return fails;
    }
    case Kind::in_try:
    case Kind::in_loop:
    case Kind::in_case:
      break;
  }
  return Truth::yes;
}

Truth Activity::is_active(const EngineModule& module, const std::vector<Guard>& guards,
                          std::vector<std::string>& open) {
  auto active = Truth::yes;
  for (const auto& guard : guards) {
    std::vector<std::string> more;
    const auto truth = holds(module, guard, more);
    if (truth == Truth::no) return Truth::no;
    // What only data tells holds for some.
    if (truth == Truth::open && !more.empty()) active = Truth::open;
    std::move(more.begin(), more.end(), std::back_inserter(open));
  }
  return active;
}

void Activity::set_uses(const std::vector<JudgedUse>& uses) {
  in_try_.clear();
  try_fails_.clear();
  tested_.clear();
  live_.clear();
  for (const auto& one : uses) {
    for (const auto& guard : one.use.guards) {
      if (guard.condition->kind != EngineCondition::Kind::in_try) continue;
      auto& all = in_try_[{one.use.module, guard.condition->line}];
      if (all.empty() || all.back() != &one) all.push_back(&one);
    }
  }
}

Truth Activity::happens(const EngineModule& module, int event) {
  const auto& facts = *module.facts;
  std::vector<std::string> open;
  return is_active(module, guards_of(facts, facts.events[static_cast<std::size_t>(event)]), open);
}

const std::vector<const JudgedUse*>& Activity::uses_in_try(const EngineModule& module,
                                                           int line) const {
  static const std::vector<const JudgedUse*> none;
  const auto it = in_try_.find({&module, line});
  return it == in_try_.end() ? none : it->second;
}

}  // namespace fusegate::probe
