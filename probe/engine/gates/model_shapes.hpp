#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probe/engine/gates/evaluate_gate.hpp"

namespace fusegate::probe {

/// Layers with a gated norm over each head of v.
struct LinearAttention {
  std::int64_t value_heads = 0;
  std::int64_t head_dim = 0;
};

/// The shapes that the norms of some models meet (engines/models.schema.json explains each). What
/// is nullopt is not known, or the models do not have it.
struct ModelShape {
  std::vector<std::string> names;
  std::int64_t hidden = 0;
  std::optional<std::int64_t> q_lora, kv_lora;
  std::optional<std::int64_t> heads, kv_heads, head_dim;
  double eps = 0;
  std::optional<LinearAttention> linear_attention;
  std::string qk_norm;  ///< per_layer, per_head or empty
};

/// Reads one file. Throws nlohmann::json::exception on one that breaks the schema: it is part of
/// the program.
[[nodiscard]] std::vector<ModelShape> parse_model_shapes(std::string_view json);

/// Those that were compiled in.
[[nodiscard]] std::vector<ModelShape> known_model_shapes();

/// What one GPU of so many meets of a model where an op runs, and what of it tells one model from
/// another, in words: "hidden 2880", "32 x 128".
struct RankShape {
  GateShape shape;
  std::string words;
};

/// As bf16 with eps, and groups of 128 where the op quantises groups. nullopt: the model has no
/// such norm, or its heads cannot be dealt out evenly.
[[nodiscard]] std::optional<RankShape> rank_shape(const ModelShape& model, std::string_view op,
                                                  std::int64_t world_size);

}  // namespace fusegate::probe
