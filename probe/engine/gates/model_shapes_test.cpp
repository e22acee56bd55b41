#include "probe/engine/gates/model_shapes.hpp"

#include <set>
#include <span>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/embedded.hpp"
#include "probe/base/schema_test_support.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> model_shapes();
}  // namespace fusegate::embedded

namespace fusegate::probe {
namespace {

nlohmann::json embedded_json(const char* name) {
  return nlohmann::json::parse(find_embedded(embedded::model_shapes(), name)->content);
}

ModelShape model_named(const std::string& name) {
  for (auto& model : known_model_shapes()) {
    for (const auto& one : model.names) {
      if (one == name) return model;
    }
  }
  ADD_FAILURE() << "no model " << name;
  return {};
}

std::int64_t given(const RankShape& met, GateQuantity quantity) {
  return std::get<std::int64_t>(met.shape.given.at(quantity));
}

TEST(ModelShapes, FollowTheSchema) {
  const auto schema = embedded_json("models.schema.json").dump();
  auto document = embedded_json("models.json");
  EXPECT_EQ(schema_complaints(schema, document), "");
  document["models"][0]["known"] = "hearsay";
  EXPECT_NE(schema_complaints(schema, document), "");
}

TEST(ModelShapes, NameAModelOnce) {
  std::set<std::string> names;
  for (const auto& model : known_model_shapes()) {
    for (const auto& name : model.names) EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(ModelShapes, AreRead) {
  const auto model = model_named("Kimi-Linear-48B-A3B");
  EXPECT_EQ(model.hidden, 2304);
  EXPECT_FALSE(model.q_lora);
  EXPECT_EQ(model.kv_lora, 512);
  EXPECT_DOUBLE_EQ(model.eps, 1e-5);
  ASSERT_TRUE(model.linear_attention);
  EXPECT_EQ(model.linear_attention->value_heads, 32);
}

TEST(RankShape, IsTheHiddenSizeOnEveryGpu) {
  const auto met = rank_shape(model_named("GPT-OSS-120B"), "all_reduce_add_rms_norm", 8);
  ASSERT_TRUE(met);
  EXPECT_EQ(given(*met, GateQuantity::hidden), 2880);
  EXPECT_EQ(given(*met, GateQuantity::world_size), 8);
  EXPECT_EQ(met->words, "hidden 2880");
  EXPECT_FALSE(met->shape.given.contains(GateQuantity::group));
}

TEST(RankShape, HasAGroupWhereGroupsAreQuantised) {
  const auto met = rank_shape(model_named("GPT-OSS-120B"), "rms_norm_group_quant", 1);
  EXPECT_EQ(given(*met, GateQuantity::group), 128);
}

TEST(RankShape, DealsOutTheHeadsOfGatedNorms) {
  const auto met = rank_shape(model_named("Qwen3.5-27B"), "gated_rms_norm_group_quant", 8);
  ASSERT_TRUE(met);
  EXPECT_EQ(given(*met, GateQuantity::heads), 6);
  EXPECT_EQ(given(*met, GateQuantity::head_dim), 128);
  EXPECT_EQ(met->words, "6 x 128");
  EXPECT_FALSE(rank_shape(model_named("Qwen3.5-27B"), "gated_rms_norm", 5));
  EXPECT_FALSE(rank_shape(model_named("GPT-OSS-20B"), "gated_rms_norm", 1));
}

TEST(RankShape, OfLatentsNeedsBoth) {
  const auto met = rank_shape(model_named("GLM-5"), "dual_rms_norm", 1);
  ASSERT_TRUE(met);
  EXPECT_EQ(given(*met, GateQuantity::q_width), 2048);
  EXPECT_EQ(given(*met, GateQuantity::kv_width), 512);
  EXPECT_FALSE(rank_shape(model_named("Kimi-Linear-48B-A3B"), "dual_rms_norm", 1));
}

TEST(RankShape, TearsNormsOverAllHeadsApart) {
  const auto met = rank_shape(model_named("MiniMax-M2.5"), "all_reduce_dual_rms_norm", 8);
  ASSERT_TRUE(met);
  EXPECT_EQ(given(*met, GateQuantity::q_width), 768);
  EXPECT_EQ(given(*met, GateQuantity::kv_width), 128);
  EXPECT_FALSE(rank_shape(model_named("MiniMax-M3"), "all_reduce_dual_rms_norm", 8));
}

}  // namespace
}  // namespace fusegate::probe
