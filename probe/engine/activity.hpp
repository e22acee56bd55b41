#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "probe/engine/conditions/profile.hpp"
#include "probe/engine/judged_use.hpp"

namespace fusegate::probe {

/// What of an engine happens on a machine of a profile, where a library answers its questions. Not
/// for several threads at once.
class Activity {
 public:
  /// All must outlive it.
  Activity(EngineNames& names, UseResolver& resolver, const Profile& profile,
           const EngineRules& rules)
      : names_(names), resolver_(resolver), profile_(profile), rules_(rules) {}

  /// The resolved uses by which it is known which try fails: to be called again when there are
  /// others. Refers to them, so a vector of them may be moved, but not grow.
  void set_uses(const std::vector<JudgedUse>& uses);

  /// Whether something in the body of a try fails before that line, so that it is not reached.
  [[nodiscard]] bool ends_before(const EngineCondition* tried, int line);

  /// Whether something with these guards happens, as far as the profile says; what was not known is
  /// added to `open`, but for what only data at run time tells.
  [[nodiscard]] Truth is_active(const EngineModule& module, const std::vector<Guard>& guards,
                                std::vector<std::string>& open);

  /// Whether the engine may choose the class in which a scope is.
  [[nodiscard]] bool is_chosen(const EngineModule& module, int scope);

  /// Whether a use's name is bound: the import and the assignments that bind it happen.
  [[nodiscard]] Truth is_bound(const Use& use, std::vector<std::string>& open);

  /// Why something with these guards does not happen: "SGLANG_USE_AITER is not assumed".
  [[nodiscard]] std::vector<std::string> reasons_against(const EngineModule& module,
                                                         const std::vector<Guard>& guards);

  /// Whether an event of the module's facts happens.
  [[nodiscard]] Truth happens(const EngineModule& module, int event);

 private:
  using Place = std::pair<const EngineModule*, int>;
  /// What was found already. An entry without an answer is of a question that is being asked: what
  /// depends on itself stays open.
  struct Tested {
    Truth truth = Truth::open;
    std::vector<std::string> open, because;
  };

  [[nodiscard]] bool is_dead(const Origin& origin);
  /// The uses whose failures, if they are reached, end the body of a try, in the order of the
  /// source.
  [[nodiscard]] const std::vector<const JudgedUse*>& failures_in(
      const EngineCondition* tried) const;
  [[nodiscard]] Truth runs(const EngineModule& module, const EngineCondition& handler);
  [[nodiscard]] Truth holds(const EngineModule& module, const Guard& guard,
                            std::vector<std::string>& open);
  [[nodiscard]] Truth test(const EngineModule& module, const Guard& guard,
                           std::vector<std::string>& open);
  [[nodiscard]] bool is_ruled(const std::string& text) const;
  [[nodiscard]] bool is_data(const EngineModule& module, int scope, const std::string& text);

  [[nodiscard]] EvaluationContext context();
  int number_of(const Place& place);
  std::optional<BoundExpression> bound(const std::string& name, int number);
  Truth answer(const Expression& expression, int number);
  Truth takes_parameter(const Place& place, const Expression& comparison);
  Truth last_bound(const std::vector<Origin>& origins);
  [[nodiscard]] bool is_certain(const Origin& origin);
  Truth value_of(const Origin& origin);
  Truth truth_of_binding(const Origin& origin);
  Truth truth_of(const Expression& expression, const Place& place);
  Truth returned(const Place& place, const Expression& call);
  Truth returned_by(const Place& function);
  Truth is_reached(const EngineModule& module, const EngineEvent& event);
  std::vector<Origin> live_origins(const Place& place, const std::string& name);

  EngineNames& names_;
  UseResolver& resolver_;
  const Profile& profile_;
  const EngineRules& rules_;
  std::vector<Place> places_;
  std::map<Place, int> numbers_;
  std::map<const EngineCondition*, std::vector<const JudgedUse*>> failures_in_;  ///< by the try
  std::set<const EngineCondition*> tries_with_uses_;
  std::map<const EngineCondition*, Truth> runs_;  ///< by the handler
  std::map<Place, Truth> returned_;               ///< by the function
  std::map<Place, bool> chosen_;                  ///< by the class
  std::set<Place> valued_;                        ///< bindings that are being asked for
  int nesting_ = 0;
  std::map<std::pair<const EngineCondition*, int>, Tested> tested_;
  std::map<std::pair<Place, std::string>, std::optional<std::vector<Origin>>> live_;
};

}  // namespace fusegate::probe
