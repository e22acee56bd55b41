#include "tools/fusegate/contract_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/engine/call_reach.hpp"
#include "probe/engine/fix_help.hpp"
#include "tools/fusegate/contract_attributes.hpp"

namespace fusegate::tools {
namespace {

using probe::Consequence;
using probe::JudgedUse;

constexpr std::size_t listed_limit = 12;

struct Group {
  Consequence consequence;
  const char* heading;
  Tone tone;
};
// What is worst first.
constexpr std::array groups{
    Group{Consequence::stops_import, "stops importing", Tone::bad},
    Group{Consequence::fails_at_call, "fails at call", Tone::bad},
    Group{Consequence::misled, "misled", Tone::bad},
    Group{Consequence::conditional, "breaks under a condition that is not known", Tone::warning},
    Group{Consequence::off, "off", Tone::plain},
    Group{Consequence::fine, "fine", Tone::good},
};

/// "a, b, c and 9 more"
std::string listed(const std::vector<std::string>& names) {
  const auto shown = std::min(names.size(), listed_limit);
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(shown));
  return join(first, ", ") +
         (names.size() > shown ? fmt::format(" and {} more", names.size() - shown) : "");
}

void print_use(const Console& console, const JudgedUse& judged, const ContractOutcome& outcome) {
  const auto& use = judged.use;
  console.print(without_controls(
      fmt::format("  {}  {}  {}  [{}]", place_of(use), use.symbol, name_of(use.kind), judged.id)));
  std::vector<std::string> details;
  if (!use.function.empty()) details.push_back("in " + use.function);
  if (const auto guards = text_of(use.guards); !guards.empty()) {
    details.push_back("under: " + guards);
  }
  if (!details.empty()) {
    console.print("      " + console.paint(Tone::faint, without_controls(join(details, "; "))));
  }
  if (!judged.detail.empty()) console.print(without_controls("      " + judged.detail));
  if (!judged.open.empty()) {
    console.print(without_controls("      not known: " + join(judged.open, ", ")));
  }
  if (const auto* entry = outcome.accepted.find(judged.id)) {
    console.print(without_controls("      " + words_of(*entry)));
  }
}

void print_cause(const Console& console, const probe::BlastCause& cause) {
  console.print(without_controls(fmt::format("      {} modules stop importing: {}",
                                             cause.modules.size(), listed(cause.modules))));
  if (!cause.models.empty()) {
    console.print(without_controls(fmt::format("      {} model modules, {} architectures: {}",
                                               cause.models.size(), cause.architectures.size(),
                                               listed(cause.architectures))));
    console.print(without_controls("      seen as: " + cause.symptom));
  }
  std::vector<std::string> swallowed;
  for (const auto& one : cause.swallowed) {
    auto text = fmt::format("{}:{} ({})", one.file, one.line, one.handler);
    if (std::find(swallowed.begin(), swallowed.end(), text) == swallowed.end()) {
      swallowed.push_back(std::move(text));
    }
  }
  if (!swallowed.empty()) console.print(without_controls("      ends at: " + listed(swallowed)));
  if (!cause.conditional.empty()) {
    console.print(without_controls("      perhaps also: " + listed(cause.conditional)));
  }
}

/// A use, and what goes down with it.
void print_with_blast(const Console& console, const JudgedUse& judged,
                      const ContractOutcome& outcome) {
  print_use(console, judged, outcome);
  for (const auto& cause : outcome.check.blast) {
    if (cause.use == &judged) print_cause(console, cause);
  }
}

void print_callers(const Console& console, const std::vector<probe::Caller>& callers) {
  if (!callers.empty()) console.print("      may be reached from, by name:");
  for (const auto& caller : callers) {
    console.print(without_controls(fmt::format(
        "        {}{}:{}  {}  ({})",
        std::string(static_cast<std::size_t>(caller.distance - 1) * 2, ' '), caller.file,
        caller.line, caller.function.empty() ? "the module" : caller.function, caller.of)));
  }
}

}  // namespace

void print_outcome(const Console& console, const ContractOutcome& outcome, bool all) {
  for (const auto& group : groups) {
    if (group.consequence == Consequence::fine && !all) continue;
    std::vector<const JudgedUse*> uses;
    for (const auto& judged : outcome.check.uses) {
      // A probe that misleads is answered yes.
      const bool is_told =
          judged.resolution.status != probe::UseStatus::ok || breaks(judged) || all;
      if (judged.consequence == group.consequence && is_told &&
          outcome.is_new(finding_of(judged))) {
        uses.push_back(&judged);
      }
    }
    if (uses.empty()) continue;
    console.print(console.paint(group.tone, fmt::format("{} ({})", group.heading, uses.size())));
    for (const auto* judged : uses) print_with_blast(console, *judged, outcome);
  }
  print_attributes(console, outcome, all);
}

void explain(const Console& console, const ContractOutcome& outcome,
             const std::vector<std::string>& ids, probe::EngineSources& engine,
             probe::LoadedSurface& loaded, const std::vector<probe::EntryContract>& contracts) {
  for (const auto& id : ids) {
    explain_attribute(console, outcome, id);
    for (const auto& judged : outcome.check.uses) {
      if (judged.id != id) continue;
      console.print(
          fmt::format("{}: {}", name_of(judged.consequence), name_of(judged.resolution.status)));
      print_with_blast(console, judged, outcome);
      print_callers(console, probe::callers_of(judged.use, engine.tree(), engine.files()));
      const auto help = fix_help(judged, loaded, contracts);
      for (const auto& line : help.text) console.print(without_controls("      " + line));
      for (const auto& line : help.snippet) console.print(without_controls("        " + line));
    }
  }
}

void print_counts(const Console& console, const ContractOutcome& outcome) {
  std::vector<std::string> counts;
  for (const auto& [name, count] : counts_of(outcome.check)) {
    counts.push_back(fmt::format("{} {}", count, name));
  }
  const auto missing = count_of(outcome.check.attributes, probe::AttributeStatus::missing);
  console.insist(fmt::format(
      "{} uses: {}{}", outcome.check.uses.size(), join(counts, ", "),
      missing == 0 ? "" : fmt::format("; {} attributes of its own objects are missing", missing)));
  std::vector<std::string> known, accepted;
  for (const auto& finding : findings_of(outcome.check)) {
    if (outcome.is_known(finding)) {
      known.push_back(finding.id);
    } else if (breaks(finding.consequence) && outcome.accepted.has(finding.id)) {
      accepted.push_back(finding.id);
    }
  }
  if (!known.empty()) {
    console.insist(fmt::format("{} broke in the baseline, too: {}", known.size(), listed(known)));
  }
  if (!accepted.empty()) {
    console.insist(fmt::format("{} accepted for now: {}", accepted.size(), listed(accepted)));
  }
  if (outcome.earlier == nullptr) return;
  const auto mended = mended_since(*outcome.earlier, outcome.check);
  if (!mended.empty()) {
    console.print(fmt::format("mended since the baseline: {}: {}", mended.size(), listed(mended)));
  }
}

}  // namespace fusegate::tools
