#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "suites/op.hpp"

namespace fusegate::suites {

/// An op with everything bound.
class Case {
 public:
  Case(const Op& op, std::vector<Value> values);

  [[nodiscard]] const Op& op() const { return *op_; }
  /// In the order of the op's parameters.
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }

  // The value of a parameter that the op has with that kind.
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double real(std::string_view name) const;
  [[nodiscard]] const std::string& word(std::string_view name) const;

  /// The canonical line: parses back to an equal case.
  [[nodiscard]] std::string line() const;

  friend bool operator==(const Case& a, const Case& b) {
    return a.op_ == b.op_ && a.values_ == b.values_;
  }

 private:
  [[nodiscard]] const Value& value(std::string_view name) const;

  const Op* op_;
  std::vector<Value> values_;
};

/// A line with lists: all combinations of its values, the last parameter varying fastest. They are
/// made one at a time, never all at once.
class CaseList {
 public:
  CaseList(const Op& op, std::vector<std::vector<Value>> values);

  [[nodiscard]] const Op& op() const { return *op_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Case at(std::uint64_t index) const;
  [[nodiscard]] bool contains(const Case& c) const;

 private:
  const Op* op_;
  std::vector<std::vector<Value>> values_;  ///< for each parameter, without repetitions
  std::uint64_t size_;
};

/// Parses `op key=value...`, values being lists: `1,3,17`, ranges `1..8`, `64..512:64`, powers of
/// two `pow2:512..8192`. `seed` is what lines without a seed get. Throws UsageError that names the
/// key, what was given and what may be given.
[[nodiscard]] CaseList parse_cases(std::string_view line, std::int64_t seed = 0);

/// Parses a line that stands for one case. Throws UsageError, also for several.
[[nodiscard]] Case parse_case(std::string_view line);

[[nodiscard]] std::string value_text(const Value& value);

}  // namespace fusegate::suites
