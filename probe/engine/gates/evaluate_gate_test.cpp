#include "probe/engine/gates/evaluate_gate.hpp"

#include <cstdint>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

/// Of clauses as the files have them.
GateRule rule_of(const std::string& clauses) {
  return parse_engine_gates(
             fmt::format(R"({{"engine": "toy", "releases": ["1"], "gates": [{{"id": "g",
               "ops": ["rms_norm"], "summary": "s", "rules": [{{"at": [], "marker": "m",
               "all_of": [{}]}}]}}]}})",
                         clauses))
      .gates.at(0)
      .rules.at(0);
}

GateShape bf16(std::int64_t hidden) {
  GateShape shape;
  shape.given = {{GateQuantity::hidden, hidden}, {GateQuantity::dtype, std::string("bf16")}};
  return shape;
}

GateShape bf16(std::int64_t tokens, std::int64_t hidden, std::int64_t world_size) {
  auto shape = bf16(hidden);
  shape.given[GateQuantity::tokens] = tokens;
  shape.given[GateQuantity::world_size] = world_size;
  return shape;
}

GateVerdict verdict(const std::string& clauses, const GateShape& shape) {
  return evaluate(rule_of(clauses), shape).verdict;
}

TEST(EvaluateGate, NamesTheClauseThatExcludes) {
  const auto rule = rule_of(
      R"({"quantity": "tokens", "at_most": 80}, {"quantity": "hidden", "in": [512, 4096]})");
  const auto answer = evaluate(rule, bf16(1, 2880, 2));
  EXPECT_EQ(answer.verdict, GateVerdict::excluded);
  ASSERT_EQ(answer.excluded_by.size(), 1u);
  EXPECT_EQ(answer.excluded_by.at(0), &rule.all_of.at(1));
  EXPECT_EQ(evaluate(rule, bf16(80, 4096, 2)).verdict, GateVerdict::holds);
  EXPECT_EQ(evaluate(rule, bf16(81, 4096, 2)).verdict, GateVerdict::excluded);
}

TEST(EvaluateGate, NamesWhatIsNotGiven) {
  const auto rule = rule_of(
      R"({"quantity": "tokens", "at_most": 80}, {"quantity": "bytes", "below": 9},
         {"state": "it rains"}, {"variable": "TOY", "is": "true"})");
  const auto answer = evaluate(rule, bf16(4));
  EXPECT_EQ(answer.verdict, GateVerdict::open);
  EXPECT_EQ(answer.open, (std::vector<std::string>{"tokens", "bytes", "it rains", "TOY"}));
}

TEST(EvaluateGate, WhatIsSurelyExcludedIsNotOpen) {
  EXPECT_EQ(verdict(R"({"state": "it rains"}, {"quantity": "hidden", "equals": 8})", bf16(9)),
            GateVerdict::excluded);
}

TEST(EvaluateGate, BoundsAreExact) {
  const auto bytes = [](const char* test, std::int64_t tokens) {
    return verdict(fmt::format(R"({{"quantity": "bytes", "{}": 65536}})", test),
                   bf16(tokens, 32768 / 2, 2));  // rows of 32 KiB
  };
  EXPECT_EQ(bytes("below", 1), GateVerdict::holds);
  EXPECT_EQ(bytes("below", 2), GateVerdict::excluded);
  EXPECT_EQ(bytes("at_most", 2), GateVerdict::holds);
  EXPECT_EQ(bytes("above", 2), GateVerdict::excluded);
  EXPECT_EQ(bytes("at_least", 2), GateVerdict::holds);
  EXPECT_EQ(bytes("above", 3), GateVerdict::holds);
}

TEST(EvaluateGate, KnowsDivisorsAndMultiples) {
  const char* pack = R"({"quantity": "hidden", "multiple_of": 8})";
  EXPECT_EQ(verdict(pack, bf16(2880)), GateVerdict::holds);
  EXPECT_EQ(verdict(pack, bf16(2884)), GateVerdict::excluded);
  const char* row = R"({"quantity": "row_bytes", "divides": 32768})";
  EXPECT_EQ(verdict(row, bf16(4096)), GateVerdict::holds);
  EXPECT_EQ(verdict(row, bf16(7168)), GateVerdict::excluded);
  EXPECT_EQ(verdict(row, bf16(0)), GateVerdict::excluded);
}

TEST(EvaluateGate, NamesAreComparedWholeOrByTheirBeginning) {
  GateShape shape;
  shape.given[GateQuantity::arch] = std::string("gfx950");
  EXPECT_EQ(verdict(R"({"quantity": "arch", "begins_with": ["gfx95"]})", shape),
            GateVerdict::holds);
  EXPECT_EQ(verdict(R"({"quantity": "arch", "in": ["gfx95"]})", shape), GateVerdict::excluded);
  EXPECT_EQ(verdict(R"({"quantity": "arch", "not_in": ["gfx942"]})", shape), GateVerdict::holds);
}

