#include "tools/fusegate/contract_outcome.hpp"

#include <algorithm>

namespace fusegate::tools {

bool ContractOutcome::is_known(const Finding& finding) const {
  if (earlier == nullptr || !probe::breaks(finding.consequence)) return false;
  const auto it = earlier->find(finding.id);
  return it != earlier->end() && probe::breaks(it->second);
}

bool ContractOutcome::counts(const Finding& finding) const {
  return probe::breaks(finding.consequence) && !accepted.has(finding.id) && !is_known(finding);
}

bool ContractOutcome::is_new(const Finding& finding) const {
  if (earlier == nullptr) return true;
  if (probe::breaks(finding.consequence)) return !is_known(finding);
  const auto it = earlier->find(finding.id);
  return it == earlier->end() || it->second != finding.consequence;
}

bool ContractOutcome::is_broken() const {
  const auto findings = findings_of(check);
  return std::any_of(findings.begin(), findings.end(),
                     [this](const Finding& finding) { return counts(finding); });
}

std::map<std::string, int> counts_of(const probe::EngineCheck& check) {
  std::map<std::string, int> counts;
  for (const auto consequence : probe::all_consequences) counts[name_of(consequence)] = 0;
  for (const auto& judged : check.uses) ++counts[name_of(judged.consequence)];
  return counts;
}

}  // namespace fusegate::tools
