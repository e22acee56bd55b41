#include "tools/fusegate/contract_finding.hpp"

#include <set>

namespace fusegate::tools {

probe::Consequence consequence_of(probe::AttributeStatus status) {
  return status == probe::AttributeStatus::missing ? probe::Consequence::fails_at_call
                                                   : probe::Consequence::conditional;
}

Finding finding_of(const probe::JudgedUse& judged) {
  return {judged.id, judged.consequence};
}

Finding finding_of(const probe::AttributeGap& gap) {
  return {id_of(gap), consequence_of(gap.status)};
}

std::vector<Finding> findings_of(const probe::EngineCheck& check) {
  std::vector<Finding> findings;
  for (const auto& judged : check.uses) findings.push_back(finding_of(judged));
  // What one function reads several times of one class is one gap.
  std::set<std::string> seen;
  for (const auto& gap : check.attributes.gaps) {
    auto finding = finding_of(gap);
    if (seen.insert(finding.id).second) findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace fusegate::tools
