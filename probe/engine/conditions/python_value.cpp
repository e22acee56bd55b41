#include "probe/engine/conditions/python_value.hpp"

#include <algorithm>
#include <charconv>
#include <compare>
#include <system_error>

#include "probe/base/version.hpp"

namespace fusegate::probe {
namespace {

using List = std::vector<PythonValue>;

template <class Number>
std::optional<PythonValue> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return PythonValue{value};
}

/// A string without escapes, prefixes and further quotes.
std::optional<PythonValue> quoted(std::string_view text) {
  const char quote = text.front();
  if (text.size() < 2 || text.back() != quote) return std::nullopt;
  const auto inside = text.substr(1, text.size() - 2);
  const bool is_plain = inside.find(quote) == inside.npos && inside.find('\\') == inside.npos;
  if (!is_plain) return std::nullopt;
  return PythonValue{std::string(inside)};
}

std::optional<double> real_of(const PythonValue& value) {
  if (const auto whole = integer_of(value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value.what)) return *real;
  return std::nullopt;
}

/// "2.9" of "2.9.0": version_less orders even those, by their letters.
std::string_view without_zeros(std::string_view version) {
  while (version.ends_with(".0")) version.remove_suffix(2);
  return version;
}

std::partial_ordering order(const PythonVersion& a, const PythonVersion& b) {
  const auto plain_a = without_zeros(a.text), plain_b = without_zeros(b.text);
  if (version_less(plain_a, plain_b)) return std::partial_ordering::less;
  if (version_less(plain_b, plain_a)) return std::partial_ordering::greater;
  return std::partial_ordering::equivalent;
}

std::optional<std::partial_ordering> order(const PythonValue& a, const PythonValue& b);

std::optional<std::partial_ordering> order(const List& a, const List& b) {
  for (std::size_t at = 0; at < std::min(a.size(), b.size()); ++at) {
    const auto one = order(a[at], b[at]);
    if (!one || *one != 0) return one;
  }
  return a.size() <=> b.size();
}

/// Nothing for what has no order.
std::optional<std::partial_ordering> order(const PythonValue& a, const PythonValue& b) {
  const auto real_a = real_of(a), real_b = real_of(b);
  if (real_a && real_b) return *real_a <=> *real_b;
  if (a.text() != nullptr && b.text() != nullptr) return *a.text() <=> *b.text();
  const auto* list_a = std::get_if<List>(&a.what);
  const auto* list_b = std::get_if<List>(&b.what);
  if (list_a != nullptr && list_b != nullptr) return order(*list_a, *list_b);
  const auto* version_a = std::get_if<PythonVersion>(&a.what);
  const auto* version_b = std::get_if<PythonVersion>(&b.what);
  if (version_a == nullptr || version_b == nullptr) return std::nullopt;
  return order(*version_a, *version_b);
}

bool is_equal(const PythonValue& a, const PythonValue& b) {
  if (a.is_none() || b.is_none()) return a.is_none() && b.is_none();
  const auto compared = order(a, b);
  return compared && *compared == 0;  // of different types: not the same
}

std::optional<bool> is_in(const PythonValue& a, const PythonValue& b) {
  if (const auto* list = std::get_if<List>(&b.what)) {
    return std::any_of(list->begin(), list->end(),
                       [&](const PythonValue& item) { return is_equal(a, item); });
  }
  if (a.text() == nullptr || b.text() == nullptr) return std::nullopt;
  return b.text()->find(*a.text()) != std::string::npos;
}

}  // namespace

std::optional<PythonValue> parse_literal(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text == "None") return PythonValue{PythonNone{}};
  if (text == "True" || text == "False") return PythonValue{text == "True"};
  if (text.front() == '"' || text.front() == '\'') return quoted(text);
  std::string digits(text);
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  if (digits.find_first_not_of("0123456789.eE+-") != digits.npos) return std::nullopt;
  const auto whole = number<std::int64_t>(digits);
  return whole ? whole : number<double>(digits);
}

bool is_true(const PythonValue& value) {
  if (value.is_none()) return false;
  if (const auto real = real_of(value)) return *real != 0;
  if (const auto* text = value.text()) return !text->empty();
  const auto* list = std::get_if<List>(&value.what);
  return list == nullptr || !list->empty();
}

std::optional<std::int64_t> integer_of(const PythonValue& value) {
  if (const auto* truth = std::get_if<bool>(&value.what)) return *truth ? 1 : 0;
  if (const auto* whole = std::get_if<std::int64_t>(&value.what)) return *whole;
  return std::nullopt;
}

std::optional<bool> compare(std::string_view comparison, const PythonValue& a,
                            const PythonValue& b) {
  if (comparison == "==" || comparison == "is") return is_equal(a, b);
  if (comparison == "!=" || comparison == "is not") return !is_equal(a, b);
  if (comparison == "in") return is_in(a, b);
  if (comparison == "not in") {
    const auto found = is_in(a, b);
    return found ? std::optional(!*found) : std::nullopt;
  }
  const auto compared = order(a, b);
  if (!compared) return std::nullopt;
  if (comparison == "<") return *compared < 0;
  if (comparison == "<=") return *compared <= 0;
  if (comparison == ">") return *compared > 0;
  if (comparison == ">=") return *compared >= 0;
  return std::nullopt;
}

}  // namespace fusegate::probe
