#include "suites/suite.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "suites/plan.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

using Lines = std::vector<std::string>;

TEST(Suites, AreFoundByNameAndMakeSense) {
  ASSERT_FALSE(all_suites().empty());
  for (const Suite& suite : all_suites()) {
    EXPECT_EQ(&find_suite(suite.name), &suite);
    EXPECT_FALSE(suite.meaning.empty()) << suite.name;
    if (suite.lines.empty()) continue;  // known defects: the libraries' contracts have them
    EXPECT_GT(Plan({.lines = suite.case_lines()}).size(), 0u) << suite.name;
  }
}

TEST(Suites, AnUnknownOneNamesTheNearestAndAll) {
  const auto error = usage_error([] { static_cast<void>(find_suite("smok")); });
  EXPECT_EQ(
      error,
      "there is no suite 'smok', did you mean 'smoke'?; there are ci, defects, limits, models, smoke");
}

TEST(ParseSuite, TakesLinesWithModelsAndWithout) {
  const Suite suite = parse_suite(R"({"name": "n", "meaning": "m", "models": {"A": "a book"},
      "cases": ["plain", {"case": "of A", "models": ["A"], "what": "its norm"}]})");
  EXPECT_EQ(suite.case_lines(), (Lines{"plain", "of A"}));
  EXPECT_EQ(suite.lines.at(0).models, Lines{});
  EXPECT_EQ(suite.lines.at(1).models, Lines{"A"});
  EXPECT_EQ(suite.lines.at(1).what, "its norm");
  EXPECT_EQ(suite.models, (std::map<std::string, std::string>{{"A", "a book"}}));
}

// ---- The shapes of models -----------------------------------------------------------------------

TEST(ModelsSuite, EachLineStandsForModelsAndSaysForWhatOfThem) {
  for (const SuiteLine& line : find_suite("models").lines) {
    EXPECT_FALSE(line.models.empty()) << line.line;
    EXPECT_FALSE(line.what.empty()) << line.line;
    EXPECT_EQ(std::set<std::string>(line.models.begin(), line.models.end()).size(),
              line.models.size())
        << line.line;
  }
}

TEST(ModelsSuite, SaysOfEachModelWhereItsFiguresAreFromAndOfNoOther) {
  const Suite& suite = find_suite("models");
  std::map<std::string, int> lines;
  for (const SuiteLine& line : suite.lines) {
    for (const auto& model : line.models) ++lines[model];
  }
  for (const auto& [model, count] : lines) EXPECT_TRUE(suite.models.contains(model)) << model;
  for (const auto& [model, source] : suite.models) {
    EXPECT_FALSE(source.empty()) << model;
    EXPECT_TRUE(lines.contains(model)) << model << " has no case";
  }
}

// A shape that several models meet is one line, which names them all.
TEST(ModelsSuite, HasEachCaseOnce) {
  const auto lines = find_suite("models").case_lines();
  std::map<std::string, std::string> seen;  // case, line
  for (const auto& line : lines) {
    const CaseList list = parse_cases(line);
    for (std::uint64_t i = 0; i < list.size(); ++i) {
      const auto [it, is_new] = seen.try_emplace(list.at(i).line(), line);
      EXPECT_TRUE(is_new) << it->first << " is in '" << it->second << "' and in '" << line << "'";
    }
  }
  EXPECT_LE(seen.size(), 600u) << "a run on a CPU takes minutes";
}

TEST(ModelsSuite, HasDecodingAndPromptsInTheFormatOfTheModels) {
  std::set<std::int64_t> tokens;
  Plan({.lines = find_suite("models").case_lines()}).for_each([&](const Case& c) {
    EXPECT_EQ(c.word("dtype"), "bf16") << c.line();
    tokens.insert(c.integer("tokens"));
    return true;
  });
  for (const std::int64_t some : {1, 4, 8, 16, 64, 128, 1024, 4096}) {
    EXPECT_TRUE(tokens.contains(some)) << some;
  }
}

}  // namespace
}  // namespace fusegate::suites
