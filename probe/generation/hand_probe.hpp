#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/generation/match.hpp"

namespace fusegate::probe {

/// How an engine finds out by itself what a library offers (contracts/probes.schema.json).
struct HandProbe {
  enum class Kind { hasattr, import, find_spec, signature, getattr, text };
  std::string engine;
  std::string where;
  std::string text;
  Kind kind = Kind::hasattr;
  std::string symbol;  ///< dotted
  std::string parameter;
  std::string member;
  Feature feature;  ///< of kind text
  /// What the engine takes a yes for; an empty contract: nothing more than the yes.
  std::string contract;
  std::vector<std::string> generations;
  std::string then;
};

/// Reads a probes.json. Throws nlohmann::json::exception on one that breaks the schema: these files
/// are part of the program.
[[nodiscard]] std::vector<HandProbe> parse_hand_probes(std::string_view json);

/// What a probe answers on a library, and whether the engine that has it draws the right
/// conclusion.
struct ProbeAnswer {
  enum class Answer { yes, no, unknown };
  enum class Misled { no, may_be, yes };
  const HandProbe* probe = nullptr;
  Answer answer = Answer::unknown;
  std::string where;  ///< file:line of what it finds
  Misled misled = Misled::no;
  std::string reason;
};

/// Answers without running anything. The rows are those of the same library.
[[nodiscard]] std::vector<ProbeAnswer> answer_hand_probes(const std::vector<HandProbe>& probes,
                                                          const std::vector<ContractRow>& rows,
                                                          const Subject& subject);

/// {engine, where, text, kind, answer, found, misled, reason, then}
[[nodiscard]] nlohmann::ordered_json to_json(const ProbeAnswer& answer);

[[nodiscard]] const char* name_of(ProbeAnswer::Answer answer);

}  // namespace fusegate::probe
