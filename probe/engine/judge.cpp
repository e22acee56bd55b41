#include "probe/engine/judge.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {
namespace {

bool is_broken(UseStatus status) {
  return status == UseStatus::missing || status == UseStatus::moved ||
         status == UseStatus::mismatch;
}

/// The exceptions with which a broken use fails.
std::vector<std::string_view> failures_of(const JudgedUse& judged) {
  std::vector<std::string_view> failures{"Exception", "BaseException"};
  if (judged.use.kind == Use::Kind::import) {
    failures.insert(failures.end(), {"ImportError", "ModuleNotFoundError"});
  } else if (judged.resolution.status == UseStatus::mismatch) {
    failures.emplace_back("TypeError");
  } else {
    failures.emplace_back("AttributeError");
  }
  return failures;
}

/// A shift alone does not fail: the call means something else.
bool is_silent(const Resolution& resolution) {
  using Kind = CallMismatch::Kind;
  return !resolution.mismatches.empty() &&
         std::all_of(resolution.mismatches.begin(), resolution.mismatches.end(),
                     [](const CallMismatch& mismatch) {
                       return mismatch.kind == Kind::positional_meaning_shifted;
                     });
}

std::string leading_name(const std::string& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  });
  return {text.begin(), end};
}

}  // namespace

const char* name_of(Consequence consequence) {
  constexpr std::array names{"fine",   "stops_import", "fails_at_call",
                             "misled", "off",          "conditional"};
  return names[static_cast<std::size_t>(consequence)];
}

int Judge::number_of(const Place& place) {
  const auto [it, is_new] = numbers_.try_emplace(place, static_cast<int>(places_.size()));
  if (is_new) places_.push_back(place);
  return it->second;
}

