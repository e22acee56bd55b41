#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "probe/engine/conditions/environment_value.hpp"
#include "probe/engine/conditions/evaluator.hpp"

namespace fusegate::probe {
namespace {

using Kind = Expression::Kind;

constexpr int alias_limit = 10;

std::optional<PythonValue> converted(const std::string& function, const PythonValue& value) {
  using As = EnvironmentRead::As;
  if (function == "bool") return PythonValue{is_true(value)};
  if (function == "str" && value.text() != nullptr) return value;
  if (function != "int") return std::nullopt;
  const auto whole = read_as(As::integer, value);
  const auto number = whole ? integer_of(*whole) : std::nullopt;
  return number ? std::optional(PythonValue{*number}) : std::nullopt;
}

std::optional<PythonValue> method_result(const std::string& method, const PythonValue& object) {
  if (object.text() == nullptr) return std::nullopt;
  auto text = *object.text();
  if (method == "strip") {
    const auto begin = text.find_first_not_of(" \t\n");
    if (begin == text.npos) return PythonValue{std::string()};
    return PythonValue{text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1)};
  }
  if (method != "lower" && method != "upper") return std::nullopt;
  std::transform(text.begin(), text.end(), text.begin(), [&](unsigned char c) {
    return static_cast<char>(method == "lower" ? std::tolower(c) : std::toupper(c));
  });
  return PythonValue{std::move(text)};
}

template <class Function>
Outcome applied(Outcome argument, const Expression& expression, const Function& function) {
  if (!argument.value) {
    // bool() of what is known to be true or not.
    const bool is_bool = dotted_text(expression.items[0]) == "bool";
    if (is_bool || argument.truth == Truth::open) return argument;
    return unknown(expression.text);
  }
  auto value = function(*argument.value);
  return value ? known(std::move(*value), std::move(argument.because)) : unknown(expression.text);
}

}  // namespace

Outcome Evaluator::name(const Expression& expression, int scope) {
  const auto& text = dotted_text(expression);
  if (auto found = assumed_or_ruled(text, nullptr, scope, expression.text)) return *found;
  if (auto found = bound(text, scope)) return *found;
  return asked(expression, scope);
}

std::optional<Outcome> Evaluator::assumed_or_ruled(const std::string& text, const Expression* call,
                                                   int scope, const std::string& shown) {
  if (const auto it = context_.profile.variables.find(text);
      it != context_.profile.variables.end()) {
    return known(declared_value(it->second), {assumption_text(*it)});
  }
  for (const auto& rule : context_.rules.platform) {
    const bool fits = rule.is_call == (call != nullptr);
    if (!fits || !match_rule_name(context_.rules, rule.name, text)) continue;
    return platform(rule, call, scope, shown);
  }
  for (const auto& read : context_.rules.reads) {
    if (read.is_call != (call != nullptr)) continue;
    const auto variable = match_rule_name(context_.rules, read.name, text);
    if (!variable) continue;
    if (!read.argument) return environment(*variable, read, nullptr, scope);
    if (auto found = argument_read(read, *call, scope)) return found;
  }
  return std::nullopt;
}

std::optional<Outcome> Evaluator::bound(const std::string& text, int scope) {
  if (!context_.resolve) return std::nullopt;
  const auto found = context_.resolve(text, scope);
  if (!found) return std::nullopt;
  if (!in_progress_.emplace(text, scope).second) return unknown(text);
  auto outcome = of(found->expression, found->scope);
  in_progress_.erase({text, scope});
  return outcome;
}

Outcome Evaluator::asked(const Expression& expression, int scope) const {
  const auto truth = context_.probe ? context_.probe(expression, scope) : Truth::open;
  if (truth == Truth::open) return unknown(expression.text);
  const auto* answer = truth == Truth::yes ? "true" : "false";
  return {truth, std::nullopt, {}, {fmt::format("{} is {}", expression.text, answer)}};
}

Outcome Evaluator::call(const Expression& expression, int scope) {
  if (expression.items.empty()) return unknown(expression.text);
  if (auto found = builtin(expression, scope)) return *found;
  auto callee = dotted_text(expression.items[0]);
  auto callee_scope = scope;
  // A function that was imported or assigned under another name.
  for (int hop = 0; hop < alias_limit; ++hop) {
    if (auto found = assumed_or_ruled(callee, &expression, scope, expression.text)) return *found;
    if (!context_.resolve) break;
    if (expression.items.size() == 1 && expression.keywords.empty()) {
      if (auto found = bound(callee + "()", callee_scope)) return *found;
    }
    const auto alias = context_.resolve(callee, callee_scope);
    const bool is_name = alias && (alias->expression.kind == Kind::name ||
                                   alias->expression.kind == Kind::attribute);
    if (!is_name) break;
    callee = dotted_text(alias->expression);
    callee_scope = alias->scope;
  }
  return asked(expression, scope);
}

std::optional<Outcome> Evaluator::builtin(const Expression& expression, int scope) {
  const auto& callee = expression.items[0];
  const auto& text = dotted_text(callee);
  const bool is_version = std::any_of(
      context_.rules.version_calls.begin(), context_.rules.version_calls.end(),
      [&](const std::string& rule) { return match_rule_name(context_.rules, rule, text); });
  if (expression.items.size() == 2 &&
      (is_version || text == "bool" || text == "int" || text == "str")) {
    auto argument = of(expression.items[1], scope);
    return applied(std::move(argument), expression, [&](const PythonValue& value) {
      if (!is_version) return converted(text, value);
      return value.text() == nullptr ? std::nullopt
                                     : std::optional(PythonValue{PythonVersion{*value.text()}});
    });
  }
  if (expression.items.size() != 1 || callee.kind != Kind::attribute || callee.items.empty()) {
    return std::nullopt;
  }
  if (!method_result(callee.value, {std::string()})) return std::nullopt;
  return applied(of(callee.items[0], scope), expression,
                 [&](const PythonValue& value) { return method_result(callee.value, value); });
}

}  // namespace fusegate::probe
