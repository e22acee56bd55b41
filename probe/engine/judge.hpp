#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probe/engine/profile.hpp"
#include "probe/engine/resolve_use.hpp"

namespace fusegate::probe {

/// What a use comes to on a machine of the profile.
enum class Consequence {
  fine,
  stops_import,   ///< the module that has it cannot be imported
  fails_at_call,  ///< what calls it raises
  misled,         ///< a probe says yes to, or a call reaches, something else than was meant
  off,            ///< a guard answers no, or a handler takes the failure: it is not used
  conditional     ///< it breaks where a condition holds of which the profile says nothing
};
[[nodiscard]] const char* name_of(Consequence consequence);

/// A use, what the library offers for it, and what follows.
struct JudgedUse {
  Use use;
  Resolution resolution;
  Consequence consequence = Consequence::fine;
  std::string detail;             ///< the resolution's, and what decided the consequence
  std::vector<std::string> open;  ///< of conditional: what was not known
};

/// Judges the uses of an engine. Not for several threads at once.
class Judge {
 public:
  /// All must outlive it.
  Judge(EngineNames& names, UseResolver& resolver, const Profile& profile, const EngineRules& rules)
      : names_(names), resolver_(resolver), profile_(profile), rules_(rules) {}

  /// Every use of all modules: what one of them comes to may depend on others.
  [[nodiscard]] std::vector<JudgedUse> judge(std::vector<Use> uses);

  /// Whether something with these guards happens, as far as the profile says; what was not known is
  /// added to `open`, but for what only data at run time tells.
  [[nodiscard]] Truth is_active(const EngineModule& module, const std::vector<Guard>& guards,
                                std::vector<std::string>& open);

 private:
  using Place = std::pair<const EngineModule*, int>;

  void judge_one(JudgedUse& judged);
  void judge_break(JudgedUse& judged);
  static void drop_unbound(std::vector<JudgedUse>& judged);
  void index_tries(const std::vector<JudgedUse>& judged);
  void drop_dead(std::vector<JudgedUse>& judged);
  [[nodiscard]] bool is_dead(const Origin& origin);
  void mark_misled(std::vector<JudgedUse>& judged);
  /// Whether a failure of the use is taken by a handler; the line of its try, or 0.
  [[nodiscard]] static int caught_at(const JudgedUse& judged);
  [[nodiscard]] bool is_behind_failure(const JudgedUse& judged);
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
  /// By module and line of a try: the uses in its body, with their resolutions.
  std::map<std::pair<const EngineModule*, int>, std::vector<const JudgedUse*>> in_try_;
  std::map<std::pair<const EngineModule*, int>, Truth> try_fails_;
  /// What was found already. An entry without an answer is of a question that is being asked: what
  /// depends on itself stays open.
  struct Tested {
    Truth truth = Truth::open;
    std::vector<std::string> open;
  };
  std::map<std::pair<const EngineCondition*, int>, Tested> tested_;
  std::map<std::pair<Place, std::string>, std::optional<std::vector<Origin>>> live_;
};

}  // namespace fusegate::probe
