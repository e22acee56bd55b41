#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probe/engine/sources/engine_facts.hpp"
#include "probe/engine/sources/engine_rules.hpp"

namespace fusegate::probe {

/// What a condition is as far as is known.
enum class Truth { no, yes, open };
[[nodiscard]] const char* name_of(Truth truth);

/// What is assumed of the machine on which an engine runs.
struct Profile {
  /// Environment variables and Python names ("_use_aiter", "self.use_mla"), with their values as
  /// text.
  std::map<std::string, std::string> variables;
  std::string architecture;  ///< "gfx942", "sm_90"; empty: not known
  /// Whether a variable that is not assumed has the value that it has where it is not set. Without,
  /// it is open.
  bool use_defaults = true;
};

/// Adds what a person assumes: "gfx942" and "sm_90" are the architecture, NAME=VALUE a variable of
/// the environment or a Python name, NAME alone is NAME=1. Throws UsageError on anything else and
/// on what contradicts the profile.
void parse_assumption(Profile& profile, std::string_view text);

/// What a name is bound to. The expression's own names are those of `scope`, which is a number of
/// the one who asks.
struct BoundExpression {
  Expression expression;
  int scope = 0;
};
/// What a name means in a scope, where that is one expression: `_use_aiter` is
/// `get_bool_env_var("SGLANG_USE_AITER") and _is_hip`; a name that is imported may be given as
/// another name. Asked for "name()", what a call of it without arguments returns.
using NameResolver = std::function<std::optional<BoundExpression>(const std::string&, int scope)>;
/// Asked for calls, names and attributes that nothing else knows: `hasattr(aiter, "x")`,
/// `find_spec("aiter")`, a name that is bound twice. A no also stands for None.
using ConditionProbe = std::function<Truth(const Expression&, int scope)>;

/// What conditions are evaluated with; the profile and the rules must outlive it.
struct EvaluationContext {
  const Profile& profile;
  const EngineRules& rules;
  NameResolver resolve;  ///< may be empty
  ConditionProbe probe;  ///< may be empty
};

/// What a condition is under a profile.
struct Evaluation {
  Truth truth = Truth::open;
  std::vector<std::string> open;     ///< what was not known, as source text; empty unless open
  std::vector<std::string> because;  ///< "gfx942 is assumed", for what was known
};

[[nodiscard]] Evaluation evaluate(const Expression& expression, int scope,
                                  const EvaluationContext& context);

}  // namespace fusegate::probe
