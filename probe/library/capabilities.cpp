#include "probe/library/capabilities.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"
#include "probe/surface/parse_signature.hpp"

namespace fusegate::probe {
namespace {

using nlohmann::ordered_json;

/// The parameters that a caller gives; those in which it gets the results are marked.
ordered_json arguments_of(const ContractRow& row) {
  auto arguments = ordered_json::array();
  const auto signature = parse_signature(row.signature);
  if (!signature) return arguments;
  const auto& outputs = row.known == nullptr ? std::vector<std::string>{} : row.known->outputs;
  for (const auto& [name, kind, default_value, annotation] : signature->parameters) {
    if (name == "self") continue;
    arguments.push_back(
        {{"name", name},
         {"kind", name_of(kind)},
         {"default", text_or_null(default_value)},
         {"annotation", text_or_null(annotation)},
         {"output", std::find(outputs.begin(), outputs.end(), name) != outputs.end()}});
  }
  return arguments;
}

/// Whether no call reaches the module's functions.
bool stops_calls(FindingKind kind) {
  using enum FindingKind;
  constexpr std::array stopping{unreadable,       wrong_machine,     missing_gpu_target,
                                binding_mismatch, library_not_found, undefined_symbol};
  return std::find(stopping.begin(), stopping.end(), kind) != stopping.end();
}

ordered_json entry_json(const ContractRow& row, const std::vector<BinaryFinding>& findings) {
  const auto whole = to_json(row);
  auto callable = row.status == ContractStatus::known;
  auto about_module = ordered_json::array();
  for (const auto& finding : findings) {
    if (row.compiled_module.empty() || finding.module != row.compiled_module) continue;
    callable = callable && !stops_calls(finding.kind);
    about_module.push_back(to_json(finding));
  }
  ordered_json entry{{"contract", row.contract}, {"callable", callable}};
  for (const char* key : {"status", "generation", "names", "module", "where", "signature"}) {
    entry[key] = whole.at(key);
  }
  entry["arguments"] = arguments_of(row);
  for (const char* key : {"returns", "binding", "compiled_module", "adapter", "condition", "limits",
                          "note", "nearest", "difference", "reason", "defects"}) {
    entry[key] = whole.at(key);
  }
  entry["module_findings"] = std::move(about_module);
  return entry;
}

}  // namespace

Capabilities capabilities_of(const LibraryLocation& location, const LibraryContract& contract,
                             FactsStore& store, const ModuleSurroundings& surroundings) {
  const auto& rules = contract.surface;
  const auto tree = open_folder(location.root, rules.package, rules.ignored);
  auto loaded = load_surface(*tree, store, rules);
  Capabilities found{identify(location, contract, *tree, loaded),
                     survey_compiled_modules(location, contract, store, surroundings),
                     {}};
  const Subject subject{loaded, *tree, rules, contract.not_entry_points,
                        found.library.identity.version};
  found.probes = answer_hand_probes(contract.hand_probes, found.library.contracts, subject);
  return found;
}

ordered_json to_json(const Capabilities& capabilities) {
  const auto identity = to_json(capabilities.library);
  ordered_json library;
  for (const char* key : {"name", "path", "distribution", "version", "version_agrees", "fits",
                          "revision", "fingerprint"}) {
    library[key] = identity.at(key);
  }
  auto ops = ordered_json::object();
  for (const auto& row : capabilities.library.contracts) {
    if (row.status == ContractStatus::missing) continue;
    auto& entries = ops[row.op];
    if (entries.is_null()) entries = ordered_json::array();
    entries.push_back(entry_json(row, capabilities.compiled.survey.findings));
  }
  auto probes = ordered_json::array();
  for (const auto& answer : capabilities.probes) probes.push_back(to_json(answer));
  return {{"schema", "fusegate.capabilities"}, {"schema_version", "1.0"},
          {"library", std::move(library)},     {"ops", std::move(ops)},
          {"probes", std::move(probes)},       {"problems", identity.at("problems")}};
}

}  // namespace fusegate::probe
