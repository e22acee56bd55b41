#include "probe/engine/gates/engine_gates.hpp"

#include <span>
#include <tuple>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/embedded.hpp"
#include "probe/base/error.hpp"
#include "probe/base/schema_test_support.hpp"
#include "probe/base/test_support.hpp"
#include "probe/engine/sources/engine_rules.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> engine_gates();
}  // namespace fusegate::embedded

namespace fusegate::probe {
namespace {

std::string complaints(const nlohmann::json& document) {
  return schema_complaints(find_embedded(embedded::engine_gates(), "gates.schema.json")->content,
                           document);
}

nlohmann::json document() {
  return nlohmann::json::parse(R"({"engine": "toy", "releases": ["1.0", "1.1"], "gates": [
    {"id": "one", "ops": ["add_rms_norm"], "summary": "text", "rules": [
      {"at": [{"release": "1.0", "file": "toy/a.py", "line": 7}], "marker": "hidden",
       "all_of": [{"quantity": "hidden", "in": [512, 1024]},
                  {"variable": "TOY", "is": "true", "where": [{"state": "it rains"}]},
                  {"quantity": "eps", "in": [1e-5]}]}]}]})");
}

std::string parse_error(const nlohmann::json& changed) {
  return message_of<std::runtime_error>([&] { std::ignore = parse_engine_gates(changed.dump()); });
}

TEST(EngineGates, FilesFollowTheSchema) {
  for (const auto& file : embedded::engine_gates()) {
    if (file.name.ends_with(".schema.json")) continue;
    EXPECT_EQ(complaints(nlohmann::json::parse(file.content)), "") << file.name;
  }
  EXPECT_EQ(complaints(document()), "");
}

TEST(EngineGates, SchemaRefusesWhatIsNoClause) {
  auto both = document();
  both["gates"][0]["rules"][0]["all_of"][0]["state"] = "also this";
  EXPECT_NE(complaints(both), "");
  auto nested = document();
  nested["gates"][0]["rules"][0]["all_of"][1]["where"][0]["where"] = {{{"state", "it pours"}}};
  EXPECT_NE(complaints(nested), "");
  auto unknown = document();
  unknown["gates"][0]["rules"][0]["all_of"][0]["quantity"] = "columns";
  EXPECT_NE(complaints(unknown), "");
  auto other = document();
  other["gates"][0]["ops"] = {"layer_norm"};
  EXPECT_NE(complaints(other), "");
}

TEST(ParseEngineGates, ReadsClauses) {
  const auto gates = parse_engine_gates(document().dump());
  EXPECT_EQ(gates.engine, "toy");
  const auto& rule = gates.gates.at(0).rules.at(0);
  EXPECT_EQ(rule.at.at(0).line, 7);
  const auto& hidden = std::get<QuantityTest>(rule.all_of.at(0).condition);
  EXPECT_EQ(hidden.quantity, GateQuantity::hidden);
  EXPECT_EQ(hidden.test, GateTest::is_in);
  EXPECT_EQ(hidden.values.at(1), GateValue(std::int64_t{1024}));
  EXPECT_EQ(std::get<VariableTest>(rule.all_of.at(1).condition).is, VariableIs::is_true);
  EXPECT_EQ(std::get<StateTest>(rule.all_of.at(1).where.at(0)).words, "it rains");
  EXPECT_EQ(std::get<QuantityTest>(rule.all_of.at(2).condition).values.at(0), GateValue(1e-5));
}

TEST(ParseEngineGates, NamesThePlaceOfWhatIsWrong) {
  auto changed = document();
  auto& clauses = changed["gates"][0]["rules"][0]["all_of"];
  clauses[0] = {{"quantity", "hidden"}, {"in", {"512"}}};
  EXPECT_EQ(parse_error(changed), "gate one: rule 1: clause 1: \"512\" is no value of hidden");
  clauses[0] = {{"quantity", "dtype"}, {"above", "bf16"}};
  EXPECT_EQ(parse_error(changed), "gate one: rule 1: clause 1: dtype has no test above");
  clauses[0] = {{"quantity", "tokens"}, {"multiple_of", 8}};
  EXPECT_EQ(parse_error(changed), "gate one: rule 1: clause 1: tokens has no test multiple_of");
  clauses[0] = {{"quantity", "tokens"}, {"above", 1}, {"below", 9}};
  EXPECT_EQ(parse_error(changed), "gate one: rule 1: clause 1: 2 tests, not one");
  clauses[0] = {{"quantity", "tokens"}, {"at_most", 1.5}};
  EXPECT_EQ(parse_error(changed), "gate one: rule 1: clause 1: 1.5 is no value of tokens");
}

TEST(ParseEngineGates, AReleaseHasOneRule) {
  auto unlisted = document();
  unlisted["gates"][0]["rules"][0]["at"][0]["release"] = "2.0";
  EXPECT_EQ(parse_error(unlisted), "gate one: release 2.0 is not listed");
  auto twice = document();
  twice["gates"][0]["rules"].push_back(twice["gates"][0]["rules"][0]);
  EXPECT_EQ(parse_error(twice), "gate one: two rules for release 1.0");
  auto named_twice = document();
  named_twice["gates"].push_back(named_twice["gates"][0]);
  EXPECT_EQ(parse_error(named_twice), "two gates are called one");
}

TEST(KnownEngineGates, AreOfKnownEngines) {
  const auto engines = known_engines();
  const auto all = known_engine_gates();
  ASSERT_EQ(all.size(), 2u);
  for (const auto& one : all) {
    EXPECT_EQ(find_engine(engines, one.engine).name, one.engine);
    EXPECT_EQ(one.releases.size(), 6u);
  }
}

TEST(KnownEngineGates, TellTheHistoryOfTheOneStageRule) {
  const auto all = known_engine_gates();
  const auto& vllm = find_engine_gates(all, "vllm");
  for (const auto& gate : vllm.gates) {
    if (gate.id != "aiter_all_reduce_rms_norm_one_stage") continue;
    EXPECT_EQ(rule_in(gate, "0.20.2"), nullptr);
    EXPECT_NE(rule_in(gate, "0.21.0"), rule_in(gate, "0.22.1"));
    EXPECT_EQ(rule_in(gate, "0.22.1"), rule_in(gate, "0.28.0"));
    return;
  }
  FAIL() << "there is no such gate";
}

TEST(FindEngineGates, NamesTheNearest) {
  const auto all = known_engine_gates();
  expect_contains(message_of<UsageError>([&] { std::ignore = find_engine_gates(all, "vlm"); }),
                  "did you mean 'vllm'?");
  expect_contains(
      message_of<UsageError>([&] { require_release(find_engine_gates(all, "vllm"), "0.21.1"); }),
      "the gates of vllm 0.21.1 are not known, did you mean '0.21.0'?");
}

TEST(NearestRelease, IsTheLastBefore) {
  const std::vector<std::string> known{"0.5.9", "0.5.11", "0.5.12"};
  EXPECT_EQ(nearest_release("0.5.10", known), ", did you mean '0.5.9'?");
  EXPECT_EQ(nearest_release("1.0", known), ", did you mean '0.5.12'?");
  EXPECT_EQ(nearest_release("0.4", known), ", did you mean '0.5.9'?");
  EXPECT_EQ(nearest_release("new", known), "");
}

}  // namespace
}  // namespace fusegate::probe
