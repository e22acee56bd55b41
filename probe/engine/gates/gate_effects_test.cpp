#include "probe/engine/gates/gate_effects.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

const Gate& gate_called(const std::string& engine, const std::string& id) {
  static const auto all = known_engine_gates();
  const auto& gates = find_engine_gates(all, engine).gates;
  const auto it =
      std::find_if(gates.begin(), gates.end(), [&](const Gate& gate) { return gate.id == id; });
  EXPECT_NE(it, gates.end()) << id;
  return *it;
}

/// The shapes that some clause excludes, with the numbers of GPUs.
std::map<std::string, std::vector<std::int64_t>> excluded(const Gate& gate, const char* release) {
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const auto& exclusion : exclusions_of(gate, *rule_in(gate, release), known_model_shapes())) {
    for (const auto& shape : exclusion.shapes) shapes[shape.words] = shape.world_sizes;
  }
  return shapes;
}

std::map<std::int64_t, std::optional<std::int64_t>> reach(const Gate& gate, const char* release,
                                                          const std::string& words) {
  for (const auto& one : token_reach(gate, *rule_in(gate, release), known_model_shapes())) {
    if (one.words == words) return one.tokens;
  }
  return {};
}

TEST(GateEffects, TheListOfHiddenSizesLeftOutGptOssAndThePackRuleDoesNot) {
  const auto& gate = gate_called("vllm", "aiter_all_reduce_rms_norm_one_stage");
  const auto listed = excluded(gate, "0.21.0");
  for (const char* words : {"hidden 2304", "hidden 2880", "hidden 3072", "hidden 5120",
                            "hidden 6144", "hidden 8192", "hidden 16384"}) {
    EXPECT_TRUE(listed.contains(words)) << words;
  }
  EXPECT_EQ(listed.size(), 7u);
  const auto packed = excluded(gate, "0.22.1");
  EXPECT_EQ(packed.size(), 1u);
  EXPECT_TRUE(packed.contains("hidden 16384"));
}

TEST(GateEffects, TheSizesOfThePackRuleAreThoseOfOneStage) {
  const auto& gate = gate_called("vllm", "aiter_all_reduce_rms_norm_one_stage");
  const auto tokens = reach(gate, "0.33.0", "hidden 7168");
  EXPECT_EQ(tokens.at(2), 80);
  EXPECT_EQ(tokens.at(4), 18);
  EXPECT_EQ(tokens.at(8), 9);
  EXPECT_EQ(reach(gate, "0.33.0", "hidden 8192").at(8), 7) << "8 rows are 128 KiB";
}

TEST(GateEffects, SglangTakesOneByteMore) {
  const auto& gate = gate_called("sglang", "aiter_all_reduce_rms_norm_one_stage");
  EXPECT_EQ(reach(gate, "0.5.23", "hidden 8192").at(8), 8);
  EXPECT_EQ(reach(gate, "0.5.23", "hidden 8192").at(2), 8) << "any number of GPUs";
}

TEST(GateEffects, BoundsBelongToAnArchitecture) {
  const auto& gate = gate_called("vllm", "flashinfer_all_reduce_rms_norm");
  const auto all = token_reach(gate, *rule_in(gate, "0.33.0"), known_model_shapes());
  const auto it = std::find_if(all.begin(), all.end(), [](const TokenReach& one) {
    return one.arch == "sm_90" && one.words == "hidden 4096";
  });
  ASSERT_NE(it, all.end());
  EXPECT_EQ(it->tokens.at(2), 8192);
  EXPECT_EQ(it->tokens.at(8), 64);
}

TEST(GateEffects, OneGpuReducesNothing) {
  const auto& gate = gate_called("vllm", "aiter_all_reduce_rms_norm");
  EXPECT_EQ(world_sizes_of(gate), (std::vector<std::int64_t>{2, 4, 8}));
  EXPECT_TRUE(exclusions_of(gate, *rule_in(gate, "0.33.0"), known_model_shapes()).empty());
}

TEST(GateEffects, GroupsMustFillARow) {
  const auto& gate = gate_called("sglang", "aiter_all_reduce_rms_norm_group_quant");
  const auto shapes = excluded(gate, "0.5.23");
  EXPECT_EQ(shapes.size(), 1u);
  EXPECT_EQ(shapes.at("hidden 2880"), (std::vector<std::int64_t>{2, 4, 8}));
}

TEST(GateEffects, WidthsOfOneGpuExclude) {
  const auto& gate = gate_called("vllm", "aiter_all_reduce_qk_norm");
  const auto exclusions = exclusions_of(gate, *rule_in(gate, "0.33.0"), known_model_shapes());
  ASSERT_EQ(exclusions.size(), 1u);
  EXPECT_EQ(exclusions.at(0).every_model_at, std::vector<std::int64_t>{8})
      << "k has 128 elements on each of eight GPUs";
}

TEST(GateEffects, GatedNormsGoByHeads) {
  const auto& gate = gate_called("vllm", "aiter_gated_rms_norm_group_quant");
  const auto all = gated_heads(gate, *rule_in(gate, "0.33.0"), known_model_shapes());
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all.at(5).models.at(0), "Kimi-K3");
  EXPECT_EQ(all.at(5).shares.at(8).words, "12 x 128");
  EXPECT_EQ(all.at(5).shares.at(8).verdict, GateVerdict::open);
  EXPECT_TRUE(gated_heads(gate_called("vllm", "aiter_rms_norm"),
                          *rule_in(gate_called("vllm", "aiter_rms_norm"), "0.33.0"),
                          known_model_shapes())
                  .empty());
}

}  // namespace
}  // namespace fusegate::probe
