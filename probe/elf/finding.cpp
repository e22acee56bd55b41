#include "probe/elf/finding.hpp"

#include <nlohmann/json.hpp>

namespace fusegate::probe {

std::string_view name_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::binding_mismatch:
      return "binding_mismatch";
    case FindingKind::missing_gpu_target:
      return "missing_gpu_target";
    case FindingKind::older_than_source:
      return "older_than_source";
    case FindingKind::two_hip_runtimes:
      return "two_hip_runtimes";
    case FindingKind::missing_symbol:
      return "missing_symbol";
    case FindingKind::unknown_argument:
      return "unknown_argument";
    case FindingKind::undefined_symbol:
      return "undefined_symbol";
    case FindingKind::library_not_found:
      return "library_not_found";
    case FindingKind::wrong_machine:
      return "wrong_machine";
    case FindingKind::unreadable:
      return "unreadable";
  }
  return "";
}

nlohmann::ordered_json to_json(const BinaryFinding& finding) {
  return {{"kind", name_of(finding.kind)},
          {"module", finding.module},
          {"what", finding.what},
          {"evidence", finding.evidence},
          {"fix", finding.fix}};
}

nlohmann::ordered_json to_json(const std::vector<BinaryFinding>& findings) {
  auto json = nlohmann::ordered_json::array();
  for (const auto& finding : findings) json.push_back(to_json(finding));
  return json;
}

}  // namespace fusegate::probe
