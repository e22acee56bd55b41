#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/engine/activity.hpp"
#include "probe/engine/conditions/question.hpp"

// What names and calls in an engine's conditions stand for on the machine of a profile.

namespace fusegate::probe {
namespace {

// Functions whose conditions ask for functions: each takes a stack of evaluations.
constexpr int nesting_limit = 12;

/// The event that binds the name that was asked for.
int binding_of(const Origin& origin) {
  return origin.through.empty() ? origin.event : origin.through.back().second;
}

/// The scope in which the name that was asked for is bound.
int binding_scope(const Origin& origin) {
  const auto* module = origin.through.empty() ? origin.module : origin.through.back().first;
  return module->facts->events[static_cast<std::size_t>(binding_of(origin))].scope;
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
  const bool is_passed_on =
      std::all_of(origin.through.begin(), origin.through.end(), [&](const auto& assignment) {
        return happens(*assignment.first, assignment.second) != Truth::no;
      });
  if (!is_passed_on) return true;
  if (origin.module == nullptr || origin.module->facts == nullptr || origin.event < 0) return false;
  if (happens(*origin.module, origin.event) == Truth::no) return true;
  // What was to be imported in a try that fails was not.
  return origin.kind == Origin::Kind::library && resolver_.has(origin.dotted) == false;
}

std::optional<BoundExpression> Activity::bound(const std::string& name, int number) {
  const auto place = places_[static_cast<std::size_t>(number)];
  if (name.find('.') != name.npos) {
    if (auto other = names_.unaliased(*place.first, place.second, name)) {
      Expression same;
      same.kind = Expression::Kind::name;
      same.text = same.value = std::move(other->first);
      return BoundExpression{std::move(same), number_of({place.first, other->second})};
    }
  }
  const auto origins = live_origins(place, name);
  if (origins.size() != 1) return std::nullopt;
  const auto& origin = origins.front();
  if (origin.kind != Origin::Kind::expression || origin.value == nullptr) return std::nullopt;
  return BoundExpression{*origin.value, number_of({origin.module, origin.scope})};
}

/// What a probe answers, a name that a library gives, one that is bound several times, and what a
/// function of the engine returns.
Truth Activity::answer(const Expression& expression, int number) {
  const auto place = places_[static_cast<std::size_t>(number)];
  const auto has = [&](const std::string& dotted) {
    const auto found = resolver_.has(dotted);
    return !found ? Truth::open : *found ? Truth::yes : Truth::no;
  };
  if (expression.kind == Expression::Kind::name) {
    const auto origins = live_origins(place, expression.value);
    if (origins.size() > 1) return last_bound(origins);
    if (origins.empty() || origins.front().kind != Origin::Kind::library) return Truth::open;
    if (!origins.front().instance_of.empty()) return Truth::open;
    return has(origins.front().dotted);
  }
  if (expression.kind == Expression::Kind::comparison) return takes_parameter(place, expression);
  if (expression.kind != Expression::Kind::call) return Truth::open;
  const auto question = question_of(expression);
  if (!question) return returned(place, expression);
  if (question->way == Question::Way::has_parameter) return Truth::open;
  if (question->way == Question::Way::has_module) {
    return names_.is_tracked(question->of) ? has(question->of) : Truth::open;
  }
  const auto origins = live_origins(place, question->of);
  if (origins.size() != 1 || origins.front().kind != Origin::Kind::library) return Truth::open;
  return has(origins.front().dotted + "." + question->attribute);
}

/// Whether a function of the library has the parameter that a comparison looks for in its
/// signature: `"x" in inspect.signature(f).parameters`, or in a name for that.
Truth Activity::takes_parameter(const Place& place, const Expression& comparison) {
  const auto* where = &comparison.items.at(1);
  auto at = place;
  for (int hop = 0; where->kind == Expression::Kind::name; ++hop) {
    const auto origins = live_origins(at, where->value);
    const bool is_one = origins.size() == 1 && origins.front().value != nullptr &&
                        origins.front().kind == Origin::Kind::expression;
    if (!is_one || hop > nesting_limit) return Truth::open;
    where = origins.front().value;
    at = {origins.front().module, origins.front().scope};
  }
  const bool is_list = where->kind == Expression::Kind::attribute && where->value == "parameters";
  const auto question = is_list ? question_of(where->items.at(0)) : std::nullopt;
  if (!question || question->way != Question::Way::has_parameter) return Truth::open;
  const auto origins = live_origins(at, question->of);
  if (origins.size() != 1 || origins.front().kind != Origin::Kind::library) return Truth::open;
  const auto found = resolver_.has_parameter(origins.front().dotted, comparison.items.at(0).value);
  return !found ? Truth::open : *found ? Truth::yes : Truth::no;
}

/// What a name is that was bound several times: what the last one gives that happens for certain,
/// where all that may happen after it give the same. Of functions that bind it, as methods do for
/// `self.name` and others by `global`, the sources do not tell which runs last: all must agree.
Truth Activity::last_bound(const std::vector<Origin>& origins) {
  const bool has_events = std::all_of(origins.begin(), origins.end(),
                                      [](const Origin& origin) { return origin.event >= 0; });
  if (!has_events) return Truth::open;
  const bool is_in_order = std::all_of(origins.begin(), origins.end(), [&](const Origin& origin) {
    return binding_scope(origin) == binding_scope(origins.front());
  });
  std::optional<Truth> all;
  for (auto it = origins.rbegin(); it != origins.rend(); ++it) {
    if (it->module != origins.front().module) return Truth::open;
    const auto truth = value_of(*it);
    if (truth == Truth::open || (all && *all != truth)) return Truth::open;
    all = truth;
    // `a if c else b` is one binding of two.
    const auto next = std::next(it);
    const bool is_last = next == origins.rend() || binding_of(*next) != binding_of(*it);
    if (is_last && is_in_order && is_certain(*it)) break;
  }
  return all.value_or(Truth::open);
}

/// Whether a binding happens for certain, in the order of the source.
bool Activity::is_certain(const Origin& origin) {
  const auto is_sure = [&](const EngineModule& module, int event) {
    const auto scope = module.facts->events[static_cast<std::size_t>(event)].scope;
    return scope == origin.scope && happens(module, event) == Truth::yes;
  };
  return is_sure(*origin.module, origin.event) &&
         std::all_of(origin.through.begin(), origin.through.end(),
                     [&](const auto& one) { return is_sure(*one.first, one.second); });
}

/// Whether what a binding gives is true.
Truth Activity::value_of(const Origin& origin) {
  if (!valued_.emplace(origin.module, origin.event).second) return Truth::open;  // of itself
  const auto truth = truth_of_binding(origin);
  valued_.erase({origin.module, origin.event});
  return truth;
}

Truth Activity::truth_of_binding(const Origin& origin) {
  if (origin.kind == Origin::Kind::library && origin.instance_of.empty()) {
    const auto found = resolver_.has(origin.dotted);
    return !found ? Truth::open : *found ? Truth::yes : Truth::no;
  }
  if (origin.kind == Origin::Kind::module || origin.kind == Origin::Kind::definition) {
    return Truth::yes;
  }
  if (origin.kind != Origin::Kind::expression || origin.value == nullptr) return Truth::open;
  return truth_of(*origin.value, {origin.module, origin.scope});
}

Truth Activity::truth_of(const Expression& expression, const Place& place) {
  if (nesting_ >= nesting_limit) return Truth::open;
  ++nesting_;
  const auto truth = evaluate(expression, number_of(place), context()).truth;
  --nesting_;
  return truth;
}

/// What a call of a function of the engine returns, whatever it is given: the first return that is
/// reached for certain, where those that may be reached before it agree.
Truth Activity::returned(const Place& place, const Expression& call) {
  if (call.items.empty() || call.items[0].kind != Expression::Kind::name) return Truth::open;
  const auto origins = live_origins(place, call.items[0].value);
  if (origins.size() != 1 || origins.front().kind != Origin::Kind::definition) return Truth::open;
  return returned_by({origins.front().module, origins.front().scope});
}

Truth Activity::returned_by(const Place& function) {
  const auto [module, scope] = function;
  if (module == nullptr || module->facts == nullptr) return Truth::open;
  const auto& facts = *module->facts;
  if (facts.scopes[static_cast<std::size_t>(scope)].kind != Scope::Kind::function) {
    return Truth::open;
  }
  const auto [it, is_new] = returned_.try_emplace({module, scope}, Truth::open);
  if (!is_new) return it->second;  // one that asks for itself is open
  std::optional<Truth> all;
  for (const auto& event : facts.events) {
    const auto* back = std::get_if<ReturnEvent>(&event.what);
    if (back == nullptr || event.scope != scope) continue;
    const auto reached = is_reached(*module, event);
    if (reached == Truth::no) continue;
    const auto truth = truth_of(back->value, {module, scope});
    if (truth == Truth::open || (all && *all != truth)) return Truth::open;
    all = truth;
    if (reached == Truth::yes) return returned_[{module, scope}] = truth;
  }
  return Truth::open;
}

/// Whether the engine may choose the class whose method a scope is: no where the class itself says
/// that it does not support the machine.
bool Activity::is_chosen(const EngineModule& module, int scope) {
  scope = class_around(*module.facts, scope);
  if (scope < 0) return true;
  const auto [it, is_new] = chosen_.try_emplace({&module, scope}, true);
  if (!is_new) return it->second;
  const auto refuses = [&](const std::string& rule) {
    const auto methods = names_.methods(module, scope, rule);
    return methods.size() == 1 &&
           returned_by({methods.front().module, methods.front().scope}) == Truth::no;
  };
  const bool is_chosen =
      std::none_of(rules_.class_gates.begin(), rules_.class_gates.end(), refuses);
  return chosen_[{&module, scope}] = is_chosen;
}

/// Whether a statement of a function is reached when the function runs.
Truth Activity::is_reached(const EngineModule& module, const EngineEvent& event) {
  auto guards = guards_of(*module.facts, event);
  std::erase_if(guards, [&](const Guard& guard) { return guard.scope != event.scope; });
  using Kind = EngineCondition::Kind;
  const bool may_not_run = std::any_of(guards.begin(), guards.end(), [](const Guard& guard) {
    return guard.condition->kind == Kind::in_loop || guard.condition->kind == Kind::in_case;
  });
  auto reached = may_not_run ? Truth::open : Truth::yes;
  for (const auto& guard : guards) {
    std::vector<std::string> open;
    const auto truth = holds(module, guard, open);
    if (truth == Truth::no || ends_before(guard.condition, event.line)) return Truth::no;
    if (truth == Truth::open) reached = Truth::open;
  }
  return reached;
}

EvaluationContext Activity::context() {
  return {profile_, rules_,
          [this](const std::string& name, int number) { return bound(name, number); },
          [this](const Expression& asked, int number) { return answer(asked, number); }};
}

}  // namespace fusegate::probe
