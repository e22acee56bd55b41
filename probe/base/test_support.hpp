// What the tests of all folders share.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace fusegate {

/// What the exception says that `action` throws.
template <class Exception, class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

inline void expect_contains(std::string_view text, std::string_view part) {
  EXPECT_TRUE(text.find(part) != text.npos) << "'" << part << "' is not in: " << text;
}

}  // namespace fusegate