TEST(EvaluateGate, WhereRestrictsAClause) {
  const char* clause = R"({"quantity": "bytes", "below": 9000,
    "where": [{"quantity": "world_size", "above": 2}, {"quantity": "world_size", "at_most": 4}]})";
  EXPECT_EQ(verdict(clause, bf16(2, 4096, 2)), GateVerdict::holds);
  EXPECT_EQ(verdict(clause, bf16(2, 4096, 4)), GateVerdict::excluded);
  EXPECT_EQ(verdict(clause, bf16(2, 4096, 8)), GateVerdict::holds);
  EXPECT_EQ(verdict(clause, bf16(1, 4096, 4)), GateVerdict::holds);
}

TEST(EvaluateGate, WhereThatIsOpenLeavesOpenOnlyWhatItWouldExclude) {
  const auto rule =
      rule_of(R"({"quantity": "hidden", "in": [4096], "where": [{"state": "it is old"}]})");
  EXPECT_EQ(evaluate(rule, bf16(4096)).verdict, GateVerdict::holds);
  const auto answer = evaluate(rule, bf16(7168));
  EXPECT_EQ(answer.verdict, GateVerdict::open);
  EXPECT_EQ(answer.open, std::vector<std::string>{"it is old"});
}

TEST(EvaluateGate, VariablesAreSetTrueOrNeither) {
  const auto with = [](std::optional<std::string> value, const char* is) {
    GateShape shape;
    shape.variables["TOY"] = std::move(value);
    return verdict(fmt::format(R"({{"variable": "TOY", "is": "{}"}})", is), shape);
  };
  EXPECT_EQ(with("True", "true"), GateVerdict::holds);
  EXPECT_EQ(with("0", "true"), GateVerdict::excluded);
  EXPECT_EQ(with("0", "false"), GateVerdict::holds);
  EXPECT_EQ(with("0", "set"), GateVerdict::holds);
  EXPECT_EQ(with(std::nullopt, "unset"), GateVerdict::holds);
  EXPECT_EQ(with(std::nullopt, "true"), GateVerdict::excluded);
}

TEST(MostTokens, FollowsTokensAndBytes) {
  const auto rule = rule_of(
      R"({"quantity": "tokens", "at_most": 80}, {"quantity": "bytes", "below": 262144,
          "where": [{"quantity": "world_size", "equals": 4}]}, {"state": "it rains"})");
  auto shape = bf16(4096);
  shape.given[GateQuantity::world_size] = std::int64_t{2};
  EXPECT_EQ(most_tokens(rule, shape), 80);
  shape.given[GateQuantity::world_size] = std::int64_t{4};
  EXPECT_EQ(most_tokens(rule, shape), 31) << "32 rows are 256 KiB, which is not below";
}

TEST(MostTokens, KnowsNoneAndAny) {
  EXPECT_EQ(most_tokens(rule_of(R"({"quantity": "hidden", "equals": 1})"), bf16(2)), 0);
  EXPECT_EQ(most_tokens(rule_of(R"({"quantity": "hidden", "equals": 2})"), bf16(2)), std::nullopt);
  EXPECT_EQ(most_tokens(rule_of(R"({"quantity": "bytes", "at_most": 3})"), bf16(2)), 0);
  EXPECT_EQ(most_tokens(rule_of(R"({"quantity": "bytes", "at_most": 4})"), bf16(2)), 1);
}

TEST(WordsOfGates, SayExactBounds) {
  const auto words = [](const char* clause) { return words_of(rule_of(clause).all_of.at(0)); };
  EXPECT_EQ(words(R"({"quantity": "bytes", "below": 262144,
                      "where": [{"quantity": "world_size", "at_most": 4}]})"),
            "bytes below 256 KiB, where world_size at most 4");
  EXPECT_EQ(words(R"({"quantity": "bytes", "at_most": 67108863})"), "bytes at most 67108863");
  EXPECT_EQ(words(R"({"quantity": "eps", "in": [1e-5, 1e-6]})"), "eps is 1e-5 or 1e-6");
  EXPECT_EQ(words(R"({"quantity": "hidden", "in": [512, 1024, 2048]})"),
            "hidden is 512, 1024 or 2048");
  EXPECT_EQ(words(R"({"variable": "TOY", "is": "unset"})"), "TOY is not set");
}

}  // namespace
}  // namespace fusegate::probe
