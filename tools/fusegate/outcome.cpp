#include "tools/fusegate/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "suites/result.hpp"

namespace fusegate::tools {
namespace {

/// How many results have a verdict that `matches`.
template <class Matches>
std::uint64_t count(const reports::Summary& summary, Matches&& matches) {
  std::uint64_t number = 0;
  for (const auto& [name, cases] : summary.by_verdict()) {
    const auto verdict = suites::parse_verdict(name);
    if (verdict && matches(*verdict)) number += cases;
  }
  return number;
}

/// What could not be run, for people.
std::vector<std::string> list_not_run(const reports::Summary& summary,
                                      const suites::CampaignOutcome& outcome) {
  using suites::Verdict;
  auto reasons = outcome.could_not_run;
  const auto skipped = count(summary, [](Verdict v) { return v == Verdict::skipped; });
  const auto untried =
      count(summary, [](Verdict v) { return v == Verdict::skipped || v == Verdict::unsupported; });
  if (reasons.empty() && skipped > 0) {
    reasons.push_back(fmt::format("{} cases were skipped", skipped));
  } else if (reasons.empty() && summary.results() > 0 && untried == summary.results()) {
    reasons.emplace_back("none of the cases is supported, so nothing was tested");
  }
  return reasons;
}

}  // namespace

ExitCode conclude(const Console& console, const reports::Summary& summary,
                  const suites::CampaignOutcome& outcome, std::string_view when_interrupted) {
  const auto not_run = list_not_run(summary, outcome);
  for (const auto& reason : not_run) {
    console.insist(console.paint(Tone::bad, "could not run: ") + foreign_text(reason, 4));
  }
  const bool failed = count(summary, suites::is_failed_check) > 0;
  const Tone tone = failed                                    ? Tone::bad
                    : outcome.interrupted || !not_run.empty() ? Tone::warning
                                                              : Tone::good;
  console.print(fmt::format("{} cases: {}{}", summary.results(),
                            console.paint(tone, reports::counts_text(summary.by_verdict())),
                            outcome.interrupted ? when_interrupted : ""));
  if (outcome.interrupted) return ExitCode::interrupted;
  if (failed) return ExitCode::check_failed;
  return not_run.empty() ? ExitCode::good : ExitCode::could_not_run;
}

}  // namespace fusegate::tools
