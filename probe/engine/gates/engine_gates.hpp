#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fusegate::probe {

/// What a condition speaks of (engines/gates/gates.schema.json explains each).
enum class GateQuantity {
  tokens,
  hidden,
  bytes,
  row_bytes,
  q_width,
  kv_width,
  world_size,
  group,
  heads,
  head_dim,
  eps,
  dtype,
  out_dtype,
  arch
};

enum class GateTest {
  is_in,
  is_not_in,
  begins_with,
  equals,
  at_least,
  at_most,
  above,
  below,
  multiple_of,
  divides
};

/// Whole numbers stay whole: the bounds of gates are exact, and a byte more or less decides.
using GateValue = std::variant<std::int64_t, double, std::string>;

struct QuantityTest {
  GateQuantity quantity = GateQuantity::tokens;
  GateTest test = GateTest::equals;
  std::vector<GateValue> values;  ///< one, but for is_in, is_not_in and begins_with
};

enum class VariableIs { set, unset, is_true, is_false };

struct VariableTest {
  std::string name;
  VariableIs is = VariableIs::set;
};

/// What is no quantity of ours.
struct StateTest {
  std::string words;
};

using GateCondition = std::variant<QuantityTest, VariableTest, StateTest>;

/// A condition that is asked where all of `where` hold, and holds elsewhere.
struct GateClause {
  GateCondition condition;
  std::vector<GateCondition> where;
};

struct GatePlace {
  std::string release;
  std::string file;
  int line = 0;
};

/// What the engine asks, in the releases of `at`.
struct GateRule {
  std::vector<GatePlace> at;
  std::vector<GateClause> all_of;
  std::string note;
};

/// A question that an engine asks before it calls one kernel, over its releases.
struct Gate {
  std::string id;
  std::vector<std::string> ops;
  std::string stage;  ///< one_stage, quick_reduce, or empty: whether the kernel is called at all
  std::string summary;
  std::vector<GateRule> rules;
};

struct EngineGates {
  std::string engine;
  std::vector<std::string> releases;  ///< oldest first
  std::vector<Gate> gates;
};

/// Reads one file. Throws std::runtime_error that names gate, rule and clause on what the schema
/// cannot tell: a test that does not fit its quantity, a release that is not listed.
[[nodiscard]] EngineGates parse_engine_gates(std::string_view json);

/// All that were compiled in, by engine.
[[nodiscard]] std::vector<EngineGates> known_engine_gates();

/// Of the engine, or the release of one. Both throw UsageError, with the nearest name, when there
/// is none.
[[nodiscard]] const EngineGates& find_engine_gates(const std::vector<EngineGates>& engines,
                                                   std::string_view name);
void require_release(const EngineGates& engine, std::string_view release);

/// ", did you mean RELEASE?": the last one before it, the first where it is older than all, nothing
/// where it is no version.
[[nodiscard]] std::string nearest_release(std::string_view release,
                                          const std::vector<std::string>& known);

/// What the gate asks in that release; nullptr: it does not ask.
[[nodiscard]] const GateRule* rule_in(const Gate& gate, std::string_view release);

/// "hidden", "is_in" as in the files.
[[nodiscard]] std::string_view name_of(GateQuantity quantity);

}  // namespace fusegate::probe
