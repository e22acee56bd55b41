#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "probe/sources/problem.hpp"

// Texts from files, as JSON of this folder's values has them.

namespace fusegate::probe {

inline nlohmann::ordered_json shown_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(shown(text));
}

inline nlohmann::ordered_json shown_list(const std::vector<std::string>& texts) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& text : texts) list.push_back(shown(text));
  return list;
}

}  // namespace fusegate::probe
