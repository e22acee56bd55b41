#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "probe/engine/gates/engine_gates.hpp"
#include "probe/engine/gates/evaluate_gate.hpp"
#include "probe/engine/gates/model_shapes.hpp"

namespace fusegate::probe {

// What a rule does to the models that engines serve. Variables that stand behind a where are taken
// as not set, all else that a model does not tell stays open.

/// Models that meet the same shape on some numbers of GPUs.
struct ShapeOfModels {
  std::string words;  ///< "hidden 2880"
  std::vector<std::string> models;
  std::vector<std::int64_t> world_sizes;
};

/// What a clause surely excludes, whatever stays open.
struct Exclusion {
  const GateClause* clause = nullptr;        ///< into the rule
  std::vector<std::int64_t> every_model_at;  ///< numbers of GPUs that exclude all of them
  std::vector<ShapeOfModels> shapes;         ///< excluded for what the models are
};

/// For one shape, on each number of GPUs, the most tokens that a rule lets pass; nullopt: any.
struct TokenReach {
  std::string words;
  std::vector<std::string> models;
  std::string arch;  ///< where the rule tells architectures apart, else empty
  std::map<std::int64_t, std::optional<std::int64_t>> tokens;
};

/// The heads of a model's gated norms on each number of GPUs, and the rule's answer.
struct GatedHeads {
  std::vector<std::string> models;
  struct Share {
    std::string words;  ///< "16 x 128"
    GateVerdict verdict = GateVerdict::open;
  };
  std::map<std::int64_t, Share> shares;
};

/// Numbers of GPUs that make a difference to what the gate is about; one GPU reduces nothing.
[[nodiscard]] std::vector<std::int64_t> world_sizes_of(const Gate& gate);

[[nodiscard]] std::vector<Exclusion> exclusions_of(const Gate& gate, const GateRule& rule,
                                                   const std::vector<ModelShape>& models);

/// Empty where the rule bounds neither tokens nor bytes.
[[nodiscard]] std::vector<TokenReach> token_reach(const Gate& gate, const GateRule& rule,
                                                  const std::vector<ModelShape>& models);

/// Empty but for gated norms.
[[nodiscard]] std::vector<GatedHeads> gated_heads(const Gate& gate, const GateRule& rule,
                                                  const std::vector<ModelShape>& models);

}  // namespace fusegate::probe
