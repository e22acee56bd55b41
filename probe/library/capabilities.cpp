#include "probe/library/capabilities.hpp"

#include <algorithm>

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

ordered_json entry_json(const ContractRow& row) {
  const auto whole = to_json(row);
  ordered_json entry{{"contract", row.contract}, {"callable", row.status == ContractStatus::known}};
  for (const char* key : {"status", "generation", "names", "module", "where", "signature"}) {
    entry[key] = whole.at(key);
  }
  entry["arguments"] = arguments_of(row);
  for (const char* key : {"returns", "binding", "adapter", "condition", "limits", "note", "nearest",
                          "difference", "defects"}) {
    entry[key] = whole.at(key);
  }
  return entry;
}

}  // namespace

Capabilities capabilities_of(const LibraryLocation& location, const LibraryContract& contract,
                             FactsStore& store) {
  const auto& rules = contract.surface;
  const auto tree = open_folder(location.root, rules.package, rules.ignored);
  auto loaded = load_surface(*tree, store, rules);
  Capabilities found{identify(location, contract, *tree, loaded), {}};
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
    entries.push_back(entry_json(row));
  }
  auto probes = ordered_json::array();
  for (const auto& answer : capabilities.probes) probes.push_back(to_json(answer));
  return {{"schema", "fusegate.capabilities"}, {"schema_version", "1.0"},
          {"library", std::move(library)},     {"ops", std::move(ops)},
          {"probes", std::move(probes)},       {"problems", identity.at("problems")}};
}

}  // namespace fusegate::probe
