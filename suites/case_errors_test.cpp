// What parsing a line says about what it cannot take: the key, what was given, what may be given.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suites/case.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

std::string error_of(const std::string& line) {
  return usage_error([&] { static_cast<void>(parse_cases(line)); });
}

// A sound line but for one parameter.
std::string error_of(const std::string& key, const std::string& value) {
  std::string line = "rms_norm";
  for (const auto& [name, sound] : std::vector<std::pair<std::string, std::string>>{
           {"dtype", "fp32"}, {"tokens", "1"}, {"hidden", "1"}, {"eps", "0"}, {"seed", "0"}}) {
    line += " " + name + "=" + (name == key ? value : sound);
  }
  return error_of(line);
}

// ---- The op and the keys ----------------------------------------------------------------------

TEST(CaseErrors, AnEmptyLineIsNoCase) {
  expect_contains(error_of(""), "an empty line is no case");
  expect_contains(error_of(" \t "), "an empty line is no case");
}

TEST(CaseErrors, AnUnknownOpNamesTheNearestAndAll) {
  const auto error = error_of("rms_nrom dtype=fp32");
  expect_contains(error, "no op 'rms_nrom'");
  expect_contains(error, "did you mean 'rms_norm'?");
  for (const Op& op : all_ops()) expect_contains(error, op.name);
}

TEST(CaseErrors, AnUnknownKeyNamesTheNearestAndAll) {
  const auto error = error_of("rms_norm dtype=fp32 hiden=5");
  expect_contains(error, "rms_norm: there is no parameter 'hiden'");
  expect_contains(error, "did you mean 'hidden'?");
  for (const Parameter& parameter : find_op("rms_norm").parameters)
    expect_contains(error, parameter.name);
}

TEST(CaseErrors, AKeyOfAnotherOpIsUnknown) {
  expect_contains(error_of("rms_norm dtype=fp32 in_place=1"), "there is no parameter 'in_place'");
}

TEST(CaseErrors, AKeyHasNoSpacesInIt) {
  expect_contains(error_of("rms_norm tokens =1"), "'tokens' is not key=value");
  expect_contains(error_of("rms_norm tokens= 1"), "tokens=:");
  expect_contains(error_of("rms_norm =1"), "there is no parameter ''");
}

TEST(CaseErrors, AKeyGivenTwiceIsNamed) {
  expect_contains(error_of("rms_norm tokens=1 hidden=2 tokens=1"),
                  "rms_norm: tokens is given twice");
}

TEST(CaseErrors, AMissingKeyIsNamedWithItsMeaning) {
  EXPECT_EQ(error_of("rms_norm tokens=1 hidden=1 eps=0"),
            "rms_norm: dtype= is missing (element type of all tensors)");
  EXPECT_EQ(error_of("rms_norm dtype=fp32 hidden=1 eps=0"), "rms_norm: tokens= is missing (rows)");
  EXPECT_EQ(error_of("rms_norm dtype=fp32 tokens=1 eps=0"),
            "rms_norm: hidden= is missing (elements of a row)");
  EXPECT_EQ(error_of("rms_norm dtype=fp32 tokens=1 hidden=1"),
            "rms_norm: eps= is missing (added to the mean of squares, under the root)");
}

// ---- Words ------------------------------------------------------------------------------------

TEST(CaseErrors, AnUnknownWordNamesTheNearestAndAll) {
  EXPECT_EQ(error_of("dtype", "bf61"),
            "rms_norm: dtype=bf61: is none of fp32, fp16, bf16, did you mean 'bf16'?");
  EXPECT_EQ(error_of("dtype", "fp32,double"),
            "rms_norm: dtype=double: is none of fp32, fp16, bf16");
  EXPECT_EQ(error_of("dtype", ""), "rms_norm: dtype=: is none of fp32, fp16, bf16");
}

TEST(CaseErrors, WordsAreCaseSensitive) {
  expect_contains(error_of("dtype", "BF16"), "dtype=BF16: is none of");
}

// ---- Whole numbers ----------------------------------------------------------------------------

class BadInteger : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Texts, BadInteger,
                         testing::Values("x", "-1", "16777217", "1e3", "1.0", "0x10", "+5", "",
                                         "99999999999999999999", "-99999999999999999999", "1_000",
                                         "1;2", "nan", "1k"));

