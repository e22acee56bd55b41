#include "probe/engine/conditions/environment_value.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace fusegate::probe {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

PythonValue declared_value(std::string_view text) {
  const auto small = lower(std::string(text));
  if (small == "true" || small == "false") return {small == "true"};
  auto literal = parse_literal(text);
  return literal ? *literal : PythonValue{std::string(text)};
}

std::optional<PythonValue> read_as(EnvironmentRead::As as, const PythonValue& raw) {
  using As = EnvironmentRead::As;
  const auto* text = raw.text();
  if (text == nullptr || as == As::text) return raw;
  if (as == As::boolean) {
    const auto small = lower(*text);
    return PythonValue{small == "true" || small == "1"};
  }
  if (as == As::declared) return declared_value(*text);
  const auto literal = parse_literal(*text);
  const auto whole = literal ? integer_of(*literal) : std::nullopt;
  return whole ? std::optional(PythonValue{*whole}) : std::nullopt;
}

}  // namespace fusegate::probe
