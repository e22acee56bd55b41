#include "tools/fusegate/outcome.hpp"

#include <optional>

#include <fmt/format.h>

#include "suites/result.hpp"

namespace fusegate::tools {
namespace {

bool has_failed_check(const reports::Summary& summary) {
  for (const auto& [name, count] : summary.by_verdict()) {
    const auto verdict = suites::parse_verdict(name);
    if (verdict && suites::is_failed_check(*verdict)) return true;
  }
  return false;
}

}  // namespace

ExitCode conclude(const Console& console, const reports::Summary& summary,
                  const std::vector<std::string>& could_not_run, bool interrupted) {
  for (const auto& reason : could_not_run) {
    console.insist(console.paint(Tone::bad, "could not run: ") + reason);
  }
  const bool failed = has_failed_check(summary);
  const Tone tone = failed ? Tone::bad : interrupted ? Tone::warning : Tone::good;
  console.print(fmt::format("{} cases: {}{}", summary.results(),
                            console.paint(tone, reports::counts_text(summary.by_verdict())),
                            interrupted ? " (interrupted; --resume goes on)" : ""));
  if (interrupted) return ExitCode::interrupted;
  if (failed) return ExitCode::check_failed;
  return could_not_run.empty() ? ExitCode::good : ExitCode::could_not_run;
}

}  // namespace fusegate::tools
