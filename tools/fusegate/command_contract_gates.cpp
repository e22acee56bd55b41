// contract gates: when engines call fused kernels, release by release, and which models that leaves
// out.
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "probe/engine/gates/engine_gates.hpp"
#include "probe/engine/gates/gate_effects.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/gate_selection.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;
using Models = std::vector<probe::ModelShape>;
using probe::Gate;
using probe::GateRule;

std::string numbers(const std::vector<std::int64_t>& values) {
  std::vector<std::string> texts;
  for (const auto value : values) texts.push_back(fmt::format("{}", value));
  return join(texts, ", ");
}

/// "0.21.0, 0.22.1  vllm/_aiter_ops.py:747", a line for each place.
void print_places(const Console& console, const SelectedGates& selected, const GateRule& rule) {
  std::vector<std::pair<std::string, std::vector<std::string>>> places;
  for (const auto& place : rule.at) {
    if (!selected.has(place.release)) continue;
    auto text = fmt::format("{}:{}", place.file, place.line);
    if (places.empty() || places.back().first != text) places.push_back({std::move(text), {}});
    places.back().second.push_back(place.release);
  }
  for (const auto& [text, releases] : places) {
    console.print(fmt::format("  {}  {}", join(releases, ", "), text));
  }
}

void print_exclusions(const Console& console, const Gate& gate, const GateRule& rule,
                      const Models& models) {
  const auto all_sizes = probe::world_sizes_of(gate);
  for (const auto& exclusion : exclusions_of(gate, rule, models)) {
    console.print(console.paint(
        Tone::warning, fmt::format("      excludes, as not: {}", words_of(*exclusion.clause))));
    if (!exclusion.every_model_at.empty()) {
      console.print(fmt::format("        every model at TP {}", numbers(exclusion.every_model_at)));
    }
    for (const auto& shape : exclusion.shapes) {
      const bool everywhere =
          shape.world_sizes.size() + exclusion.every_model_at.size() == all_sizes.size();
      console.print(
          fmt::format("        {}: {}{}", shape.words, join(shape.models, ", "),
                      everywhere ? "" : fmt::format(" at TP {}", numbers(shape.world_sizes))));
    }
  }
}

void print_reach(const Console& console, const Gate& gate, const GateRule& rule,
                 const Models& models) {
  const auto reaches = token_reach(gate, rule, models);
  if (reaches.empty()) return;
  std::string heading = fmt::format("      {:<22}", "most tokens");
  for (const auto size : probe::world_sizes_of(gate)) {
    heading += fmt::format("{:>8}", fmt::format("TP {}", size));
  }
  console.print(heading);
  for (const auto& reach : reaches) {
    std::string line =
        fmt::format("        {:<20}", reach.arch + (reach.arch.empty() ? "" : " ") + reach.words);
    for (const auto size : probe::world_sizes_of(gate)) {
      const auto it = reach.tokens.find(size);
      line += fmt::format("{:>8}", it == reach.tokens.end() ? "-"
                                   : !it->second            ? "any"
                                   : *it->second == 0       ? "none"
                                                            : fmt::format("{}", *it->second));
    }
    console.print(line + "  " + join(reach.models, ", "));
  }
}

/// What stays open is not for shapes to decide.
const char* verdict_word(probe::GateVerdict verdict) {
  return verdict == probe::GateVerdict::excluded ? "excluded" : "admitted";
}

void print_gated(const Console& console, const Gate& gate, const GateRule& rule,
                 const Models& models) {
  const auto all = gated_heads(gate, rule, models);
  if (all.empty()) return;
  console.print("      heads of one GPU x head_dim, as far as shapes decide");
  for (const auto& one : all) {
    std::vector<std::string> shares;
    for (const auto& [size, share] : one.shares) {
      shares.push_back(fmt::format("TP {} {} {}", size, share.words, verdict_word(share.verdict)));
    }
    console.print(fmt::format("        {:<22}{}", join(one.models, ", "), join(shares, ", ")));
  }
}

void print_rule(const Console& console, const SelectedGates& selected, const Gate& gate,
                const GateRule& rule, const Models& models) {
  print_places(console, selected, rule);
  for (const auto& clause : rule.all_of) console.print("      " + words_of(clause));
  if (!rule.note.empty()) console.print(console.paint(Tone::faint, "      (" + rule.note + ")"));
  print_exclusions(console, gate, rule, models);
  print_reach(console, gate, rule, models);
  print_gated(console, gate, rule, models);
}

/// Releases in which nothing is asked, because there is no such kernel call.
std::vector<std::string> releases_without(const SelectedGates& selected, const Gate& gate) {
  std::vector<std::string> missing;
  for (const auto& release : selected.engine->releases) {
    if (!selected.has(release)) continue;
    if (rule_in(gate, release) == nullptr) missing.push_back(release);
  }
  return missing;
}

