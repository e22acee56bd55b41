#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "probe/engine/gates/engine_gates.hpp"

namespace fusegate::probe {

/// What a gate is asked about. What is not given stays open; bytes and row_bytes follow from
/// tokens, hidden and dtype.
struct GateShape {
  std::map<GateQuantity, GateValue> given;
  std::map<std::string, std::optional<std::string>> variables;  ///< nullopt: not set
};

enum class GateVerdict { holds, excluded, open };

struct GateAnswer {
  GateVerdict verdict = GateVerdict::holds;
  std::vector<const GateClause*> excluded_by;  ///< into the rule
  std::vector<std::string> open;               ///< what would have to be given, each once
};

/// One clause alone: excluded_by is empty or has this one.
[[nodiscard]] GateAnswer evaluate(const GateClause& clause, const GateShape& shape);

/// Excluded by every clause that surely does not hold; open where none is, but some are not known.
[[nodiscard]] GateAnswer evaluate(const GateRule& rule, const GateShape& shape);

/// The largest number of tokens that the rule does not exclude, from 1 on; 0: it excludes all,
/// nullopt: there is no largest. `shape` has no tokens.
[[nodiscard]] std::optional<std::int64_t> most_tokens(const GateRule& rule, const GateShape& shape);

/// "bytes below 256 KiB where world_size at most 4", in words.
[[nodiscard]] std::string words_of(const GateCondition& condition);
[[nodiscard]] std::string words_of(const GateClause& clause);

}  // namespace fusegate::probe
