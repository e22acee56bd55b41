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

/// The line of the try whose handler takes the failure of a use; 0: none does.
int caught_at(const JudgedUse& judged) {
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

void judge_break(JudgedUse& judged) {
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

/// A question for a name that is answered yes, where the call for which it is asked does not fit.
void mark_misled(std::vector<JudgedUse>& judged) {
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
void drop_unbound(std::vector<JudgedUse>& judged) {
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

}  // namespace

const char* name_of(Consequence consequence) {
  constexpr std::array names{"fine",   "stops_import", "fails_at_call",
                             "misled", "off",          "conditional"};
  return names[static_cast<std::size_t>(consequence)];
}

/// Whether something before it in the same try fails, so that it is not reached.
bool Judge::is_behind_failure(const JudgedUse& judged) {
  for (const auto& guard : judged.use.guards) {
    if (guard.condition->kind != EngineCondition::Kind::in_try) continue;
    for (const auto* other : activity_.uses_in_try(*judged.use.module, guard.condition->line)) {
      if (other->use.line >= judged.use.line) break;
      std::vector<std::string> open;
      const bool fails =
          other->use.kind != Use::Kind::probe && is_broken(other->resolution.status) &&
          activity_.is_active(*other->use.module, other->use.guards, open) == Truth::yes;
      if (fails) return true;
    }
  }
  return false;
}

void Judge::judge_one(JudgedUse& judged) {
  judged.detail = judged.resolution.detail;
  if (!is_broken(judged.resolution.status)) return;
  std::vector<std::string> open;
  const auto active = activity_.is_active(*judged.use.module, judged.use.guards, open);
  if (active == Truth::no || is_behind_failure(judged)) {
    judged.consequence = Consequence::off;
    judged.detail += "; it is not reached: " + text_of(judged.use.guards);
    return;
  }
  judge_break(judged);
  if (breaks(judged) && active == Truth::open) {
    judged.consequence = Consequence::conditional;
    judged.open = std::move(open);
  }
}

/// A name that is bound in several ways gives several uses in one place. Those whose binding does
/// not happen are dropped where another one's does.
void Judge::drop_dead(std::vector<JudgedUse>& judged) {
  const auto is_dead_use = [&](const Use& use) {
    if (use.kind == Use::Kind::import || use.bound_by < 0) return false;
    return activity_.happens(*use.bound_in, use.bound_by) == Truth::no;
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
  activity_.set_uses(judged);
  drop_dead(judged);
  activity_.set_uses(judged);
  for (auto& one : judged) judge_one(one);
  mark_misled(judged);
  return judged;
}

}  // namespace fusegate::probe
