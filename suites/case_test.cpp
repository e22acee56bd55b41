#include "suites/case.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suites/suite.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

// The values of one parameter over all cases of a line, in their order.
std::vector<std::int64_t> integers(const std::string& line, const char* parameter = "tokens") {
  const CaseList list = parse_cases(line);
  std::vector<std::int64_t> values;
  for (std::uint64_t i = 0; i < list.size(); ++i) values.push_back(list.at(i).integer(parameter));
  return values;
}

std::vector<std::int64_t> tokens(const std::string& list) {
  return integers("rms_norm dtype=fp32 hidden=1 eps=0 tokens=" + list);
}

Case with_eps(const std::string& eps) {
  return parse_case("rms_norm dtype=fp32 tokens=1 hidden=1 eps=" + eps);
}

using Integers = std::vector<std::int64_t>;
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

// ---- parse(print(c)) == c ---------------------------------------------------------------------

void expect_round_trip(const Case& c) {
  const std::string line = c.line();
  const Case again = parse_case(line);
  ASSERT_EQ(again, c) << line;
  ASSERT_EQ(again.line(), line);
}

TEST(Case, OfEverySuiteParsesBack) {
  for (const Suite& suite : all_suites()) {
    for (const std::string& line : suite.case_lines()) {
      const CaseList list = parse_cases(line);
      for (std::uint64_t i = 0; i < list.size(); ++i)
        ASSERT_NO_FATAL_FAILURE(expect_round_trip(list.at(i)));
    }
  }
}

// A value that the parameter may have: often one of its ends, or what is left out when printed.
Value random_value(const Parameter& parameter, std::mt19937_64& random) {
  const auto choice = random() % 4;
  if (choice == 0 && parameter.otherwise) return *parameter.otherwise;
  switch (parameter.kind) {
    case Parameter::Kind::word:
      return parameter.words[random() % parameter.words.size()];
    case Parameter::Kind::integer:
      if (choice == 1) return parameter.smallest;
      if (choice == 2) return parameter.largest;
      return std::uniform_int_distribution(parameter.smallest, parameter.largest)(random);
    case Parameter::Kind::real:
      break;
  }
  if (choice == 1) return 0.0;
  if (choice == 2) return std::pow(10.0, static_cast<int>(random() % 40) - 20);
  for (;;) {  // any pattern: subnormal numbers too
    const auto bits = random() >> 1;
    double number = 0;
    std::memcpy(&number, &bits, sizeof number);
    if (std::isfinite(number)) return number;
  }
}

TEST(Case, OfRandomValuesParsesBack) {
  std::mt19937_64 random(1);
  for (const Op& op : all_ops()) {
    for (int i = 0; i < 2000; ++i) {
      std::vector<Value> values;
      for (const Parameter& parameter : op.parameters)
        values.push_back(random_value(parameter, random));
      ASSERT_NO_FATAL_FAILURE(expect_round_trip(Case(op, values)));
    }
  }
}

// ---- The canonical line -----------------------------------------------------------------------

TEST(CaseLine, LeavesDefaultsOut) {
  EXPECT_EQ(parse_case("rms_norm dtype=bf16 tokens=17 hidden=7168 eps=1e-06 x_stride=0 x_offset=0 "
                       "inputs=normal seed=0")
                .line(),
            "rms_norm dtype=bf16 tokens=17 hidden=7168 eps=1e-06");
}

TEST(CaseLine, KeepsWhatIsNoDefault) {
  const std::string line =
      "add_rms_norm dtype=fp16 tokens=0 hidden=1 eps=0 in_place=1 x_stride=5 residual_offset=2 "
      "inputs=exact seed=7";
  EXPECT_EQ(parse_case(line).line(), line);
}

TEST(CaseLine, HasTheOpsOrderAndSingleSpaces) {
  EXPECT_EQ(parse_case("  rms_norm\tseed=7  eps=1 hidden=2\n tokens=3 dtype=fp32 ").line(),
            "rms_norm dtype=fp32 tokens=3 hidden=2 eps=1 seed=7");
}

TEST(CaseLine, HasTheShortestTextOfANumber) {
  const std::vector<std::pair<std::string, std::string>> texts{{"1e-06", "1e-06"},
                                                               {"1e-6", "1e-06"},
                                                               {"0.000001", "1e-06"},
                                                               {"1E-6", "1e-06"},
                                                               {"0", "0"},
                                                               {"0.0", "0"},
                                                               {"1", "1"},
                                                               {"1.0", "1"},
                                                               {"1e0", "1"},
                                                               {"0.01", "0.01"},
                                                               {".01", "0.01"},
                                                               {"1e-2", "0.01"},
                                                               {"1e-5", "1e-05"},
                                                               {"1e-12", "1e-12"},
                                                               {"0.0001", "0.0001"},
                                                               {"1e5", "100000"},
                                                               {"1e+20", "1e+20"},
                                                               {"0.1", "0.1"},
                                                               {"5e-324", "5e-324"},
                                                               {"1e308", "1e+308"},
                                                               {"0.1000", "0.1"},
                                                               {"00.5", "0.5"},
                                                               {"123456789.5", "123456789.5"}};
  for (const auto& [given, canonical] : texts) {
    EXPECT_EQ(value_text(with_eps(given).values()[3]), canonical) << given;
  }
}

