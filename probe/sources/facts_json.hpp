#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"

// What the readers of facts share. All of it throws nlohmann::json::exception or std::runtime_error
// on a value that is otherwise.

namespace fusegate::probe::facts_json {

using json = nlohmann::ordered_json;

[[noreturn]] inline void refuse(const std::string& what) {
  throw std::runtime_error("not the facts of a Python file: " + what);
}

/// The items of an array. A loop over any other value would run, too, but for what it holds.
inline const json::array_t& items(const json& value) {
  return value.get_ref<const json::array_t&>();
}

inline int integer(const json& value) {
  const auto number = value.get_ref<const json::number_unsigned_t&>();
  if (number > std::numeric_limits<int>::max()) refuse("a number");
  return static_cast<int>(number);
}

template <class Enum, std::size_t count>
Enum enum_of(const json& value, const std::array<const char*, count>& names) {
  const auto& text = value.get_ref<const std::string&>();
  for (std::size_t index = 0; index < count; ++index) {
    if (text == names[index]) return static_cast<Enum>(index);
  }
  refuse(fmt::format("'{}'", printable(text, 40)));
}

/// What `read` makes of a line of a script's facts, in which brackets are nested at most so deep.
/// Throws std::runtime_error on anything else.
template <class Read>
auto read_facts(std::string_view text, std::size_t depth_limit, const Read& read) {
  if (json_depth(text) > depth_limit) refuse("nested too deep");
  try {
    return read(json::parse(text));
  } catch (const json::exception& error) {
    refuse(error.what());
  }
}

}  // namespace fusegate::probe::facts_json