TEST_P(BadInteger, NamesTheKeyTheTextAndWhatMayBeGiven) {
  const auto error = error_of("tokens", GetParam());
  expect_contains(error, std::string("rms_norm: tokens=") + GetParam() + ":");
  expect_contains(error, "from 0 to 16777216");
}

TEST(CaseErrors, TheSmallestAndLargestOfAParameterAreItsOwn) {
  expect_contains(error_of("hidden", "0"), "from 1 to 1048576");
  expect_contains(error_of("hidden", "1048577"), "from 1 to 1048576");
  EXPECT_EQ(parse_cases("rms_norm dtype=fp32 tokens=0,16777216 hidden=1,1048576 eps=0").size(), 4u);
}

TEST(CaseErrors, AHoleInAListIsNoNumber) {
  expect_contains(error_of("tokens", "1,,2"), "tokens=:");
  expect_contains(error_of("tokens", "1,"), "tokens=:");
}

// ---- Ranges -----------------------------------------------------------------------------------

struct BadRange {
  const char* text;
  const char* why;
};

class BadRanges : public testing::TestWithParam<BadRange> {};
INSTANTIATE_TEST_SUITE_P(
    Texts, BadRanges,
    testing::Values(BadRange{"5..1", "tokens=5..1: the range is empty"},
                    BadRange{"1..5:0", "tokens=1..5:0: the step"},
                    BadRange{"1..5:-1", "tokens=1..5:-1: the step"},
                    BadRange{"1..5:", "tokens=1..5:: the step"},
                    BadRange{"1..5:x", "tokens=1..5:x: the step"}, BadRange{"1..", "tokens=:"},
                    BadRange{"..5", "tokens=:"}, BadRange{"1...5", "tokens=.5:"},
                    BadRange{"1..2..3", "tokens=2..3:"},
                    BadRange{"1..16777217", "tokens=16777217: "},
                    BadRange{"pow2:512", "tokens=pow2:512: pow2: wants a range"},
                    BadRange{"pow2:3..9", "begins with a power of two"},
                    BadRange{"pow2:0..8", "begins with a power of two"},
                    BadRange{"pow2:1..8:2", "tokens=pow2:1..8:2: the step"},
                    BadRange{"pow3:1..8", "tokens=pow3:1:"}));

TEST_P(BadRanges, SayWhy) {
  expect_contains(error_of("tokens", GetParam().text), GetParam().why);
}

TEST(CaseErrors, AListHasALargestLength) {
  expect_contains(error_of("tokens", "1..1000001"), "tokens=1..1000001: more than 1000000 values");
  expect_contains(error_of("tokens", "1..1000000,5..6"), "tokens=5..6: more than 1000000 values");
  EXPECT_EQ(parse_cases("rms_norm dtype=fp32 tokens=1..1000000 hidden=1 eps=0").size(), 1000000u);
}

TEST(CaseErrors, CombinationsBeyond64BitsAreTooMany) {
  const std::string wide = "=1..65536 ";
  const std::string line = "rms_norm dtype=fp32 eps=0 tokens" + wide + "hidden" + wide;
  expect_contains(error_of(line + "x_stride" + wide + "out_stride" + wide),
                  "rms_norm: too many combinations");
  EXPECT_EQ(parse_cases(line + "x_stride" + wide + "out_stride=1..65535").size(),
            0xffff'0000'0000'0000u);
}

// ---- Real numbers -----------------------------------------------------------------------------

class BadReal : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Texts, BadReal,
                         testing::Values("x", "-1", "-1e-300", "nan", "-nan", "inf", "-inf",
                                         "infinity", "1e400", "0x1p-3", "+1", "", "1e", "1.2.3",
                                         "1..2", "1d-6", "1f"));

TEST_P(BadReal, NamesTheKeyTheTextAndWhatMayBeGiven) {
  EXPECT_EQ(error_of("eps", GetParam()), std::string("rms_norm: eps=") + GetParam() +
                                             ": is not a finite number of at least 0, as in 1e-06");
}

// ---- One case ---------------------------------------------------------------------------------

TEST(ParseCase, RefusesSeveral) {
  const std::string line = "rms_norm dtype=fp32 tokens=1,2 hidden=1 eps=0";
  const auto error = usage_error([&] { static_cast<void>(parse_case(line)); });
  expect_contains(error, "'" + line + "' stands for 2 cases where one is wanted");
}

}  // namespace
}  // namespace fusegate::suites
