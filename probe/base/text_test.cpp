#include "probe/base/text.hpp"

#include <tuple>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/hash.hpp"
#include "probe/base/pattern.hpp"
#include "probe/base/test_support.hpp"

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

TEST(ShellQuoted, IsOneWordWhateverIsInIt) {
  EXPECT_EQ(shell_quoted("a b $c"), "'a b $c'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

TEST(WithoutControls, KeepsTextAndLines) {
  EXPECT_EQ(without_controls("a\tb\nc \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
            "a\tb\nc \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST(WithoutControls, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(without_controls("\033[2J\r\a\x7f"), "\\x1b[2J\\x0d\\x07\\x7f");
  EXPECT_EQ(without_controls("\xc2\x9b"
                             "2J"),
            "\\xc2\\x9b2J")
      << "CSI as one character";
}

TEST(WithoutControls, ShowsWhatTurnsTheOrderOfCharacters) {
  EXPECT_EQ(without_controls("a\xe2\x80\xae"
                             "b"),
            "a\\xe2\\x80\\xaeb");
  EXPECT_EQ(without_controls("\xe2\x81\xa6"), "\\xe2\\x81\\xa6");
  EXPECT_EQ(without_controls("\xe2\x80\xaf"), "\xe2\x80\xaf") << "a narrow space";
}

TEST(ForeignText, IndentsFurtherLinesAndCuts) {
  EXPECT_EQ(foreign_text("one\n1254 pass\033[0m", 4), "one\n    1254 pass\\x1b[0m");
  EXPECT_EQ(foreign_text(std::string(2048, 'x'), 4), std::string(2048, 'x'));
  EXPECT_EQ(foreign_text(std::string(2049, 'x'), 4), std::string(2048, 'x') + "...");
}

TEST(JsonDepth, CountsBracketsOutsideStrings) {
  EXPECT_EQ(json_depth("5"), 0u);
  EXPECT_EQ(json_depth(R"({"a": [1, {"b": 2}], "c": {}})"), 3u);
  EXPECT_EQ(json_depth(R"(["[[[[\"[[[", "\\"])"), 1u);
  EXPECT_EQ(json_depth("]]][["), 2u) << "what is no JSON";
}

TEST(JsonErrorText, LeavesOutTheExceptionsName) {
  const auto what = message_of<nlohmann::ordered_json::parse_error>(
      [] { std::ignore = nlohmann::ordered_json::parse("[1, 2"); });
  ASSERT_TRUE(what.starts_with("[json.exception.")) << what;
  EXPECT_TRUE(json_error_text(what).starts_with("parse error at line 1")) << what;
}

TEST(JsonErrorText, KeepsAnyOtherText) {
  for (const char* text : {"", "[1] is no name", "[json.exception.", "a [json.exception.x] b"}) {
    EXPECT_EQ(json_error_text(text), text);
  }
}

TEST(WithoutControls, ShowsWhatIsNoUtf8) {
  EXPECT_EQ(without_controls("\x9b"), "\\x9b");
  EXPECT_EQ(without_controls("\xc0\x9b"), "\\xc0\\x9b") << "overlong";
  EXPECT_EQ(without_controls("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(without_controls("a\xe2\x82"), "a\\xe2\\x82") << "cut short";
}

TEST(Pattern, SearchesAsGrepDoes) {
  const Pattern pattern("^rms_norm .*hidden=(7|64)( |$)");
  EXPECT_TRUE(pattern.is_in("rms_norm dtype=bf16 hidden=64 eps=0"));
  EXPECT_TRUE(pattern.is_in("rms_norm hidden=7"));
  EXPECT_FALSE(pattern.is_in("rms_norm hidden=640"));
  EXPECT_FALSE(pattern.is_in("add_rms_norm hidden=7"));
}

TEST(Pattern, SaysWhatIsWrongWithAnExpression) {
  expect_contains(message_of<UsageError>([] { const Pattern pattern("a(b"); }),
                  "'a(b' is no regular expression: Unmatched (");
}

TEST(Pattern, RefusesOneThatWouldTakeAllMemory) {
  for (const std::string& expression :
       {std::string("(((a{1,255}){1,255}){1,255})"), std::string("((a{50}){50}){,50}"),
        std::string("((a{99,}){99,}){99,}"), std::string(5000, 'a')}) {
    EXPECT_THROW(Pattern{expression}, UsageError) << expression;
  }
  EXPECT_TRUE(Pattern("hidden=[0-9]{1,5} .*(a{2}){3}|7").is_in("7"));
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