TEST(CaseLine, OfMinusZeroIsThatOfZero) {
  EXPECT_EQ(with_eps("-0").line(), with_eps("0").line());
  EXPECT_EQ(with_eps("-0.0").line(), with_eps("0").line());
  EXPECT_EQ(tokens("-0"), tokens("0"));
}

// ---- Lists ------------------------------------------------------------------------------------

TEST(CaseList, KeepsTheOrderOfAList) {
  EXPECT_EQ(tokens("17,1,64"), (Integers{17, 1, 64}));
}

TEST(CaseList, ExpandsARangeWithBothEnds) {
  EXPECT_EQ(tokens("2..5"), (Integers{2, 3, 4, 5}));
  EXPECT_EQ(tokens("5..5"), (Integers{5}));
}

TEST(CaseList, ExpandsARangeWithAStep) {
  EXPECT_EQ(tokens("64..256:64"), (Integers{64, 128, 192, 256}));
  EXPECT_EQ(tokens("1..10:4"), (Integers{1, 5, 9})) << "the end is not stepped over";
}

TEST(CaseList, ExpandsPowersOfTwo) {
  EXPECT_EQ(tokens("pow2:512..8192"), (Integers{512, 1024, 2048, 4096, 8192}));
  EXPECT_EQ(tokens("pow2:1..7"), (Integers{1, 2, 4}));
}

TEST(CaseList, TakesRangesAmongOthers) {
  EXPECT_EQ(tokens("9,1..3,pow2:16..32,7"), (Integers{9, 1, 2, 3, 16, 32, 7}));
}

TEST(CaseList, EndsAtTheLargestNumber) {
  const std::string line = "rms_norm dtype=fp32 tokens=1 hidden=1 eps=0 seed=";
  EXPECT_EQ(integers(line + "9223372036854775806..9223372036854775807", "seed"),
            (Integers{largest - 1, largest}));
  EXPECT_EQ(integers(line + "pow2:4611686018427387904..9223372036854775807", "seed"),
            (Integers{largest / 2 + 1}));
}

TEST(CaseList, DropsRepetitions) {
  EXPECT_EQ(tokens("3,1,1..3,pow2:1..4,3"), (Integers{3, 1, 2, 4}));
  EXPECT_EQ(
      parse_cases("rms_norm dtype=fp32,fp16,fp32 tokens=1 hidden=1 eps=1e-6,1e-06,-0,0").size(),
      4u);
}

TEST(CaseList, DropsRepetitionsInLongLists) {
  EXPECT_EQ(tokens("1..600,1..600").size(), 600u);
  EXPECT_EQ(tokens("1..5000,4000..6000").size(), 6000u);
}

TEST(CaseList, VariesTheLastParameterFastest) {
  const CaseList list = parse_cases("rms_norm eps=1,0 dtype=fp32,bf16 hidden=8 tokens=1,2");
  std::vector<std::string> lines;
  for (std::uint64_t i = 0; i < list.size(); ++i) lines.push_back(list.at(i).line());
  EXPECT_EQ(lines, (std::vector<std::string>{"rms_norm dtype=fp32 tokens=1 hidden=8 eps=1",
                                             "rms_norm dtype=fp32 tokens=1 hidden=8 eps=0",
                                             "rms_norm dtype=fp32 tokens=2 hidden=8 eps=1",
                                             "rms_norm dtype=fp32 tokens=2 hidden=8 eps=0",
                                             "rms_norm dtype=bf16 tokens=1 hidden=8 eps=1",
                                             "rms_norm dtype=bf16 tokens=1 hidden=8 eps=0",
                                             "rms_norm dtype=bf16 tokens=2 hidden=8 eps=1",
                                             "rms_norm dtype=bf16 tokens=2 hidden=8 eps=0"}));
}

TEST(CaseList, ContainsItsCasesAndNoOthers) {
  const CaseList list = parse_cases("rms_norm dtype=fp32,bf16 tokens=1,2 hidden=8 eps=0");
  for (std::uint64_t i = 0; i < list.size(); ++i)
    EXPECT_TRUE(list.contains(list.at(i))) << list.at(i).line();
  for (const char* other : {"rms_norm dtype=fp16 tokens=1 hidden=8 eps=0",
                            "rms_norm dtype=fp32 tokens=3 hidden=8 eps=0",
                            "rms_norm dtype=fp32 tokens=1 hidden=8 eps=1",
                            "rms_norm dtype=fp32 tokens=1 hidden=8 eps=0 seed=1",
                            "add_rms_norm dtype=fp32 tokens=1 hidden=8 eps=0"}) {
    EXPECT_FALSE(list.contains(parse_case(other))) << other;
  }
}

TEST(CaseList, GivesTheSeedToLinesWithoutOne) {
  const std::string line = "rms_norm dtype=fp32 tokens=1 hidden=1 eps=0";
  EXPECT_EQ(parse_cases(line, 7).at(0).line(), line + " seed=7");
  EXPECT_EQ(parse_cases(line + " seed=0", 7).at(0).line(), line);
}

TEST(Case, GivesItsValuesByName) {
  const Case c = parse_case("rms_norm dtype=bf16 tokens=17 hidden=64 eps=0.5 seed=3");
  EXPECT_EQ(c.word("dtype"), "bf16");
  EXPECT_EQ(c.integer("hidden"), 64);
  EXPECT_EQ(c.real("eps"), 0.5);
  EXPECT_EQ(c.word("inputs"), "normal");
}

}  // namespace
}  // namespace fusegate::suites
