#include "probe/engine/gates/model_shapes.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/embedded.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> model_shapes();
}  // namespace fusegate::embedded

namespace fusegate::probe {
namespace {

using nlohmann::json;

constexpr std::int64_t usual_group = 128;

std::optional<std::int64_t> count_at(const json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() ? std::nullopt : std::optional(it->get<std::int64_t>());
}

ModelShape parse_model(const json& object) {
  ModelShape model;
  model.names = object.at("names");
  model.hidden = object.at("hidden");
  model.q_lora = count_at(object, "q_lora");
  model.kv_lora = count_at(object, "kv_lora");
  model.heads = count_at(object, "heads");
  model.kv_heads = count_at(object, "kv_heads");
  model.head_dim = count_at(object, "head_dim");
  model.eps = object.at("eps");
  if (const auto it = object.find("linear_attention"); it != object.end()) {
    model.linear_attention = {it->at("value_heads"), it->at("head_dim")};
  }
  model.qk_norm = object.value("qk_norm", "");
  return model;
}

/// Over each head of v: of one GPU, the heads that it has.
bool add_gated(RankShape& met, const ModelShape& model, std::int64_t world_size) {
  if (!model.linear_attention) return false;
  const auto& linear = *model.linear_attention;
  if (linear.value_heads % world_size != 0) return false;
  const auto heads = linear.value_heads / world_size;
  met.shape.given[GateQuantity::heads] = heads;
  met.shape.given[GateQuantity::head_dim] = linear.head_dim;
  met.words = fmt::format("{} x {}", heads, linear.head_dim);
  return true;
}

/// Over the latents of multi-head latent attention, which every GPU has whole.
bool add_latents(RankShape& met, const ModelShape& model) {
  if (!model.q_lora || !model.kv_lora) return false;
  met.shape.given[GateQuantity::q_width] = *model.q_lora;
  met.shape.given[GateQuantity::kv_width] = *model.kv_lora;
  met.words = fmt::format("latents {} and {}", *model.q_lora, *model.kv_lora);
  return true;
}

/// Over all heads of q and of k, of which a GPU has a part; heads of k that are fewer than GPUs are
/// repeated.
bool add_sharded_heads(RankShape& met, const ModelShape& model, std::int64_t world_size) {
  if (model.qk_norm != "per_layer" || !model.heads || !model.kv_heads || !model.head_dim) {
    return false;
  }
  if (*model.heads % world_size != 0) return false;
  const bool is_even = *model.kv_heads % world_size == 0 || world_size % *model.kv_heads == 0;
  if (!is_even) return false;
  const auto q = *model.heads / world_size * *model.head_dim;
  const auto kv = std::max<std::int64_t>(*model.kv_heads / world_size, 1) * *model.head_dim;
  met.shape.given[GateQuantity::q_width] = q;
  met.shape.given[GateQuantity::kv_width] = kv;
  met.words = fmt::format("q {} and k {}", q, kv);
  return true;
}

}  // namespace

std::vector<ModelShape> parse_model_shapes(std::string_view text) {
  const json document = json::parse(text);
  std::vector<ModelShape> models;
  for (const auto& model : document.at("models")) models.push_back(parse_model(model));
  return models;
}

std::vector<ModelShape> known_model_shapes() {
  return parse_model_shapes(find_embedded(embedded::model_shapes(), "models.json")->content);
}

std::optional<RankShape> rank_shape(const ModelShape& model, std::string_view op,
                                    std::int64_t world_size) {
  RankShape met;
  met.shape.given = {{GateQuantity::world_size, world_size},
                     {GateQuantity::dtype, std::string("bf16")},
                     {GateQuantity::eps, model.eps}};
  if (op.ends_with("_group_quant")) met.shape.given[GateQuantity::group] = usual_group;
  bool has_it = true;
  if (op.starts_with("gated_")) {
    has_it = add_gated(met, model, world_size);
  } else if (op.starts_with("dual_")) {
    has_it = add_latents(met, model);
  } else if (op.starts_with("all_reduce_dual_")) {
    has_it = add_sharded_heads(met, model, world_size);
  } else {
    met.shape.given[GateQuantity::hidden] = model.hidden;
    met.words = fmt::format("hidden {}", model.hidden);
  }
  return has_it ? std::optional(std::move(met)) : std::nullopt;
}

}  // namespace fusegate::probe
