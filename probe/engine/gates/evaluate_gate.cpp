#include "probe/engine/gates/evaluate_gate.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

/// Of one condition: yes, no, or not known, and then for lack of what.
struct Outcome {
  std::optional<bool> holds;
  std::string missing;
};

std::optional<std::int64_t> whole(const GateShape& shape, GateQuantity quantity) {
  const auto it = shape.given.find(quantity);
  if (it == shape.given.end()) return std::nullopt;
  const auto* number = std::get_if<std::int64_t>(&it->second);
  return number ? std::optional(*number) : std::nullopt;
}

std::optional<std::int64_t> element_bytes(const GateShape& shape) {
  const auto it = shape.given.find(GateQuantity::dtype);
  if (it == shape.given.end()) return std::nullopt;
  const auto* name = std::get_if<std::string>(&it->second);
  if (name == nullptr) return std::nullopt;
  if (*name == "bf16" || *name == "fp16") return 2;
  if (*name == "fp32") return 4;
  return std::nullopt;
}

std::optional<GateValue> value_of(const GateShape& shape, GateQuantity quantity) {
  const auto it = shape.given.find(quantity);
  if (it != shape.given.end()) return it->second;
  if (quantity != GateQuantity::bytes && quantity != GateQuantity::row_bytes) return std::nullopt;
  const auto hidden = whole(shape, GateQuantity::hidden);
  const auto size = element_bytes(shape);
  if (!hidden || !size) return std::nullopt;
  const std::int64_t row = *hidden * *size;
  if (quantity == GateQuantity::row_bytes) return row;
  const auto tokens = whole(shape, GateQuantity::tokens);
  if (!tokens) return std::nullopt;
  return *tokens * row;
}

bool begins_with(const GateValue& value, const GateValue& beginning) {
  const auto* text = std::get_if<std::string>(&value);
  const auto* start = std::get_if<std::string>(&beginning);
  return text != nullptr && start != nullptr && text->starts_with(*start);
}

std::int64_t remainder_of(const GateValue& value, const GateValue& divisor) {
  const auto number = std::get<std::int64_t>(divisor);
  return number == 0 ? 1 : std::get<std::int64_t>(value) % number;
}

/// Values of one quantity have one type, so that `<` of the variants compares them.
bool passes(const QuantityTest& test, const GateValue& value) {
  const auto& first = test.values.front();
  const auto is_one = [&] {
    return std::find(test.values.begin(), test.values.end(), value) != test.values.end();
  };
  switch (test.test) {
    case GateTest::is_in:
    case GateTest::equals:
      return is_one();
    case GateTest::is_not_in:
      return !is_one();
    case GateTest::begins_with:
      return std::any_of(test.values.begin(), test.values.end(),
                         [&](const auto& one) { return begins_with(value, one); });
    case GateTest::at_least:
      return value >= first;
    case GateTest::at_most:
      return value <= first;
    case GateTest::above:
      return value > first;
    case GateTest::below:
      return value < first;
    case GateTest::multiple_of:
      return remainder_of(value, first) == 0;
    case GateTest::divides:
      return remainder_of(first, value) == 0;
  }
  return false;
}

bool is_true(const std::optional<std::string>& text) {
  if (!text) return false;
  std::string lower = *text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower == "1" || lower == "true";
}

Outcome outcome_of(const VariableTest& test, const GateShape& shape) {
  const auto it = shape.variables.find(test.name);
  if (it == shape.variables.end()) return {std::nullopt, test.name};
  switch (test.is) {
    case VariableIs::set:
      return {it->second.has_value(), ""};
    case VariableIs::unset:
      return {!it->second.has_value(), ""};
    case VariableIs::is_true:
      return {is_true(it->second), ""};
    case VariableIs::is_false:
      return {!is_true(it->second), ""};
  }
  return {};
}

Outcome outcome_of(const GateCondition& condition, const GateShape& shape) {
  return std::visit(Overloaded{[&](const QuantityTest& test) -> Outcome {
                                 const auto value = value_of(shape, test.quantity);
                                 if (!value) return {{}, std::string(name_of(test.quantity))};
                                 return {passes(test, *value), ""};
                               },
                               [&](const VariableTest& test) { return outcome_of(test, shape); },
                               [](const StateTest& test) -> Outcome {
                                 return {std::nullopt, test.words};
                               }},
                    condition);
}

/// Bounds of tokens that one clause may draw: the last number on its near side and the first
/// beyond.
void add_bounds(const GateCondition& condition, const GateShape& shape,
                std::set<std::int64_t>& bounds) {
  const auto* test = std::get_if<QuantityTest>(&condition);
  if (test == nullptr) return;
  std::int64_t unit = 1;
  if (test->quantity == GateQuantity::bytes) {
    const auto row = value_of(shape, GateQuantity::row_bytes);
    if (!row) return;
    unit = std::get<std::int64_t>(*row);
  } else if (test->quantity != GateQuantity::tokens) {
    return;
  }
  for (const auto& value : test->values) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr || unit <= 0) continue;
    for (const std::int64_t offset : {-1, 0, 1}) bounds.insert(*number / unit + offset);
  }
}

}  // namespace

GateAnswer evaluate(const GateClause& clause, const GateShape& shape) {
  GateAnswer answer;
  for (const auto& condition : clause.where) {
    const auto outcome = outcome_of(condition, shape);
    if (outcome.holds == false) return {};  // not asked
    if (!outcome.holds) answer.open.push_back(outcome.missing);
  }
  const auto outcome = outcome_of(clause.condition, shape);
  if (outcome.holds == true) return {};  // whether it is asked or not
  if (!outcome.holds) answer.open.push_back(outcome.missing);
  if (answer.open.empty()) {
    answer.verdict = GateVerdict::excluded;
    answer.excluded_by.push_back(&clause);
  } else {
    answer.verdict = GateVerdict::open;
  }
  return answer;
}

GateAnswer evaluate(const GateRule& rule, const GateShape& shape) {
  GateAnswer all;
  for (const auto& clause : rule.all_of) {
    const auto one = evaluate(clause, shape);
    all.excluded_by.insert(all.excluded_by.end(), one.excluded_by.begin(), one.excluded_by.end());
    for (const auto& name : one.open) {
      if (std::find(all.open.begin(), all.open.end(), name) == all.open.end()) {
        all.open.push_back(name);
      }
    }
  }
  all.verdict = !all.excluded_by.empty() ? GateVerdict::excluded
                : all.open.empty()       ? GateVerdict::holds
                                         : GateVerdict::open;
  return all;
}

std::optional<std::int64_t> most_tokens(const GateRule& rule, const GateShape& shape) {
  // Verdicts change only at the bounds that clauses draw.
  std::set<std::int64_t> bounds{1};
  for (const auto& clause : rule.all_of) {
    add_bounds(clause.condition, shape, bounds);
    for (const auto& condition : clause.where) add_bounds(condition, shape, bounds);
  }
  const std::int64_t beyond = *bounds.rbegin() + 1;
  const auto is_excluded = [&](std::int64_t tokens) {
    GateShape asked = shape;
    asked.given[GateQuantity::tokens] = tokens;
    return evaluate(rule, asked).verdict == GateVerdict::excluded;
  };
  if (!is_excluded(beyond)) return std::nullopt;
  for (auto it = bounds.rbegin(); it != bounds.rend() && *it >= 1; ++it) {
    if (!is_excluded(*it)) return *it;
  }
  return 0;
}

}  // namespace fusegate::probe
