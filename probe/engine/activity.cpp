#include "probe/engine/activity.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/engine/conditions/question.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {
namespace {

std::string leading_name(const std::string& text) {
  const auto end =
      std::find_if_not(text.begin(), text.end(), [](char c) { return is_word(c) || c == '.'; });
  return {text.begin(), end};
}

/// The try of a handler: both are of one statement.
const EngineCondition* try_of(const EngineFacts& facts, const EngineCondition& handler) {
  for (const auto& one : facts.conditions) {
    const bool is_its = one.kind == EngineCondition::Kind::in_try && one.line == handler.line &&
                        one.outer == handler.outer;
    if (is_its) return &one;
  }
  return nullptr;
}

/// Which handler of the same try takes a failure: the first that can.
const EngineCondition* handler_of(const EngineFacts& facts, const EngineCondition& handler,
                                  Failure failure) {
  for (const auto& one : facts.conditions) {
    const bool is_beside = one.kind == EngineCondition::Kind::in_except &&
                           one.line == handler.line && one.outer == handler.outer;
    if (is_beside && takes(one, failure)) return &one;
  }
  return nullptr;
}

}  // namespace

/// Whether something in the body of a try fails before a line.
bool Activity::ends_before(const EngineCondition* tried, int line) {
  for (const auto* judged : failures_in(tried)) {
    if (judged->use.line >= line) break;
    std::vector<std::string> open;
    const auto active = is_active(*judged->use.module, judged->use.guards, open);
    if (active == Truth::yes) return true;
  }
  return false;
}

Truth Activity::test(const EngineModule& module, const Guard& guard,
                     std::vector<std::string>& open) {
  const auto [it, is_new] = tested_.try_emplace({guard.condition, guard.scope});
  auto& tested = it->second;
  if (is_new) {
    tested.open = {guard.condition->test.text};  // for one that asks for itself
    auto found = evaluate(guard.condition->test, number_of({&module, guard.scope}), context());
    tested.open.clear();
    for (const auto& text : found.open) {
      if (!is_data(module, guard.scope, text)) tested.open.push_back(text);
    }
    tested.truth = found.truth;
    tested.because = std::move(found.because);
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
  if (std::any_of(origins.begin(), origins.end(), is_set_at_run_time)) return true;
  return std::none_of(origins.begin(), origins.end(), [](const Origin& origin) {
    return origin.kind == Origin::Kind::expression && origin.scope == 0;
  });
}

/// Whether a handler runs: whether something in its try fails in a way that it takes, and none
/// before it does.
Truth Activity::runs(const EngineModule& module, const EngineCondition& handler) {
  const auto [it, is_new] = runs_.try_emplace(&handler, Truth::open);
  if (!is_new) return it->second;  // one that depends on itself is open
  const auto* tried = try_of(*module.facts, handler);
  if (tried == nullptr || !tries_with_uses_.contains(tried)) return Truth::open;
  auto runs = Truth::no;
  for (const auto* judged : failures_in(tried)) {
    std::vector<std::string> open;
    const auto active = is_active(module, judged->use.guards, open);
    const bool is_taken = handler_of(*module.facts, handler, *failure_of(*judged)) == &handler;
    if (is_taken && active != Truth::no) runs = active;
    // Nothing behind it in the try happens.
    if (active == Truth::yes) break;
  }
  return runs_[&handler] = runs;
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
      const auto truth = runs(module, *guard.condition);
      if (truth == Truth::open) {
        open.push_back(fmt::format("whether the try of line {} fails", guard.condition->line));
      }
      return truth;
    }
    case Kind::asserted: {
      std::vector<std::string> unknown;
      return test(module, guard, unknown) == Truth::no ? Truth::no : Truth::yes;
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

Truth Activity::is_bound(const Use& use, std::vector<std::string>& open) {
  auto bindings = use.through;
  if (use.kind != Use::Kind::import && use.bound_by >= 0) {
    bindings.emplace_back(use.bound_in, use.bound_by);
  }
  auto bound = Truth::yes;
  for (const auto& [module, event] : bindings) {
    const auto& facts = *module->facts;
    const auto guards = guards_of(facts, facts.events[static_cast<std::size_t>(event)]);
    const auto truth = is_active(*module, guards, open);
    if (truth == Truth::no) return Truth::no;
    if (truth == Truth::open) bound = Truth::open;
  }
  return bound;
}

std::vector<std::string> Activity::reasons_against(const EngineModule& module,
                                                   const std::vector<Guard>& guards) {
  for (const auto& guard : guards) {
    std::vector<std::string> open;
    if (holds(module, guard, open) != Truth::no) continue;
    const auto it = tested_.find({guard.condition, guard.scope});
    return it == tested_.end() ? std::vector<std::string>{} : it->second.because;
  }
  return {};
}

void Activity::set_uses(const std::vector<JudgedUse>& uses) {
  failures_in_.clear();
  tries_with_uses_.clear();
  runs_.clear();
  returned_.clear();
  chosen_.clear();
  tested_.clear();
  live_.clear();
  for (const auto& one : uses) {
    const auto tries = tries_around(one);
    tries_with_uses_.insert(tries.begin(), tries.end());
    for (const auto* left : ending_of(one).left) failures_in_[left].push_back(&one);
  }
}

Truth Activity::happens(const EngineModule& module, int event) {
  const auto& facts = *module.facts;
  std::vector<std::string> open;
  return is_active(module, guards_of(facts, facts.events[static_cast<std::size_t>(event)]), open);
}

const std::vector<const JudgedUse*>& Activity::failures_in(const EngineCondition* tried) const {
  static const std::vector<const JudgedUse*> none;
  const auto it = failures_in_.find(tried);
  return it == failures_in_.end() ? none : it->second;
}

}  // namespace fusegate::probe
