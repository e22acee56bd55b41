#include <algorithm>

#include <fmt/format.h>

#include "probe/engine/conditions/environment_value.hpp"
#include "probe/engine/conditions/evaluator.hpp"
#include "probe/engine/conditions/platform.hpp"

namespace fusegate::probe {
namespace {

using Kind = Expression::Kind;
using Strings = std::vector<std::string>;

/// find_spec("NAME").
Expression find_spec(const std::string& package) {
  Expression callee, argument, call;
  callee.kind = Kind::name;
  callee.text = callee.value = "find_spec";
  argument.kind = Kind::constant;
  argument.is_string = true;
  argument.value = package;
  argument.text = fmt::format("\"{}\"", package);
  call.kind = Kind::call;
  call.text = fmt::format("find_spec({})", argument.text);
  call.items = {std::move(callee), std::move(argument)};
  return call;
}

}  // namespace

Outcome Evaluator::platform(const PlatformRule& rule, const Expression* call, int scope,
                            const std::string& shown) {
  const auto& architecture = context_.profile.architecture;
  if (rule.all_of.empty()) {
    std::optional<PythonValue> argument;
    if (call != nullptr && call->items.size() > 1) argument = of(call->items[1], scope).value;
    return platform_value(rule, architecture, argument, shown);
  }
  Outcome all{Truth::yes, std::nullopt, {}, {}};
  for (const auto& term : rule.all_of) {
    const auto one = of_term(term, scope, shown);
    if (one.truth == Truth::no) return {Truth::no, std::nullopt, {}, one.because};
    if (one.truth == Truth::open) all.truth = Truth::open;
    append_new(all.open, one.open);
    append_new(all.because, one.because);
  }
  return all;
}

Outcome Evaluator::of_term(const PlatformTerm& term, int scope, const std::string& shown) {
  const auto& architecture = context_.profile.architecture;
  if (term.kind == PlatformTerm::Kind::variable) {
    EnvironmentRead read;
    read.as = EnvironmentRead::As::declared;
    return environment(term.values.at(0), read, nullptr, scope);
  }
  if (term.kind == PlatformTerm::Kind::package) return asked(find_spec(term.values.at(0)), scope);
  const auto truth = holds(term, architecture);
  if (truth == Truth::open) return unknown(shown);
  Strings because;
  if (term.kind != PlatformTerm::Kind::never)
    because.push_back(fmt::format("{} is assumed", architecture));
  return {truth, std::nullopt, {}, std::move(because)};
}

std::optional<Outcome> Evaluator::argument_read(const EnvironmentRead& read, const Expression& call,
                                                int scope) {
  const auto place = *read.argument + 1;
  if (place >= call.items.size()) return std::nullopt;
  const auto variable = of(call.items[place], scope).value;
  if (!variable || variable->text() == nullptr) return unknown(call.text);
  const Expression* otherwise = nullptr;
  for (const auto& [keyword, value] : call.keywords) {
    if (keyword == "default") otherwise = &value;
  }
  const bool has_default = read.default_argument && *read.default_argument + 1 < call.items.size();
  if (has_default) otherwise = &call.items[*read.default_argument + 1];
  return environment(*variable->text(), read, otherwise, scope);
}

Outcome Evaluator::environment(const std::string& variable, const EnvironmentRead& read,
                               const Expression* otherwise, int scope) {
  const auto it = context_.profile.variables.find(variable);
  const bool is_set = it != context_.profile.variables.end();
  if (!is_set && !context_.profile.use_defaults) return unknown(variable);
  Strings because{is_set ? assumption_text(*it) : fmt::format("{} is not assumed", variable)};
  if (read.as == EnvironmentRead::As::is_set) return known({is_set}, std::move(because));
  const auto raw = is_set ? std::optional(PythonValue{it->second})
                          : default_of(variable, read, otherwise, scope);
  auto value = raw ? read_as(read.as, *raw) : std::nullopt;
  return value ? known(std::move(*value), std::move(because)) : unknown(variable);
}

std::optional<PythonValue> Evaluator::default_of(const std::string& variable,
                                                 const EnvironmentRead& read,
                                                 const Expression* otherwise, int scope) {
  if (otherwise != nullptr) return of(*otherwise, scope).value;
  if (read.default_value) return parse_literal(*read.default_value);
  const auto it = context_.rules.defaults.find(variable);
  return it == context_.rules.defaults.end() ? std::nullopt : parse_literal(it->second);
}

bool Evaluator::is_environment(const Expression& expression) const {
  const auto& names = context_.rules.environment_mappings;
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return match_rule_name(context_.rules, name, dotted_text(expression)).has_value();
  });
}

}  // namespace fusegate::probe
