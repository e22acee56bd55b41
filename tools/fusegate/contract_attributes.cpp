#include "tools/fusegate/contract_attributes.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "tools/fusegate/github_annotation.hpp"

namespace fusegate::tools {
namespace {

using probe::AttributeGap;
using probe::AttributeReport;
using probe::AttributeStatus;

std::size_t count_of(const AttributeReport& report, AttributeStatus status) {
  const auto count = std::count_if(report.gaps.begin(), report.gaps.end(),
                                   [&](const auto& gap) { return gap.status == status; });
  return static_cast<std::size_t>(count);
}

void print_group(const Console& console, const AttributeReport& report, AttributeStatus status,
                 const char* heading, Tone tone) {
  const auto count = count_of(report, status);
  if (count == 0) return;
  console.print(console.paint(tone, fmt::format("{} ({})", heading, count)));
  for (const auto& gap : report.gaps) {
    if (gap.status != status) continue;
    console.print(without_controls(fmt::format("  {}:{}  {}{}  [{}]", gap.file, gap.line,
                                               gap.class_name.empty() ? "" : gap.class_name + ".",
                                               join(gap.alternatives, " or "), id_of(gap))));
    if (!gap.function.empty()) {
      console.print("      " + console.paint(Tone::faint, without_controls("in " + gap.function)));
    }
    console.print(without_controls("      " + gap.detail));
  }
}

}  // namespace

bool breaks(const AttributeReport& report) {
  return count_of(report, AttributeStatus::missing) > 0;
}

void print_attributes(const Console& console, const AttributeReport& report, bool all) {
  print_group(console, report, AttributeStatus::missing,
              "engine objects without an attribute that is read", Tone::bad);
  if (!all) return;
  print_group(console, report, AttributeStatus::unresolved,
              "engine objects that may be without an attribute that is read", Tone::warning);
}

void print_attribute_annotations(const Console& console, const AttributeReport& report) {
  for (const auto& gap : report.gaps) {
    if (gap.status != AttributeStatus::missing) continue;
    const auto title = fmt::format("missing {}.{}", gap.class_name, gap.alternatives.front());
    console.insist(github_annotation("error", gap.file, gap.line, title, gap.detail));
  }
}

void add_attributes(const AttributeReport& report, nlohmann::ordered_json& document) {
  document["attributes"] = list_of(report.gaps);
  document["attribute_counts"] = {{"ok", report.ok},
                                  {"missing", count_of(report, AttributeStatus::missing)},
                                  {"unresolved", count_of(report, AttributeStatus::unresolved)}};
}

}  // namespace fusegate::tools
