#include "probe/engine/gates/engine_gates.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/embedded.hpp"
#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/base/version.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> engine_gates();
}  // namespace fusegate::embedded

namespace fusegate::probe {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<std::string_view, GateQuantity>, 14> quantities{
    {{"tokens", GateQuantity::tokens},
     {"hidden", GateQuantity::hidden},
     {"bytes", GateQuantity::bytes},
     {"row_bytes", GateQuantity::row_bytes},
     {"q_width", GateQuantity::q_width},
     {"kv_width", GateQuantity::kv_width},
     {"world_size", GateQuantity::world_size},
     {"group", GateQuantity::group},
     {"heads", GateQuantity::heads},
     {"head_dim", GateQuantity::head_dim},
     {"eps", GateQuantity::eps},
     {"dtype", GateQuantity::dtype},
     {"out_dtype", GateQuantity::out_dtype},
     {"arch", GateQuantity::arch}}};

constexpr std::array<std::pair<std::string_view, GateTest>, 10> tests{
    {{"in", GateTest::is_in},
     {"not_in", GateTest::is_not_in},
     {"begins_with", GateTest::begins_with},
     {"equals", GateTest::equals},
     {"at_least", GateTest::at_least},
     {"at_most", GateTest::at_most},
     {"above", GateTest::above},
     {"below", GateTest::below},
     {"multiple_of", GateTest::multiple_of},
     {"divides", GateTest::divides}}};

constexpr std::array<std::pair<std::string_view, VariableIs>, 4> variable_tests{
    {{"set", VariableIs::set},
     {"unset", VariableIs::unset},
     {"true", VariableIs::is_true},
     {"false", VariableIs::is_false}}};

template <class Table>
auto find_named(const Table& table, std::string_view name) {
  const auto it = std::find_if(table.begin(), table.end(),
                               [&](const auto& entry) { return entry.first == name; });
  if (it == table.end()) throw std::runtime_error(fmt::format("there is no '{}'", name));
  return it->second;
}

bool is_text(GateQuantity quantity) {
  return quantity == GateQuantity::dtype || quantity == GateQuantity::out_dtype ||
         quantity == GateQuantity::arch;
}

GateValue parse_value(const json& value, GateQuantity quantity) {
  if (is_text(quantity) && value.is_string()) return value.get<std::string>();
  if (quantity == GateQuantity::eps && value.is_number()) return value.get<double>();
  if (!is_text(quantity) && quantity != GateQuantity::eps && value.is_number_integer()) {
    return value.get<std::int64_t>();
  }
  throw std::runtime_error(fmt::format("{} is no value of {}", value.dump(), name_of(quantity)));
}

/// Which tests mean something: names have no order, and eps no divisors. Divisors of tokens would
/// draw more bounds than `most_tokens` looks at.
bool fits(GateTest test, GateQuantity quantity) {
  switch (test) {
    case GateTest::is_in:
    case GateTest::is_not_in:
    case GateTest::equals:
      return true;
    case GateTest::begins_with:
      return is_text(quantity);
    case GateTest::multiple_of:
    case GateTest::divides:
      return !is_text(quantity) && quantity != GateQuantity::eps &&
             quantity != GateQuantity::tokens && quantity != GateQuantity::bytes;
    default:
      return !is_text(quantity);
  }
}

QuantityTest parse_quantity_test(const json& object) {
  QuantityTest parsed;
  parsed.quantity = find_named(quantities, object.at("quantity").get<std::string>());
  int count = 0;
  for (const auto& [key, value] : object.items()) {
    if (key == "quantity" || key == "where") continue;
    ++count;
    parsed.test = find_named(tests, key);
    if (!fits(parsed.test, parsed.quantity)) {
      throw std::runtime_error(fmt::format("{} has no test {}", name_of(parsed.quantity), key));
    }
    for (const auto& item : value.is_array() ? value : json::array({value})) {
      parsed.values.push_back(parse_value(item, parsed.quantity));
    }
  }
  if (count != 1) throw std::runtime_error(fmt::format("{} tests, not one", count));
  return parsed;
}

GateCondition parse_condition(const json& object) {
  if (object.contains("quantity")) return parse_quantity_test(object);
  if (object.contains("variable")) {
    return VariableTest{object.at("variable"),
                        find_named(variable_tests, object.at("is").get<std::string>())};
  }
  return StateTest{object.at("state")};
}

GateClause parse_clause(const json& object) {
  GateClause clause{parse_condition(object), {}};
  for (const auto& condition : object.value("where", json::array())) {
    clause.where.push_back(parse_condition(condition));
  }
  return clause;
}

GateRule parse_rule(const json& object) {
  GateRule rule;
  for (const auto& place : object.at("at")) {
    rule.at.push_back({place.at("release"), place.at("file"), place.at("line")});
  }
  rule.note = object.value("note", "");
  for (const auto& clause : object.at("all_of")) {
    try {
      rule.all_of.push_back(parse_clause(clause));
    } catch (const std::exception& error) {
      throw std::runtime_error(
          fmt::format("clause {}: {}", rule.all_of.size() + 1, json_error_text(error.what())));
    }
  }
  return rule;
}

/// A release gets one answer.
void require_one_rule_each(const Gate& gate, const std::vector<std::string>& releases) {
  std::set<std::string> seen;
  for (const auto& rule : gate.rules) {
    for (const auto& place : rule.at) {
      if (std::find(releases.begin(), releases.end(), place.release) == releases.end()) {
        throw std::runtime_error(fmt::format("release {} is not listed", place.release));
      }
      if (!seen.insert(place.release).second) {
        throw std::runtime_error(fmt::format("two rules for release {}", place.release));
      }
    }
  }
}

Gate parse_gate(const json& object, const std::vector<std::string>& releases) {
  Gate gate{object.at("id"), object.at("ops"), object.value("stage", ""), object.at("summary"), {}};
  try {
    for (const auto& rule : object.at("rules")) {
      try {
        gate.rules.push_back(parse_rule(rule));
      } catch (const std::exception& error) {
        throw std::runtime_error(
            fmt::format("rule {}: {}", gate.rules.size() + 1, json_error_text(error.what())));
      }
    }
    require_one_rule_each(gate, releases);
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("gate {}: {}", gate.id, error.what()));
  }
  return gate;
}

}  // namespace

