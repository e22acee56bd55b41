#include "kernels/worker/options.hpp"

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace fusegate::kernels {
namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();

template <class Function>
std::string objection(Function&& function) {
  try {
    static_cast<void>(function());
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

TEST(WholeNumber, TakesBothEndsOfItsRange) {
  EXPECT_EQ(whole_number("1", 1, 64), 1);
  EXPECT_EQ(whole_number("64", 1, 64), 64);
  EXPECT_EQ(whole_number("9223372036854775807", 1, most), most);
}

TEST(WholeNumber, SaysWhatItWants) {
  for (const char* text : {"0", "65", "-1", "abc", "", "8k", " 8", "8 ", "1e3", "0x10", "3.5",
                           "9223372036854775808", "18446744073709551616"}) {
    EXPECT_EQ(objection([&] { return whole_number(text, 1, 64); }),
              "wants a whole number from 1 to 64")
        << '\'' << text << '\'';
  }
}

TEST(PositiveNumber, TakesFractions) {
  EXPECT_EQ(positive_number("0.05"), 0.05);
  EXPECT_EQ(positive_number("1e6"), 1e6);
}

TEST(PositiveNumber, SaysWhatItWants) {
  for (const char* text : {"0", "-1", "abc", "", "nan", "inf", "1s", "1e999"}) {
    EXPECT_EQ(objection([&] { return positive_number(text); }),
              "wants a number above 0, as in 0.5 or 20")
        << '\'' << text << '\'';
  }
}

}  // namespace
}  // namespace fusegate::kernels
