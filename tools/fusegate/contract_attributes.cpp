#include "tools/fusegate/contract_attributes.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "probe/base/text.hpp"

namespace fusegate::tools {
namespace {

using probe::AttributeGap;
using probe::AttributeStatus;

void print_gap(const Console& console, const ContractOutcome& outcome, const AttributeGap& gap) {
  console.print(without_controls(fmt::format("  {}:{}  {}{}  [{}]", gap.file, gap.line,
                                             gap.class_name.empty() ? "" : gap.class_name + ".",
                                             join(gap.alternatives, " or "), id_of(gap))));
  if (!gap.function.empty()) {
    console.print("      " + console.paint(Tone::faint, without_controls("in " + gap.function)));
  }
  console.print(without_controls("      " + gap.detail));
  if (const auto* entry = outcome.accepted.find(id_of(gap))) {
    console.print(without_controls("      " + words_of(*entry)));
  }
}

void print_group(const Console& console, const ContractOutcome& outcome, AttributeStatus status,
                 const char* heading, Tone tone) {
  std::vector<const AttributeGap*> gaps;
  for (const auto& gap : outcome.check.attributes.gaps) {
    if (gap.status == status && outcome.is_new(finding_of(gap))) gaps.push_back(&gap);
  }
  if (gaps.empty()) return;
  console.print(console.paint(tone, fmt::format("{} ({})", heading, gaps.size())));
  for (const auto* gap : gaps) print_gap(console, outcome, *gap);
}

}  // namespace

std::size_t count_of(const probe::AttributeReport& report, AttributeStatus status) {
  const auto count = std::count_if(report.gaps.begin(), report.gaps.end(),
                                   [&](const auto& gap) { return gap.status == status; });
  return static_cast<std::size_t>(count);
}

void print_attributes(const Console& console, const ContractOutcome& outcome, bool all) {
  print_group(console, outcome, AttributeStatus::missing,
              "engine objects without an attribute that is read", Tone::bad);
  if (!all) return;
  print_group(console, outcome, AttributeStatus::unresolved,
              "engine objects that may be without an attribute that is read", Tone::warning);
}

void explain_attribute(const Console& console, const ContractOutcome& outcome,
                       const std::string& id) {
  for (const auto& gap : outcome.check.attributes.gaps) {
    if (id_of(gap) != id) continue;
    console.print(fmt::format("{} attribute", name_of(gap.status)));
    print_gap(console, outcome, gap);
  }
}

}  // namespace fusegate::tools
