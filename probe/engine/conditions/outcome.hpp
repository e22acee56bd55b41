#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "probe/engine/conditions/profile.hpp"
#include "probe/engine/conditions/python_value.hpp"

namespace fusegate::probe {

/// What is known of an expression's value: all of it, whether it is true, or nothing.
struct Outcome {
  Truth truth = Truth::open;
  std::optional<PythonValue> value;
  std::vector<std::string> open;
  std::vector<std::string> because;
};

[[nodiscard]] inline Truth truth_of(bool truth) {
  return truth ? Truth::yes : Truth::no;
}

[[nodiscard]] inline Outcome known(PythonValue value, std::vector<std::string> because = {}) {
  const auto truth = truth_of(is_true(value));
  return {truth, std::move(value), {}, std::move(because)};
}

[[nodiscard]] inline Outcome unknown(std::string text) {
  return {Truth::open, std::nullopt, {std::move(text)}, {}};
}

}  // namespace fusegate::probe