/// The bindings of a name that may be in force: of several, those whose conditions may hold.
std::vector<Origin> Judge::live_origins(const Place& place, const std::string& name) {
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
bool Judge::is_dead(const Origin& origin) {
  if (origin.module == nullptr || origin.module->facts == nullptr || origin.event < 0) return false;
  const auto& facts = *origin.module->facts;
  const auto& event = facts.events[static_cast<std::size_t>(origin.event)];
  std::vector<std::string> open;
  if (is_active(*origin.module, guards_of(facts, event), open) == Truth::no) return true;
  // What was to be imported in a try that fails was not.
  return origin.kind == Origin::Kind::library && resolver_.has(origin.dotted) == false;
}

std::optional<BoundExpression> Judge::bound(const std::string& name, int number) {
  const auto place = places_[static_cast<std::size_t>(number)];
  const auto origins = live_origins(place, name);
  if (origins.size() != 1) return std::nullopt;
  const auto& origin = origins.front();
  if (origin.kind != Origin::Kind::expression || origin.value == nullptr) return std::nullopt;
  return BoundExpression{*origin.value, number_of({origin.module, origin.scope})};
}

/// What a probe, or a name that a library gives, answers.
Truth Judge::answer(const Expression& expression, int number) {
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

Truth Judge::test(const EngineModule& module, const Guard& guard, std::vector<std::string>& open) {
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
bool Judge::is_ruled(const std::string& text) const {
  const auto name = leading_name(text);
  const auto speaks = [&](const auto& rule) {
    return match_rule_name(rules_, rule.name, name).has_value();
  };
  return std::any_of(rules_.platform.begin(), rules_.platform.end(), speaks) ||
         std::any_of(rules_.reads.begin(), rules_.reads.end(), speaks);
}

/// Whether only data at run time tells what a condition depends on: what a function is given, what
/// an object holds, what another package answers.
bool Judge::is_data(const EngineModule& module, int scope, const std::string& text) {
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

Truth Judge::try_fails(const EngineModule& module, int line) {
  const std::pair key{&module, line};
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

Truth Judge::holds(const EngineModule& module, const Guard& guard, std::vector<std::string>& open) {
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

Truth Judge::is_active(const EngineModule& module, const std::vector<Guard>& guards,
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

int Judge::caught_at(const JudgedUse& judged) {
  const auto failures = failures_of(judged);
  const auto& guards = judged.use.guards;
  for (auto it = guards.rbegin(); it != guards.rend(); ++it) {
    const auto& condition = *it->condition;
    if (condition.kind != EngineCondition::Kind::in_try) continue;
    // A handler around a function's definition is not around its calls.
    if (it->scope != judged.use.scope && !judged.use.at_import) continue;
    const bool takes =
        std::any_of(condition.caught.begin(), condition.caught.end(), [&](const std::string& type) {
          return std::find(failures.begin(), failures.end(), last_name(type)) != failures.end();
        });
    if (takes) return condition.line;
  }
  return 0;
}

/// Whether something before it in the same try fails, so that it is not reached.
bool Judge::is_behind_failure(const JudgedUse& judged) {
  for (const auto& guard : judged.use.guards) {
    if (guard.condition->kind != EngineCondition::Kind::in_try) continue;
    const auto it = in_try_.find({judged.use.module, guard.condition->line});
    if (it == in_try_.end()) continue;
    for (const auto* other : it->second) {
      if (other->use.line >= judged.use.line) break;
      std::vector<std::string> open;
      const bool fails = other->use.kind != Use::Kind::probe &&
                         is_broken(other->resolution.status) &&
                         is_active(*other->use.module, other->use.guards, open) == Truth::yes;
      if (fails) return true;
    }
  }
  return false;
}

void Judge::judge_break(JudgedUse& judged) {
  const auto& use = judged.use;
  auto add = [&](const std::string& text) {
    judged.detail += (judged.detail.empty() ? "" : "; ") + text;
  };
  if (use.kind == Use::Kind::probe && use.probe->way != UseProbe::Way::has_parameter) {
    judged.consequence = Consequence::off;
    add(judged.resolution.status == UseStatus::moved
            ? "the probe answers no, although the library has it under another name"
            : "the probe answers no");
    return;
  }
  if (use.is_optional && judged.resolution.status != UseStatus::mismatch) {
    judged.consequence = Consequence::off;
    return add("the default is taken");
  }
  if (const int line = caught_at(judged); line > 0 && !is_silent(judged.resolution)) {
    judged.consequence = Consequence::off;
    return add(fmt::format("the handler of the try in line {} takes the failure", line));
  }
  if (is_silent(judged.resolution)) {
    judged.consequence = Consequence::misled;
    return add("the call succeeds and means something else");
  }
  judged.consequence = use.at_import ? Consequence::stops_import : Consequence::fails_at_call;
}

void Judge::judge_one(JudgedUse& judged) {
  judged.detail = judged.resolution.detail;
  if (!is_broken(judged.resolution.status)) return;
  std::vector<std::string> open;
  const auto active = is_active(*judged.use.module, judged.use.guards, open);
  if (active == Truth::no || is_behind_failure(judged)) {
    judged.consequence = Consequence::off;
    judged.detail += "; it is not reached: " + text_of(judged.use.guards);
    return;
  }
  judge_break(judged);
  const bool breaks = judged.consequence == Consequence::stops_import ||
                      judged.consequence == Consequence::fails_at_call ||
                      judged.consequence == Consequence::misled;
  if (breaks && active == Truth::open) {
    judged.consequence = Consequence::conditional;
    judged.open = std::move(open);
  }
}

/// A question for a name that is answered yes, where the call for which it is asked does not fit.
void Judge::mark_misled(std::vector<JudgedUse>& judged) {
  for (auto& call : judged) {
    const bool does_not_fit = call.use.kind == Use::Kind::call &&
                              call.resolution.status == UseStatus::mismatch &&
                              call.consequence == Consequence::fails_at_call;
    if (!does_not_fit) continue;
    for (auto& probe : judged) {
      const bool asked_for_it =
          probe.use.probe && probe.use.probe->way != UseProbe::Way::has_parameter &&
          probe.use.symbol == call.use.symbol && probe.use.module == call.use.module &&
          probe.resolution.status == UseStatus::ok;
      if (!asked_for_it) continue;
      call.consequence = Consequence::misled;
      probe.consequence = Consequence::misled;
      probe.detail = fmt::format("it answers yes, but the call in line {} does not fit: {}",
                                 call.use.line, call.resolution.detail);
    }
  }
}

/// What is done with a name whose import fails is not reached: the import says it all.
void Judge::drop_unbound(std::vector<JudgedUse>& judged) {
  std::set<std::pair<const EngineModule*, int>> failed;
  for (const auto& one : judged) {
    const bool fails = one.use.kind == Use::Kind::import && is_broken(one.resolution.status);
    if (fails) failed.emplace(one.use.bound_in, one.use.bound_by);
  }
  std::erase_if(judged, [&](const JudgedUse& one) {
    return one.use.kind != Use::Kind::import &&
           failed.contains({one.use.bound_in, one.use.bound_by});
  });
}

/// A name that is bound in several ways gives several uses in one place. Those whose binding does
/// not happen are dropped where another one's does.
void Judge::drop_dead(std::vector<JudgedUse>& judged) {
  const auto is_dead_use = [&](const Use& use) {
    if (use.kind == Use::Kind::import || use.bound_by < 0) return false;
    const auto& facts = *use.bound_in->facts;
    const auto& event = facts.events[static_cast<std::size_t>(use.bound_by)];
    std::vector<std::string> open;
    return is_active(*use.bound_in, guards_of(facts, event), open) == Truth::no;
  };
  const auto place_of_use = [](const Use& use) {
    return std::tuple(use.module, use.line, use.scope, use.kind, last_name(use.symbol));
  };
  std::set<decltype(place_of_use(judged.front().use))> alive;
  std::vector<bool> dead(judged.size());
  for (std::size_t i = 0; i < judged.size(); ++i) {
    dead[i] = is_dead_use(judged[i].use);
    if (!dead[i]) alive.insert(place_of_use(judged[i].use));
  }
  std::size_t index = 0;
  std::erase_if(judged, [&](const JudgedUse& one) {
    return dead[index++] && alive.contains(place_of_use(one.use));
  });
}

void Judge::index_tries(const std::vector<JudgedUse>& judged) {
  in_try_.clear();
  try_fails_.clear();
  tested_.clear();
  live_.clear();
  for (const auto& one : judged) {
    for (const auto& guard : one.use.guards) {
      if (guard.condition->kind != EngineCondition::Kind::in_try) continue;
      auto& all = in_try_[{one.use.module, guard.condition->line}];
      if (all.empty() || all.back() != &one) all.push_back(&one);
    }
  }
}

std::vector<JudgedUse> Judge::judge(std::vector<Use> uses) {
  std::vector<JudgedUse> judged;
  judged.reserve(uses.size());
  for (auto& use : uses) {
    // Of what a function of the library returns nothing is known.
    if (!use.instance_of.empty() && !resolver_.is_class(use.instance_of)) continue;
    JudgedUse one;
    one.resolution = resolver_.resolve(use);
    one.use = std::move(use);
    judged.push_back(std::move(one));
  }
  drop_unbound(judged);
  index_tries(judged);
  drop_dead(judged);
  index_tries(judged);
  for (auto& one : judged) judge_one(one);
  mark_misled(judged);
  return judged;
}

}  // namespace fusegate::probe
