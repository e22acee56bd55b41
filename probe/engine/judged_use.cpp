#include "probe/engine/judged_use.hpp"

#include <algorithm>
#include <array>

namespace fusegate::probe {
namespace {

using Mismatch = CallMismatch::Kind;

Breakage breakage_of_call(const std::vector<CallMismatch>& mismatches) {
  const auto is_certain = [](const CallMismatch& mismatch) { return mismatch.is_certain; };
  const auto raises = [](const CallMismatch& mismatch) {
    return mismatch.is_certain && mismatch.kind != Mismatch::positional_meaning_shifted;
  };
  if (std::any_of(mismatches.begin(), mismatches.end(), raises)) return Breakage::raises;
  return std::any_of(mismatches.begin(), mismatches.end(), is_certain) ? Breakage::means_else
                                                                       : Breakage::perhaps;
}

}  // namespace

const char* name_of(Consequence consequence) {
  constexpr std::array names{"fine",   "stops_import", "fails_at_call",
                             "misled", "off",          "conditional"};
  return names[static_cast<std::size_t>(consequence)];
}

Breakage breakage_of(const JudgedUse& judged) {
  const auto& use = judged.use;
  if (!is_broken(judged.resolution.status)) return Breakage::none;
  if (use.kind == Use::Kind::probe && use.probe->way != UseProbe::Way::has_parameter) {
    return Breakage::answers_no;
  }
  if (judged.resolution.status == UseStatus::mismatch) {
    return breakage_of_call(judged.resolution.mismatches);
  }
  return use.is_optional ? Breakage::gives_default : Breakage::raises;
}

std::optional<Failure> failure_of(const JudgedUse& judged) {
  if (breakage_of(judged) != Breakage::raises) return std::nullopt;
  if (judged.use.kind == Use::Kind::import) return Failure::import_error;
  if (judged.resolution.status != UseStatus::mismatch) return Failure::attribute_error;
  const auto& mismatches = judged.resolution.mismatches;
  const bool only_result =
      std::all_of(mismatches.begin(), mismatches.end(), [](const CallMismatch& mismatch) {
        return !mismatch.is_certain || mismatch.kind == Mismatch::return_arity;
      });
  return only_result ? Failure::value_error : Failure::type_error;
}

std::vector<const EngineCondition*> tries_around(const JudgedUse& judged) {
  std::vector<const EngineCondition*> tries;
  const auto& guards = judged.use.guards;
  for (auto it = guards.rbegin(); it != guards.rend(); ++it) {
    if (it->condition->kind != EngineCondition::Kind::in_try) continue;
    // A handler around a function's definition is not around its calls.
    if (it->scope == judged.use.scope || judged.use.at_import) tries.push_back(it->condition);
  }
  return tries;
}

Ending ending_of(const JudgedUse& judged) {
  Ending ending;
  const auto failure = failure_of(judged);
  if (!failure) return ending;
  for (const auto* one : tries_around(judged)) {
    ending.left.push_back(one);
    if (takes(*one, *failure)) {
      ending.taken_by = one;
      break;
    }
  }
  return ending;
}

}  // namespace fusegate::probe
