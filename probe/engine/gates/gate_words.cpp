// The conditions of gates in words.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/engine/gates/evaluate_gate.hpp"

namespace fusegate::probe {
namespace {

/// "256 KiB" where it is that, to the byte.
std::string bytes_words(std::int64_t bytes) {
  constexpr std::int64_t kib = 1024;
  constexpr std::int64_t mib = kib * kib;
  if (bytes >= mib && bytes % mib == 0) return fmt::format("{} MiB", bytes / mib);
  if (bytes >= kib && bytes % kib == 0) return fmt::format("{} KiB", bytes / kib);
  return fmt::format("{}", bytes);
}

/// "1e-5", as people write it.
std::string number_words(double number) {
  auto text = fmt::format("{:g}", number);
  const auto exponent = text.find("e-0");
  return exponent == text.npos ? text : text.erase(exponent + 2, 1);
}

std::string value_words(const GateValue& value, GateQuantity quantity) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return number_words(*number);
  const auto number = std::get<std::int64_t>(value);
  const bool is_size = quantity == GateQuantity::bytes || quantity == GateQuantity::row_bytes;
  return is_size ? bytes_words(number) : fmt::format("{}", number);
}

/// "a, b or c"
std::string alternatives(const QuantityTest& test) {
  std::string text;
  for (std::size_t i = 0; i < test.values.size(); ++i) {
    const bool is_last = i + 1 == test.values.size();
    text += (i == 0 ? "" : is_last ? " or " : ", ") + value_words(test.values[i], test.quantity);
  }
  return text;
}

std::string_view test_words(GateTest test) {
  switch (test) {
    case GateTest::is_in:
    case GateTest::equals:
      return "is";
    case GateTest::is_not_in:
      return "is not";
    case GateTest::begins_with:
      return "begins with";
    case GateTest::at_least:
      return "at least";
    case GateTest::at_most:
      return "at most";
    case GateTest::above:
      return "above";
    case GateTest::below:
      return "below";
    case GateTest::multiple_of:
      return "a multiple of";
    case GateTest::divides:
      return "a divisor of";
  }
  return "";
}

std::string_view variable_words(VariableIs is) {
  switch (is) {
    case VariableIs::set:
      return "set";
    case VariableIs::unset:
      return "not set";
    case VariableIs::is_true:
      return "true";
    case VariableIs::is_false:
      return "not true";
  }
  return "";
}

}  // namespace

std::string words_of(const GateCondition& condition) {
  if (const auto* state = std::get_if<StateTest>(&condition)) return state->words;
  if (const auto* variable = std::get_if<VariableTest>(&condition)) {
    return fmt::format("{} is {}", variable->name, variable_words(variable->is));
  }
  const auto& test = std::get<QuantityTest>(condition);
  return fmt::format("{} {} {}", name_of(test.quantity), test_words(test.test), alternatives(test));
}

std::string words_of(const GateClause& clause) {
  std::vector<std::string> where;
  for (const auto& condition : clause.where) where.push_back(words_of(condition));
  const auto asked = words_of(clause.condition);
  return where.empty() ? asked : fmt::format("{}, where {}", asked, join(where, " and "));
}

}  // namespace fusegate::probe
