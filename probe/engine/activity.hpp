#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probe/engine/judged_use.hpp"
#include "probe/engine/profile.hpp"

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

  /// Whether something with these guards happens, as far as the profile says; what was not known is
  /// added to `open`, but for what only data at run time tells.
  [[nodiscard]] Truth is_active(const EngineModule& module, const std::vector<Guard>& guards,
                                std::vector<std::string>& open);

  /// Whether an event of the module's facts happens.
  [[nodiscard]] Truth happens(const EngineModule& module, int event);

  /// The uses in the body of the try of that line.
  [[nodiscard]] const std::vector<const JudgedUse*>& uses_in_try(const EngineModule& module,
                                                                 int line) const;

 private:
  using Place = std::pair<const EngineModule*, int>;
  /// What was found already. An entry without an answer is of a question that is being asked: what
  /// depends on itself stays open.
  struct Tested {
    Truth truth = Truth::open;
    std::vector<std::string> open;
  };

  [[nodiscard]] bool is_dead(const Origin& origin);
  [[nodiscard]] Truth try_fails(const EngineModule& module, int line);
  [[nodiscard]] Truth holds(const EngineModule& module, const Guard& guard,
                            std::vector<std::string>& open);
  [[nodiscard]] Truth test(const EngineModule& module, const Guard& guard,
                           std::vector<std::string>& open);
  [[nodiscard]] bool is_ruled(const std::string& text) const;
  [[nodiscard]] bool is_data(const EngineModule& module, int scope, const std::string& text);

  int number_of(const Place& place);
  std::optional<BoundExpression> bound(const std::string& name, int number);
  Truth answer(const Expression& expression, int number);
  std::vector<Origin> live_origins(const Place& place, const std::string& name);

  EngineNames& names_;
  UseResolver& resolver_;
  const Profile& profile_;
  const EngineRules& rules_;
  std::vector<Place> places_;
  std::map<Place, int> numbers_;
  std::map<Place, std::vector<const JudgedUse*>> in_try_;  ///< by module and line
  std::map<Place, Truth> try_fails_;
  std::map<std::pair<const EngineCondition*, int>, Tested> tested_;
  std::map<std::pair<Place, std::string>, std::optional<std::vector<Origin>>> live_;
};

}  // namespace fusegate::probe
