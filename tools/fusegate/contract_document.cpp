#include "tools/fusegate/contract_document.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"
#include "tools/fusegate/contract_attributes.hpp"

namespace fusegate::tools {

using Json = nlohmann::ordered_json;

Json to_json(const probe::Profile& profile) {
  Json assumed = Json::object();
  // No variable can have the name of a GPU.
  if (!profile.architecture.empty()) assumed[profile.architecture] = "1";
  for (const auto& [name, value] : profile.variables) assumed[name] = value;
  return assumed;
}

Json counts_to_json(const probe::EngineCheck& check) {
  Json counts;
  for (const auto& [name, count] : counts_of(check)) counts[name] = count;
  return counts;
}

Json document_of(const probe::EngineLocation& engine, const LibrarySources& library,
                 const probe::Profile& profile, const ContractOutcome& outcome) {
  Json broken = Json::array(), accepted = Json::array(), known = Json::array();
  for (const auto& finding : findings_of(outcome.check)) {
    if (outcome.counts(finding)) {
      broken.push_back(finding.id);
    } else if (probe::breaks(finding.consequence)) {
      (outcome.is_known(finding) ? known : accepted).push_back(finding.id);
    }
  }
  const auto& attributes = outcome.check.attributes;
  Json mended = Json::array();
  if (outcome.earlier != nullptr) mended = mended_since(*outcome.earlier, outcome.check);
  return {{"schema", contract_schema_name},
          {"schema_version", contract_schema_version},
          {"engine", {{"name", engine.rules->name}, {"path", probe::shown(engine.root)}}},
          {"library", to_json(library)},
          {"assumed", to_json(profile)},
          {"counts", counts_to_json(outcome.check)},
          {"uses", list_of(outcome.check.uses)},
          {"attributes", list_of(attributes.gaps)},
          {"attribute_counts",
           {{"ok", attributes.ok},
            {"missing", count_of(attributes, probe::AttributeStatus::missing)},
            {"unresolved", count_of(attributes, probe::AttributeStatus::unresolved)}}},
          {"broken", std::move(broken)},
          {"accepted", std::move(accepted)},
          {"known", std::move(known)},
          {"mended", std::move(mended)},
          {"blast_radius", list_of(outcome.check.blast)},
          {"problems", probe::to_json(outcome.check.problems)}};
}

}  // namespace fusegate::tools
