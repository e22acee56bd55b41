#include "probe/base/text.hpp"

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/hash.hpp"
#include "probe/base/pattern.hpp"

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

TEST(Pattern, SearchesAsGrepDoes) {
  const Pattern pattern("^rms_norm .*hidden=(7|64)( |$)");
  EXPECT_TRUE(pattern.is_in("rms_norm dtype=bf16 hidden=64 eps=0"));
  EXPECT_TRUE(pattern.is_in("rms_norm hidden=7"));
  EXPECT_FALSE(pattern.is_in("rms_norm hidden=640"));
  EXPECT_FALSE(pattern.is_in("add_rms_norm hidden=7"));
}

TEST(Pattern, SaysWhatIsWrongWithAnExpression) {
  try {
    const Pattern pattern("a(b");
    FAIL() << "an expression without its closing bracket was taken";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("'a(b' is no regular expression: Unmatched ("),
              std::string::npos)
        << error.what();
  }
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
