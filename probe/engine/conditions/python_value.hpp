#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fusegate::probe {

struct PythonNone {
  bool operator==(const PythonNone&) const = default;
};
/// What packaging.version.parse gives.
struct PythonVersion {
  std::string text;
};

/// A value that conditions are made of.
struct PythonValue {
  std::variant<PythonNone, bool, std::int64_t, double, std::string, PythonVersion,
               std::vector<PythonValue>>
      what;

  [[nodiscard]] bool is_none() const { return std::holds_alternative<PythonNone>(what); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&what); }
};

/// The value of `None`, `True`, `1_000`, `1.5`, `"text"`; nothing of any other text.
[[nodiscard]] std::optional<PythonValue> parse_literal(std::string_view text);

/// As Python's bool().
[[nodiscard]] bool is_true(const PythonValue& value);

/// A whole number; of a bool, 0 or 1.
[[nodiscard]] std::optional<std::int64_t> integer_of(const PythonValue& value);

/// What `a OPERATOR b` is ("==", "is not", "in"); nothing where Python would raise, or where the
/// operator is another one.
[[nodiscard]] std::optional<bool> compare(std::string_view comparison, const PythonValue& a,
                                          const PythonValue& b);

}  // namespace fusegate::probe
