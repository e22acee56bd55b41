#include "probe/engine/sources/engine_rules.hpp"

#include <algorithm>
#include <span>
#include <tuple>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/embedded.hpp"
#include "probe/base/error.hpp"
#include "probe/base/schema_test_support.hpp"
#include "probe/base/test_support.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> engine_rules();
}  // namespace fusegate::embedded

namespace fusegate::probe {
namespace {

std::string complaints(const nlohmann::json& document) {
  return schema_complaints(find_embedded(embedded::engine_rules(), "engine.schema.json")->content,
                           document);
}

nlohmann::json document(const char* name) {
  return nlohmann::json::parse(find_embedded(embedded::engine_rules(), name)->content);
}

TEST(EngineRules, FilesFollowTheSchema) {
  for (const auto& file : embedded::engine_rules()) {
    if (file.name.ends_with(".schema.json")) continue;
    EXPECT_EQ(complaints(nlohmann::json::parse(file.content)), "") << file.name;
  }
}

TEST(EngineRules, SchemaRefusesAnUnknownTerm) {
  auto changed = document("vllm.json");
  changed["platform"][0]["means"] = {"arch:mi300"};
  EXPECT_NE(complaints(changed), "");
}

TEST(EngineRules, SchemaRefusesARuleThatSaysTwoThings) {
  auto changed = document("vllm.json");
  changed["platform"][0]["value"] = "1";
  EXPECT_NE(complaints(changed), "");
}

TEST(EngineRules, SchemaWantsWhatTellsAnEngine) {
  for (const char* part : {"import_name", "package_markers", "models"}) {
    auto changed = document("sglang.json");
    changed.erase(part);
    EXPECT_NE(complaints(changed), "") << part;
  }
}

TEST(ParseEngineRules, ReadsTerms) {
  const auto rules = parse_engine_rules(R"({"name": "toy", "platform": [
    {"call": "on_new", "means": ["!arch:gfx90a|gfx94", "variable:USE_IT"]},
    {"name": "generation", "values": {"gfx94": "3", "": "0"}},
    {"call": "capability", "capability": "at_least"}]})");
  ASSERT_EQ(rules.platform.size(), 3u);
  const auto& terms = rules.platform[0].all_of;
  ASSERT_EQ(terms.size(), 2u);
  EXPECT_TRUE(terms[0].is_negated);
  EXPECT_EQ(terms[0].values, (std::vector<std::string>{"gfx90a", "gfx94"}));
  EXPECT_EQ(terms[1].kind, PlatformTerm::Kind::variable);
  EXPECT_FALSE(rules.platform[1].is_call);
  EXPECT_EQ(rules.platform[1].values.at("gfx94"), "3");
  EXPECT_EQ(rules.platform[2].capability, CapabilityTest::at_least);
}

TEST(KnownEngines, HaveWhatHoldsForAll) {
  for (const auto& engine : known_engines()) {
    EXPECT_EQ(engine.environment_mappings.front(), "os.environ") << engine.name;
    EXPECT_FALSE(engine.package_markers.empty()) << engine.name;
    EXPECT_FALSE(engine.models.empty()) << engine.name;
  }
}

TEST(KnownEngines, TellHowModelsAreListed) {
  const auto engines = known_engines();
  const auto& sglang = find_engine(engines, "sglang").models.at(0);
  EXPECT_EQ(sglang.variable, "EntryClass");
  EXPECT_TRUE(sglang.imports_all);
  const auto& vllm = find_engine(engines, "vllm").models.at(0);
  EXPECT_EQ(vllm.tables.size(), 10u);
  EXPECT_EQ(vllm.absolute_prefix, "vllm.");
  EXPECT_FALSE(vllm.imports_all);
}

TEST(FindEngine, NamesTheNearest) {
  const auto engines = known_engines();
  expect_contains(message_of<UsageError>([&] { std::ignore = find_engine(engines, "sglan"); }),
                  "did you mean 'sglang'?");
}

TEST(MatchRuleName, KnowsModulesBeforeTheName) {
  EngineRules rules;
  rules.import_name = "vllm";
  const auto matches = [&](const char* rule, const char* text) {
    return match_rule_name(rules, rule, text).has_value();
  };
  EXPECT_TRUE(matches("is_hip", "is_hip"));
  EXPECT_TRUE(matches("is_hip", "vllm.utils.is_hip"));
  EXPECT_TRUE(matches("current_platform.is_rocm", "vllm.platforms.current_platform.is_rocm"));
  EXPECT_FALSE(matches("is_cuda", "tensor.is_cuda"));
  EXPECT_FALSE(matches("is_hip", "this_is_hip"));
  EXPECT_FALSE(matches("a.is_hip", "ba.is_hip"));
}

TEST(MatchRuleName, TakesTheVariableFromTheStar) {
  const EngineRules rules;
  EXPECT_EQ(match_rule_name(rules, "envs.*", "vllm.envs.USE_A"), "USE_A");
  EXPECT_EQ(match_rule_name(rules, "envs.*.get", "envs.USE_A.get"), "USE_A");
  EXPECT_EQ(match_rule_name(rules, "envs.*", "envs.is_set"), std::nullopt);
  EXPECT_EQ(match_rule_name(rules, "envs.*", "USE_A"), std::nullopt);
  EXPECT_EQ(match_rule_name(rules, "envs.*.get", "envs.get"), std::nullopt);
}

}  // namespace
}  // namespace fusegate::probe