EngineGates parse_engine_gates(std::string_view text) {
  const json object = json::parse(text);
  EngineGates engine{object.at("engine"), object.at("releases"), {}};
  std::set<std::string> ids;
  for (const auto& gate : object.at("gates")) {
    engine.gates.push_back(parse_gate(gate, engine.releases));
    if (!ids.insert(engine.gates.back().id).second) {
      throw std::runtime_error(fmt::format("two gates are called {}", engine.gates.back().id));
    }
  }
  return engine;
}

std::vector<EngineGates> known_engine_gates() {
  std::vector<EngineGates> engines;
  for (const auto& file : embedded::engine_gates()) {
    if (!file.name.ends_with(".schema.json")) engines.push_back(parse_engine_gates(file.content));
  }
  std::sort(engines.begin(), engines.end(),
            [](const auto& a, const auto& b) { return a.engine < b.engine; });
  return engines;
}

const EngineGates& find_engine_gates(const std::vector<EngineGates>& engines,
                                     std::string_view name) {
  const auto it = std::find_if(engines.begin(), engines.end(),
                               [&](const auto& one) { return one.engine == name; });
  if (it != engines.end()) return *it;
  std::vector<std::string> names;
  std::transform(engines.begin(), engines.end(), std::back_inserter(names),
                 [](const auto& one) { return one.engine; });
  throw UsageError(fmt::format("no gates of an engine '{}' are known{} (known: {})",
                               printable(name, 80), did_you_mean(name, names), join(names, ", ")));
}

void require_release(const EngineGates& engine, std::string_view release) {
  const auto& known = engine.releases;
  if (std::find(known.begin(), known.end(), release) != known.end()) return;
  throw UsageError(fmt::format("the gates of {} {} are not known{} (known: {})", engine.engine,
                               printable(release, 80), nearest_release(release, known),
                               join(known, ", ")));
}

std::string nearest_release(std::string_view release, const std::vector<std::string>& known) {
  const bool is_number = !release.empty() && release.front() >= '0' && release.front() <= '9';
  if (!is_number || !is_version(release) || known.empty()) return "";
  auto sorted = known;
  std::sort(sorted.begin(), sorted.end(), version_less);
  const auto after = std::upper_bound(sorted.begin(), sorted.end(), release, version_less);
  const auto& nearest = after == sorted.begin() ? *after : *std::prev(after);
  return fmt::format(", did you mean '{}'?", nearest);
}

const GateRule* rule_in(const Gate& gate, std::string_view release) {
  for (const auto& rule : gate.rules) {
    for (const auto& place : rule.at) {
      if (place.release == release) return &rule;
    }
  }
  return nullptr;
}

std::string_view name_of(GateQuantity quantity) {
  return quantities.at(static_cast<std::size_t>(quantity)).first;
}

}  // namespace fusegate::probe
