#include "probe/engine/conditions/platform.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "probe/engine/conditions/environment_value.hpp"

namespace fusegate::probe {
namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// Major version, then minor and stepping with a digit each: LLVM's AMDGPU processor names.
bool is_gfx(std::string_view text) {
  const std::size_t digits = text.starts_with('1') ? 4 : 3;
  return text.size() == digits && is_digit(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

std::optional<int> number(std::string_view digits, int base) {
  int value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// (9, 0) of 90 and of the pair itself.
std::optional<std::pair<int, int>> asked_capability(const PythonValue& argument) {
  if (const auto* list = std::get_if<std::vector<PythonValue>>(&argument.what)) {
    if (list->size() != 2) return std::nullopt;
    const auto major = integer_of(list->front()), minor = integer_of(list->back());
    if (!major || !minor) return std::nullopt;
    return std::pair(static_cast<int>(*major), static_cast<int>(*minor));
  }
  const auto whole = integer_of(argument);
  if (!whole) return std::nullopt;
  return std::pair(static_cast<int>(*whole / 10), static_cast<int>(*whole % 10));
}

std::optional<PythonValue> capability_answer(CapabilityTest test, std::pair<int, int> capability,
                                             const std::optional<PythonValue>& argument) {
  const auto [major, minor] = capability;
  if (test == CapabilityTest::number) return PythonValue{std::int64_t{major * 10 + minor}};
  if (test == CapabilityTest::pair) {
    return PythonValue{
        std::vector{PythonValue{std::int64_t{major}}, PythonValue{std::int64_t{minor}}}};
  }
  const auto asked = argument ? asked_capability(*argument) : std::nullopt;
  if (!asked) return std::nullopt;
  if (test == CapabilityTest::at_least) return PythonValue{capability >= *asked};
  if (test == CapabilityTest::exactly) return PythonValue{capability == *asked};
  return PythonValue{major == asked->first};
}

/// The value of the longest beginning.
std::optional<std::string> value_for(const PlatformRule& rule, std::string_view architecture) {
  if (rule.value) return rule.value;
  if (architecture.empty()) return std::nullopt;
  std::optional<std::string> found;
  std::size_t length = 0;
  for (const auto& [beginning, value] : rule.values) {
    if (!architecture.starts_with(beginning) || beginning.size() < length) continue;
    found = value;
    length = beginning.size();
  }
  return found;
}

}  // namespace

std::optional<std::string> parse_architecture(std::string_view given) {
  std::string lower(given.substr(0, given.find(':')));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string_view text = lower;
  if (text.starts_with("gfx")) {
    return is_gfx(text.substr(3)) ? std::optional(std::string(text)) : std::nullopt;
  }
  if (!text.starts_with("sm")) return std::nullopt;
  text.remove_prefix(text.starts_with("sm_") ? 3 : 2);
  if (!text.empty() && (text.back() == 'a' || text.back() == 'f')) text.remove_suffix(1);
  const bool is_number = text.size() >= 2 && std::all_of(text.begin(), text.end(), is_digit);
  return is_number ? std::optional(fmt::format("sm_{}", text)) : std::nullopt;
}

std::optional<std::pair<int, int>> capability_of(std::string_view architecture) {
  // The last digit of AMD's is the stepping; minor and stepping are hexadecimal.
  const bool is_amd = architecture.starts_with("gfx");
  auto digits = architecture.substr(std::min<std::size_t>(3, architecture.size()));
  if (is_amd && !digits.empty()) digits.remove_suffix(1);
  if (digits.size() < 2) return std::nullopt;
  const auto major = number(digits.substr(0, digits.size() - 1), 10);
  const auto minor = number(digits.substr(digits.size() - 1), is_amd ? 16 : 10);
  if (!major || !minor) return std::nullopt;
  return std::pair(*major, *minor);
}

Truth holds(const PlatformTerm& term, std::string_view architecture) {
  using Kind = PlatformTerm::Kind;
  auto truth = Truth::open;
  if (term.kind == Kind::never) {
    truth = Truth::no;
  } else if (architecture.empty()) {
    return Truth::open;
  } else if (term.kind == Kind::amd) {
    truth = truth_of(architecture.starts_with("gfx"));
  } else if (term.kind == Kind::nvidia) {
    truth = truth_of(architecture.starts_with("sm_"));
  } else if (term.kind == Kind::other_platform) {
    truth = Truth::no;
  } else if (term.kind == Kind::architecture) {
    truth =
        truth_of(std::any_of(term.values.begin(), term.values.end(), [&](const std::string& start) {
          return architecture.starts_with(start);
        }));
  }
  if (!term.is_negated || truth == Truth::open) return truth;
  return truth_of(truth == Truth::no);
}

Outcome platform_value(const PlatformRule& rule, const std::string& architecture,
                       const std::optional<PythonValue>& argument, const std::string& text) {
  std::optional<PythonValue> value;
  if (rule.capability != CapabilityTest::none) {
    const auto capability = capability_of(architecture);
    if (capability) value = capability_answer(rule.capability, *capability, argument);
  } else if (const auto found = value_for(rule, architecture)) {
    value = declared_value(*found);
  }
  if (!value) return unknown(text);
  if (rule.value) return known(std::move(*value));
  return known(std::move(*value), {fmt::format("{} is assumed", architecture)});
}

}  // namespace fusegate::probe
