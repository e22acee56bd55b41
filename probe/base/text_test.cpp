#include "probe/base/text.hpp"

#include <gtest/gtest.h>

#include "probe/base/hash.hpp"

namespace fusegate {
namespace {

const std::vector<std::string> commands{"check", "doctor", "probe", "report", "run", "schema"};

TEST(NearestName, FindsSwappedAndMissingLetters) {
  EXPECT_EQ(nearest_name("docotr", commands), "doctor");
  EXPECT_EQ(nearest_name("chck", commands), "check");
  EXPECT_EQ(nearest_name("rn", commands), "run");
}

TEST(NearestName, StaysSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("frobnicate", commands), "");
  EXPECT_EQ(did_you_mean("frobnicate", commands), "");
}

TEST(Split, KeepsEmptyPieces) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split_words("  a\tb  "), (std::vector<std::string_view>{"a", "b"}));
}

TEST(Printable, EscapesAndCuts) {
  EXPECT_EQ(printable("a\x01\xff", 80), "a\\x01\\xff");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

TEST(Hash, IsTheSameOnEveryMachine) {
  // XXH3's published test vector for the empty input, seed 0.
  EXPECT_EQ(hash_text(""), "2d06800538d394c2");
  Fingerprint pieces;
  pieces.add("fuse");
  pieces.add("gate");
  Fingerprint whole;
  whole.add("fusegate");
  EXPECT_EQ(pieces.text(), whole.text());
}

}  // namespace
}  // namespace fusegate
