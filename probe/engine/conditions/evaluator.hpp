#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "probe/engine/conditions/outcome.hpp"
#include "probe/engine/conditions/profile.hpp"

namespace fusegate::probe {

/// The dotted text of a name or attribute.
[[nodiscard]] inline const std::string& dotted_text(const Expression& expression) {
  return expression.kind == Expression::Kind::name ? expression.value : expression.text;
}

/// Adds texts that are not there yet.
inline void append_new(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const auto& text : from) {
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
  }
}

/// "NAME=VALUE is assumed".
[[nodiscard]] inline std::string assumption_text(
    const std::pair<const std::string, std::string>& variable) {
  return variable.first + "=" + variable.second + " is assumed";
}

/// Evaluates one condition; the work behind evaluate().
class Evaluator {
 public:
  explicit Evaluator(const EvaluationContext& context) : context_(context) {}

  Outcome of(const Expression& expression, int scope);

 private:
  // Operators: evaluate.cpp.
  Outcome of_kind(const Expression& expression, int scope);
  /// `and`, which a no decides, and `or`, which a yes decides.
  Outcome joined(const Expression& expression, int scope, Truth deciding);
  Outcome negation(const Expression& expression, int scope);
  Outcome choice(const Expression& expression, int scope);
  Outcome comparison(const Expression& expression, int scope);
  /// "NAME" in os.environ.
  Outcome membership(const Expression& expression, int scope);
  Outcome list(const Expression& expression, int scope);
  Outcome subscript(const Expression& expression, int scope);

  // Names and calls: evaluate_names.cpp.
  Outcome name(const Expression& expression, int scope);
  /// By the profile or the engine's rules; `call` is nullptr where the name is only read.
  std::optional<Outcome> assumed_or_ruled(const std::string& text, const Expression* call,
                                          int scope, const std::string& shown);
  /// What a name is bound to, where that is one expression.
  std::optional<Outcome> bound(const std::string& text, int scope);
  Outcome asked(const Expression& expression, int scope) const;
  Outcome call(const Expression& expression, int scope);
  /// bool(x), version.parse(x), x.lower().
  std::optional<Outcome> builtin(const Expression& expression, int scope);

  // The platform and the environment: evaluate_environment.cpp.
  Outcome platform(const PlatformRule& rule, const Expression* call, int scope,
                   const std::string& shown);
  Outcome of_term(const PlatformTerm& term, int scope, const std::string& shown);
  /// A call that names the variable in an argument.
  std::optional<Outcome> argument_read(const EnvironmentRead& read, const Expression& call,
                                       int scope);
  /// `otherwise`: what the caller gives for a variable that is not set, or nullptr.
  Outcome environment(const std::string& variable, const EnvironmentRead& read,
                      const Expression* otherwise, int scope);
  std::optional<PythonValue> default_of(const std::string& variable, const EnvironmentRead& read,
                                        const Expression* otherwise, int scope);
  [[nodiscard]] bool is_environment(const Expression& expression) const;

  const EvaluationContext& context_;
  std::set<std::pair<std::string, int>> in_progress_;
  int depth_ = 0;
  int steps_ = 0;
};

}  // namespace fusegate::probe
