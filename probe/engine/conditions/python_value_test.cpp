#include "probe/engine/conditions/python_value.hpp"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

PythonValue literal(const char* text) {
  return parse_literal(text).value();
}
PythonValue version(const char* text) {
  return {PythonVersion{text}};
}

std::optional<bool> compared(const char* a, const char* comparison, const char* b) {
  return compare(comparison, literal(a), literal(b));
}

TEST(ParseLiteral, ReadsWhatPythonWrites) {
  EXPECT_TRUE(literal("None").is_none());
  EXPECT_EQ(std::get<bool>(literal("True").what), true);
  EXPECT_EQ(integer_of(literal("1_000")), 1000);
  EXPECT_EQ(std::get<double>(literal("1e-5").what), 1e-5);
  EXPECT_EQ(*literal("'a b'").text(), "a b");
}

TEST(ParseLiteral, RefusesExpressions) {
  for (const char* text : {"", "a", "1 + 1", "f(1)", "'a' + 'b'", "'a", "'\\n'", "(1,)"}) {
    EXPECT_FALSE(parse_literal(text)) << text;
  }
}

TEST(IsTrue, IsThatOfPython) {
  for (const char* text : {"None", "False", "0", "0.0", "''"}) {
    EXPECT_FALSE(is_true(literal(text))) << text;
  }
  for (const char* text : {"True", "1", "0.5", "'0'"}) EXPECT_TRUE(is_true(literal(text))) << text;
}

TEST(Compare, TakesNumbersByValueAndTypesApart) {
  EXPECT_EQ(compared("1", "==", "True"), true);
  EXPECT_EQ(compared("1", "==", "1.0"), true);
  EXPECT_EQ(compared("1", "==", "'1'"), false);
  EXPECT_EQ(compared("None", "is", "None"), true);
  EXPECT_EQ(compared("0", "is not", "None"), true);
  EXPECT_EQ(compared("2", "<", "10"), true);
}

TEST(Compare, AnswersNothingWherePythonRaises) {
  EXPECT_EQ(compared("1", "<", "'a'"), std::nullopt);
  EXPECT_EQ(compared("1", "in", "2"), std::nullopt);
}

TEST(Compare, LooksIntoListsAndTexts) {
  const PythonValue list{std::vector{literal("'true'"), literal("'1'")}};
  EXPECT_EQ(compare("in", literal("'1'"), list), true);
  EXPECT_EQ(compare("not in", literal("'no'"), list), true);
  EXPECT_EQ(compared("'gfx94'", "in", "'gfx942'"), true);
}

TEST(Compare, OrdersTuplesAndVersions) {
  const PythonValue a{std::vector{literal("9"), literal("0")}};
  const PythonValue b{std::vector{literal("10"), literal("0")}};
  EXPECT_EQ(compare("<", a, b), true);
  EXPECT_EQ(compare(">=", version("2.10.0"), version("2.9")), true);
  EXPECT_EQ(compare("==", version("2.9.0"), version("2.9")), true);
}

}  // namespace
}  // namespace fusegate::probe
