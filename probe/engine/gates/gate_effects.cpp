#include "probe/engine/gates/gate_effects.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace fusegate::probe {
namespace {

/// A model on a number of GPUs, as the gate sees it.
struct Meeting {
  const ModelShape* model = nullptr;
  std::int64_t world_size = 1;
  RankShape met;
};

bool is_gated(const Gate& gate) {
  return gate.ops.front().starts_with("gated_");
}

/// Conditions behind a where, of all clauses.
std::vector<const GateCondition*> restrictions_of(const GateRule& rule) {
  std::vector<const GateCondition*> all;
  for (const auto& clause : rule.all_of) {
    for (const auto& condition : clause.where) all.push_back(&condition);
  }
  return all;
}

std::vector<Meeting> meetings_of(const Gate& gate, const GateRule& rule,
                                 const std::vector<ModelShape>& models) {
  std::vector<Meeting> meetings;
  for (const auto& model : models) {
    for (const auto world_size : world_sizes_of(gate)) {
      auto met = rank_shape(model, gate.ops.front(), world_size);
      if (!met) continue;
      for (const auto* condition : restrictions_of(rule)) {
        if (const auto* variable = std::get_if<VariableTest>(condition)) {
          met->shape.variables[variable->name] = std::nullopt;
        }
      }
      meetings.push_back({&model, world_size, std::move(*met)});
    }
  }
  std::stable_sort(meetings.begin(), meetings.end(), [](const Meeting& a, const Meeting& b) {
    return a.model->hidden < b.model->hidden;
  });
  return meetings;
}

void add_once(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const auto& name : more) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
}

template <class Group>
Group& group_of(std::vector<Group>& groups, const std::string& words) {
  const auto it = std::find_if(groups.begin(), groups.end(),
                               [&](const Group& group) { return group.words == words; });
  if (it != groups.end()) return *it;
  groups.emplace_back().words = words;
  return groups.back();
}

Exclusion exclusion_by(const GateClause& clause, const std::vector<Meeting>& meetings) {
  Exclusion exclusion{&clause, {}, {}};
  std::map<std::int64_t, std::pair<int, int>> counts;  // excluded, of all
  const auto is_excluded = [&](const Meeting& meeting) {
    return evaluate(clause, meeting.met.shape).verdict == GateVerdict::excluded;
  };
  for (const auto& meeting : meetings) {
    auto& [excluded, all] = counts[meeting.world_size];
    excluded += is_excluded(meeting) ? 1 : 0;
    ++all;
  }
  std::set<std::int64_t> whole;
  for (const auto& [world_size, count] : counts) {
    if (count.first == count.second) whole.insert(world_size);
  }
  exclusion.every_model_at.assign(whole.begin(), whole.end());
  for (const auto& meeting : meetings) {
    if (whole.contains(meeting.world_size) || !is_excluded(meeting)) continue;
    auto& group = group_of(exclusion.shapes, meeting.met.words);
    add_once(group.models, meeting.model->names);
    auto& sizes = group.world_sizes;
    if (std::find(sizes.begin(), sizes.end(), meeting.world_size) == sizes.end()) {
      sizes.push_back(meeting.world_size);
    }
  }
  return exclusion;
}

/// Architectures that a rule has bounds of their own for; {""}: none.
std::vector<std::string> archs_of(const GateRule& rule) {
  std::vector<std::string> archs;
  for (const auto* condition : restrictions_of(rule)) {
    const auto* test = std::get_if<QuantityTest>(condition);
    if (test == nullptr || test->quantity != GateQuantity::arch) continue;
    for (const auto& value : test->values) add_once(archs, {std::get<std::string>(value)});
  }
  return archs.empty() ? std::vector<std::string>{""} : archs;
}

}  // namespace

std::vector<std::int64_t> world_sizes_of(const Gate& gate) {
  if (gate.ops.front().starts_with("all_reduce_")) return {2, 4, 8};
  if (is_gated(gate)) return {1, 2, 4, 8};
  return {1};
}

std::vector<Exclusion> exclusions_of(const Gate& gate, const GateRule& rule,
                                     const std::vector<ModelShape>& models) {
  const auto meetings = meetings_of(gate, rule, models);
  std::vector<Exclusion> exclusions;
  for (const auto& clause : rule.all_of) {
    auto exclusion = exclusion_by(clause, meetings);
    if (!exclusion.every_model_at.empty() || !exclusion.shapes.empty()) {
      exclusions.push_back(std::move(exclusion));
    }
  }
  return exclusions;
}

std::vector<TokenReach> token_reach(const Gate& gate, const GateRule& rule,
                                    const std::vector<ModelShape>& models) {
  std::vector<TokenReach> all;
  for (const auto& arch : archs_of(rule)) {
    std::vector<TokenReach> reaches;
    for (const auto& meeting : meetings_of(gate, rule, models)) {
      auto shape = meeting.met.shape;
      if (!arch.empty()) shape.given[GateQuantity::arch] = arch;
      auto& reach = group_of(reaches, meeting.met.words);
      reach.arch = arch;
      add_once(reach.models, meeting.model->names);
      reach.tokens[meeting.world_size] = most_tokens(rule, shape);
    }
    all.insert(all.end(), reaches.begin(), reaches.end());
  }
  const bool is_bounded = std::any_of(all.begin(), all.end(), [](const TokenReach& reach) {
    return std::any_of(reach.tokens.begin(), reach.tokens.end(),
                       [](const auto& one) { return one.second.value_or(0) > 0; });
  });
  return is_bounded ? all : std::vector<TokenReach>{};
}

std::vector<GatedHeads> gated_heads(const Gate& gate, const GateRule& rule,
                                    const std::vector<ModelShape>& models) {
  std::vector<GatedHeads> all;
  if (!is_gated(gate)) return all;
  for (const auto& meeting : meetings_of(gate, rule, models)) {
    if (all.empty() || all.back().models != meeting.model->names) {
      all.push_back({meeting.model->names, {}});
    }
    all.back().shares[meeting.world_size] = {meeting.met.words,
                                             evaluate(rule, meeting.met.shape).verdict};
  }
  return all;
}

}  // namespace fusegate::probe