void print_engine(const Console& console, const SelectedGates& selected, const Models& models) {
  for (const auto& gate : selected.engine->gates) {
    const auto missing = releases_without(selected, gate);
    console.print(fmt::format("{} {}  {}{}", selected.engine->engine, gate.id, join(gate.ops, ", "),
                              gate.stage.empty() ? "" : fmt::format(" ({})", gate.stage)));
    console.print(console.paint(Tone::faint, "  " + gate.summary));
    if (!missing.empty()) console.print(fmt::format("  {}  has none", join(missing, ", ")));
    for (const auto& rule : gate.rules) {
      if (selected.has(rule)) print_rule(console, selected, gate, rule, models);
    }
  }
}

Json exclusions_json(const Gate& gate, const GateRule& rule, const Models& models) {
  Json list = Json::array();
  for (const auto& exclusion : exclusions_of(gate, rule, models)) {
    Json shapes = Json::array();
    for (const auto& shape : exclusion.shapes) {
      shapes.push_back(
          {{"shape", shape.words}, {"models", shape.models}, {"world_sizes", shape.world_sizes}});
    }
    list.push_back({{"by", words_of(*exclusion.clause)},
                    {"every_model_at", exclusion.every_model_at},
                    {"shapes", std::move(shapes)}});
  }
  return list;
}

Json reach_json(const Gate& gate, const GateRule& rule, const Models& models) {
  Json list = Json::array();
  for (const auto& reach : token_reach(gate, rule, models)) {
    Json tokens = Json::object();
    for (const auto& [size, most] : reach.tokens) {
      tokens[fmt::format("{}", size)] = most ? Json(*most) : Json(nullptr);
    }
    list.push_back({{"shape", reach.words},
                    {"models", reach.models},
                    {"arch", text_or_null(reach.arch)},
                    {"by_world_size", std::move(tokens)}});
  }
  return list;
}

Json gated_json(const Gate& gate, const GateRule& rule, const Models& models) {
  Json list = Json::array();
  for (const auto& one : gated_heads(gate, rule, models)) {
    Json shares = Json::object();
    for (const auto& [size, share] : one.shares) {
      shares[fmt::format("{}", size)] = {{"heads_and_head_dim", share.words},
                                         {"verdict", verdict_word(share.verdict)}};
    }
    list.push_back({{"models", one.models}, {"by_world_size", std::move(shares)}});
  }
  return list;
}

Json rule_json(const SelectedGates& selected, const Gate& gate, const GateRule& rule,
               const Models& models) {
  Json places = Json::array();
  for (const auto& place : rule.at) {
    if (!selected.has(place.release)) continue;
    places.push_back({{"release", place.release}, {"file", place.file}, {"line", place.line}});
  }
  Json clauses = Json::array();
  for (const auto& clause : rule.all_of) clauses.push_back(words_of(clause));
  return {{"at", std::move(places)},
          {"all_of", std::move(clauses)},
          {"note", text_or_null(rule.note)},
          {"excludes", exclusions_json(gate, rule, models)},
          {"most_tokens", reach_json(gate, rule, models)},
          {"gated_heads", gated_json(gate, rule, models)}};
}

Json engine_json(const SelectedGates& selected, const Models& models) {
  Json gates = Json::array();
  for (const auto& gate : selected.engine->gates) {
    Json rules = Json::array();
    for (const auto& rule : gate.rules) {
      if (selected.has(rule)) rules.push_back(rule_json(selected, gate, rule, models));
    }
    gates.push_back({{"id", gate.id},
                     {"ops", gate.ops},
                     {"stage", text_or_null(gate.stage)},
                     {"summary", gate.summary},
                     {"rules", std::move(rules)}});
  }
  return {{"engine", selected.engine->engine},
          {"releases",
           selected.release.empty() ? Json(selected.engine->releases) : Json{selected.release}},
          {"gates", std::move(gates)}};
}

}  // namespace

ExitCode run_command(const ContractGatesOptions& options, const CommonOptions& common) {
  const Console console(common);
  const auto known = probe::known_engine_gates();
  const auto models = probe::known_model_shapes();
  const auto selected = select_gates(options, known, common);
  if (!common.json.empty()) {
    Json engines = Json::array();
    for (const auto& one : selected) engines.push_back(engine_json(one, models));
    const Json document{
        {"schema", "fusegate.gates"}, {"schema_version", "1.0"}, {"engines", std::move(engines)}};
    write_document(common.json, document.dump(1) + "\n");
  }
  if (common.json == "-") return ExitCode::good;
  console.print(
      "Models as bf16, quantised in groups of 128; variables behind a 'where' are not set. Most "
      "tokens: what no clause excludes.");
  for (const auto& one : selected) print_engine(console, one, models);
  return ExitCode::good;
}

}  // namespace fusegate::tools
