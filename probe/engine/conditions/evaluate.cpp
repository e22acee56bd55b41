#include <cstdint>

#include "probe/engine/conditions/evaluator.hpp"

namespace fusegate::probe {
namespace {

using Kind = Expression::Kind;
using Strings = std::vector<std::string>;

// Real conditions need some dozens; a name that means others that mean others grows without end.
constexpr int depth_limit = 100;
constexpr int step_limit = 20000;

Outcome constant(const Expression& expression) {
  if (expression.is_string) return known({expression.value});
  auto literal = parse_literal(expression.value);
  return literal ? known(std::move(*literal)) : unknown(expression.text);
}

/// Of what is only known to be true or not: a probe's answer, a version. Where it is not true, it
/// is both False and None.
std::optional<bool> compare_truth(const std::string& comparison, const Outcome& a,
                                  const Outcome& b) {
  const auto& literal = a.value ? a : b;
  const auto& other = a.value ? b : a;
  if (!literal.value || other.truth == Truth::open) return std::nullopt;
  const bool is_bool = std::holds_alternative<bool>(literal.value->what);
  if (!is_bool && !literal.value->is_none()) return std::nullopt;
  const bool is_same = literal.truth == other.truth;
  if (comparison == "is" || comparison == "==") return is_same;
  if (comparison == "is not" || comparison == "!=") return !is_same;
  return std::nullopt;
}

}  // namespace

Outcome Evaluator::of(const Expression& expression, int scope) {
  if (depth_ >= depth_limit || ++steps_ > step_limit) return unknown(expression.text);
  ++depth_;
  auto outcome = of_kind(expression, scope);
  --depth_;
  return outcome;
}

Outcome Evaluator::of_kind(const Expression& expression, int scope) {
  switch (expression.kind) {
    case Kind::constant:
      return constant(expression);
    case Kind::name:
    case Kind::attribute:
      return name(expression, scope);
    case Kind::call:
      return call(expression, scope);
    case Kind::all_of:
      return joined(expression, scope, Truth::no);
    case Kind::any_of:
      return joined(expression, scope, Truth::yes);
    case Kind::negation:
      return negation(expression, scope);
    case Kind::choice:
      return choice(expression, scope);
    case Kind::comparison:
      return comparison(expression, scope);
    case Kind::list:
      return list(expression, scope);
    case Kind::subscript:
      return subscript(expression, scope);
    case Kind::none:
    case Kind::other:
      break;
  }
  return unknown(expression.text);
}

Outcome Evaluator::joined(const Expression& expression, int scope, Truth deciding) {
  Outcome all{deciding == Truth::no ? Truth::yes : Truth::no, std::nullopt, {}, {}};
  for (const auto& item : expression.items) {
    auto one = of(item, scope);
    if (one.truth == deciding) {
      if (all.truth == Truth::open) one.value.reset();  // which of them it is, is not known
      return one;
    }
    if (one.truth == Truth::open) all.truth = Truth::open;
    append_new(all.open, one.open);
    append_new(all.because, one.because);
    all.value = std::move(one.value);
  }
  if (all.truth == Truth::open) all.value.reset();
  return all;
}

Outcome Evaluator::negation(const Expression& expression, int scope) {
  auto inner = of(expression.items.at(0), scope);
  if (inner.truth == Truth::open) {
    inner.value.reset();
    return inner;
  }
  return known({inner.truth == Truth::no}, std::move(inner.because));
}

Outcome Evaluator::choice(const Expression& expression, int scope) {
  auto test = of(expression.items.at(0), scope);
  if (test.truth != Truth::open) {
    auto taken = of(expression.items.at(test.truth == Truth::yes ? 1 : 2), scope);
    append_new(test.because, taken.because);
    taken.because = std::move(test.because);
    return taken;
  }
  auto first = of(expression.items.at(1), scope);
  const auto second = of(expression.items.at(2), scope);
  append_new(first.because, second.because);
  first.value.reset();
  if (first.truth == second.truth && first.truth != Truth::open) return first;
  append_new(test.open, first.open);
  append_new(test.open, second.open);
  return {Truth::open, std::nullopt, std::move(test.open), std::move(first.because)};
}

Outcome Evaluator::comparison(const Expression& expression, int scope) {
  const auto& left = expression.items.at(0);
  const auto& right = expression.items.at(1);
  const bool is_membership = expression.value == "in" || expression.value == "not in";
  if (is_membership && is_environment(right)) return membership(expression, scope);
  // "name" in inspect.signature(f).parameters, however it got its name.
  if (is_membership && left.is_string && context_.probe) {
    if (auto found = asked(expression, scope); found.truth != Truth::open) {
      const bool is_in = found.truth == Truth::yes;
      return known({is_in == (expression.value == "in")}, std::move(found.because));
    }
  }
  auto a = of(left, scope);
  const auto b = of(right, scope);
  auto result = a.value && b.value ? compare(expression.value, *a.value, *b.value)
                                   : compare_truth(expression.value, a, b);
  append_new(a.because, b.because);
  if (result) return known({*result}, std::move(a.because));
  append_new(a.open, b.open);
  if (a.open.empty()) a.open.push_back(expression.text);
  return {Truth::open, std::nullopt, std::move(a.open), std::move(a.because)};
}

Outcome Evaluator::membership(const Expression& expression, int scope) {
  const auto variable = of(expression.items.at(0), scope).value;
  if (!variable || variable->text() == nullptr) return unknown(expression.text);
  EnvironmentRead read;
  read.as = EnvironmentRead::As::is_set;
  auto found = environment(*variable->text(), read, nullptr, scope);
  if (found.truth == Truth::open || expression.value == "in") return found;
  return known({found.truth == Truth::no}, std::move(found.because));
}

Outcome Evaluator::list(const Expression& expression, int scope) {
  std::vector<PythonValue> values;
  Strings because;
  for (const auto& item : expression.items) {
    auto one = of(item, scope);
    if (!one.value) return {Truth::yes, std::nullopt, {}, {}};
    values.push_back(std::move(*one.value));
    append_new(because, one.because);
  }
  return known({std::move(values)}, std::move(because));
}

Outcome Evaluator::subscript(const Expression& expression, int scope) {
  auto index = of(expression.items.at(1), scope);
  if (index.value && index.value->text() != nullptr && is_environment(expression.items.at(0))) {
    return environment(*index.value->text(), {}, nullptr, scope);
  }
  const auto object = of(expression.items.at(0), scope);
  if (!index.value || !object.value) return unknown(expression.text);
  const std::int64_t place = integer_of(*index.value).value_or(-1);
  const auto* items = std::get_if<std::vector<PythonValue>>(&object.value->what);
  const bool is_inside =
      items != nullptr && place >= 0 && place < static_cast<std::int64_t>(items->size());
  if (!is_inside) return unknown(expression.text);
  return known((*items)[static_cast<std::size_t>(place)], object.because);
}

Evaluation evaluate(const Expression& expression, int scope, const EvaluationContext& context) {
  auto outcome = Evaluator(context).of(expression, scope);
  if (outcome.truth != Truth::open) outcome.open.clear();
  return {outcome.truth, std::move(outcome.open), std::move(outcome.because)};
}

}  // namespace fusegate::probe
