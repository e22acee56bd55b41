#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// What tests of the readers of facts share: facts that are damaged in every place.

namespace fusegate::probe {

/// Whether the text is taken for facts; a failure where it is refused in another way than promised.
template <class Parse>
bool is_taken(const std::string& text, const Parse& parse) {
  try {
    static_cast<void>(parse(text));
    return true;
  } catch (const std::runtime_error&) {
    return false;
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << " of " << text;
    return false;
  }
}

/// Any beginning of good facts is refused; any other byte or value in any place does no harm.
template <class Parse>
void expect_survives_damage(const std::string& whole, const Parse& parse) {
  using nlohmann::ordered_json;
  EXPECT_TRUE(is_taken(whole, parse));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(is_taken(whole.substr(0, size), parse)) << size;
    for (const char byte : std::string_view("\0\n\x80\xff\"[]{},:0-9.e", 16)) {
      auto text = whole;
      text[size] = byte;
      is_taken(text, parse);
    }
  }
  const auto good = ordered_json::parse(whole);
  const auto others = ordered_json::parse(
      R"([null, true, -1, 1.5, 1e300, 99999999999999999999, "x", "", [], [[]], {}, {"a": "b"}])");
  const auto flat = good.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    // The value itself and all that it is in.
    for (ordered_json::json_pointer at(pointer); !at.empty(); at.pop_back()) {
      for (const auto& other : others) {
        auto changed = good;
        changed[at] = other;
        is_taken(changed.dump(), parse);
      }
    }
  }
}

}  // namespace fusegate::probe
