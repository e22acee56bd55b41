#include "probe/engine/judge.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {
namespace {

void add_detail(JudgedUse& judged, const std::string& text) {
  judged.detail += (judged.detail.empty() ? "" : "; ") + text;
}

void judge_break(JudgedUse& judged) {
  const auto because = [&](Consequence consequence, const std::string& text) {
    judged.consequence = consequence;
    add_detail(judged, text);
  };
  switch (breakage_of(judged)) {
    case Breakage::none:
      return;
    case Breakage::answers_no:
      return because(Consequence::off,
                     judged.resolution.status == UseStatus::moved
                         ? "the probe answers no, although the library has it under another name"
                         : "the probe answers no");
    case Breakage::gives_default:
      return because(Consequence::off, "the default is taken");
    case Breakage::means_else:
      return because(Consequence::misled, "the call succeeds and means something else");
    case Breakage::perhaps:
      judged.open.emplace_back("whether the call is meant so");
      judged.consequence = Consequence::conditional;
      return;
    case Breakage::raises:
      break;
  }
  if (const auto* handler = ending_of(judged).taken_by) {
    return because(
        Consequence::off,
        fmt::format("the handler of the try in line {} takes the failure", handler->line));
  }
  judged.consequence =
      judged.use.at_import ? Consequence::stops_import : Consequence::fails_at_call;
}

/// What is done with a name whose import fails is not reached: the import says it all. Of a
/// statement that imports several names, one that fails leaves the others unbound.
void drop_unbound(std::vector<JudgedUse>& judged) {
  std::set<std::tuple<const EngineModule*, int, int>> failed;
  const auto statement_of = [](const EngineModule* module, int event) {
    const auto& what = module->facts->events[static_cast<std::size_t>(event)];
    return std::tuple(module, what.scope, what.line);
  };
  for (const auto& one : judged) {
    const bool fails = one.use.kind == Use::Kind::import && is_broken(one.resolution.status);
    if (fails) failed.insert(statement_of(one.use.bound_in, one.use.bound_by));
  }
  std::erase_if(judged, [&](const JudgedUse& one) {
    return one.use.kind != Use::Kind::import && one.use.bound_by >= 0 &&
           failed.contains(statement_of(one.use.bound_in, one.use.bound_by));
  });
}

/// Whether the handler of its try imports the same name: then the try asks where it is, not
/// whether.
bool is_also_in_handler(const JudgedUse& tried, const std::vector<JudgedUse>& all) {
  const auto lines_of = [](const JudgedUse& judged, EngineCondition::Kind kind) {
    std::set<int> lines;
    for (const auto& guard : judged.use.guards) {
      if (guard.condition->kind == kind) lines.insert(guard.condition->line);
    }
    return lines;
  };
  const auto tries = lines_of(tried, EngineCondition::Kind::in_try);
  return std::any_of(all.begin(), all.end(), [&](const JudgedUse& other) {
    if (other.use.kind != Use::Kind::import || other.use.module != tried.use.module) return false;
    if (last_name(other.use.symbol) != last_name(tried.use.symbol)) return false;
    const auto handlers = lines_of(other, EngineCondition::Kind::in_except);
    return std::any_of(handlers.begin(), handlers.end(),
                       [&](int line) { return tries.contains(line); });
  });
}

}  // namespace

/// Whether something before it in the same try fails, so that it is not reached.
bool Judge::is_behind_failure(const JudgedUse& judged) {
  return std::any_of(judged.use.guards.begin(), judged.use.guards.end(), [&](const Guard& guard) {
    return activity_.ends_before(guard.condition, judged.use.line);
  });
}

void Judge::judge_one(JudgedUse& judged) {
  judged.detail = judged.resolution.detail;
  if (!is_broken(judged.resolution.status)) return;
  std::vector<std::string> open;
  auto active = activity_.is_active(*judged.use.module, judged.use.guards, open);
  if (active != Truth::no) {
    const auto bound = activity_.is_bound(judged.use, open);
    if (bound == Truth::no) {
      judged.consequence = Consequence::off;
      add_detail(judged, "its name is not bound on this machine");
      return;
    }
    if (bound == Truth::open) active = bound;
  }
  if (active == Truth::no || is_behind_failure(judged)) {
    judged.consequence = Consequence::off;
    const auto because = activity_.reasons_against(*judged.use.module, judged.use.guards);
    add_detail(judged, "it is not reached: " +
                           (because.empty() ? text_of(judged.use.guards) : join(because, ", ")));
    return;
  }
  judge_break(judged);
  if (breaks(judged) && !activity_.is_chosen(*judged.use.module, judged.use.scope)) {
    judged.consequence = Consequence::off;
    add_detail(judged, "the class says that it does not support this machine");
    return;
  }
  if (breaks(judged) && active == Truth::open) {
    judged.consequence = Consequence::conditional;
    judged.open = std::move(open);
  }
}

/// A question that is answered yes, where the call for which it is asked does not fit: the call is
/// misled, and so is who asked, but for an import in a try, which does what it should.
void Judge::mark_misled(std::vector<JudgedUse>& judged) {
  std::map<std::pair<const EngineModule*, std::string>, std::vector<JudgedUse*>> questions;
  std::set<std::pair<const EngineModule*, int>> tried;
  for (auto& one : judged) {
    const bool asks = one.use.probe && one.use.probe->way != UseProbe::Way::has_parameter;
    if (!asks || one.resolution.status != UseStatus::ok) continue;
    std::vector<std::string> open;
    if (activity_.is_active(*one.use.module, one.use.guards, open) == Truth::no) continue;
    if (one.use.kind == Use::Kind::import) {
      if (!is_also_in_handler(one, judged)) tried.emplace(one.use.bound_in, one.use.bound_by);
    } else {
      questions[{one.use.module, one.use.symbol}].push_back(&one);
    }
  }
  for (auto& call : judged) {
    const bool does_not_fit = call.use.kind == Use::Kind::call &&
                              call.resolution.status == UseStatus::mismatch &&
                              call.consequence == Consequence::fails_at_call;
    if (!does_not_fit) continue;
    if (tried.contains({call.use.bound_in, call.use.bound_by})) {
      call.consequence = Consequence::misled;
    }
    const auto it = questions.find({call.use.module, call.use.symbol});
    if (it == questions.end()) continue;
    call.consequence = Consequence::misled;
    for (auto* question : it->second) {
      question->consequence = Consequence::misled;
      question->detail = fmt::format("it answers yes, but the call in line {} does not fit: {}",
                                     call.use.line, call.resolution.detail);
    }
  }
}

/// A name that is bound in several ways gives several uses in one place. Those whose binding does
/// not happen are dropped where another one's does.
void Judge::drop_dead(std::vector<JudgedUse>& judged) {
  const auto is_dead_use = [&](const Use& use) {
    std::vector<std::string> open;
    return activity_.is_bound(use, open) == Truth::no;
  };
  const auto place_of_use = [](const Use& use) {
    return std::tuple(use.module, use.line, use.scope, use.kind,
                      use.name.empty() ? last_name(use.symbol) : use.name);
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
