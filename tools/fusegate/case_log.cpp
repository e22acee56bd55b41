#include "tools/fusegate/case_log.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace fusegate::tools {
namespace {

using suites::Verdict;

// A broken kernel fails everywhere; the report has them all.
constexpr std::uint64_t most_shown = 50;

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return Tone::good;
    case Verdict::unsupported:
    case Verdict::skipped:
      return Tone::warning;
    default:
      return Tone::bad;
  }
}

/// "max 0.500 of 0.500 ulp" for the output that came nearest to its limit.
std::string error_text(const suites::Result& result) {
  const auto worst = std::max_element(result.errors.begin(), result.errors.end(),
                                      [](const auto& a, const auto& b) {
                                        return a.max_ulp * b.limit_ulp < b.max_ulp * a.limit_ulp;
                                      });
  if (worst == result.errors.end()) return "";
  return fmt::format("max {:.3f} of {:.3f} ulp in {}", worst->max_ulp, worst->limit_ulp,
                     worst->tensor);
}

}  // namespace

CaseLog::CaseLog(const Console& console, Progress& progress, bool every_case,
                 std::vector<std::string> workers)
    : console_(console),
      progress_(progress),
      every_case_(every_case),
      workers_(std::move(workers)) {}

/// The command that repeats a case alone, for a shell.
std::string CaseLog::repro(const suites::Result& result) const {
  std::string command = "fusegate check";
  for (const auto& worker : workers_) {
    if (worker.starts_with(result.implementation + "=")) {
      command += fmt::format(" --worker '{}'", worker);
    }
  }
  return fmt::format("{} --with {} '{}'", command, result.implementation, result.case_line);
}

void CaseLog::show(const suites::Result& result) {
  const bool pass = result.verdict == Verdict::pass;
  if (pass && !every_case_) return;
  if (!every_case_ && ++shown_ > most_shown) {
    if (shown_ == most_shown + 1) {
      progress_.clear();
      console_.insist("(more in the report)");
    }
    return;
  }
  progress_.clear();
  const auto verdict =
      console_.paint(tone_of(result.verdict), fmt::format("{:<11}", verdict_name(result.verdict)));
  if (pass) {
    console_.print(fmt::format("{} {}  {}  {}", verdict, result.implementation, result.case_line,
                               console_.paint(Tone::faint, error_text(result))));
    for (const auto& note : result.notes) console_.print("            " + note);
    return;
  }
  console_.insist(fmt::format("{} {}  {}", verdict, result.implementation, result.case_line));
  console_.insist("            " + result.reason);
  if (!result.worker_errors.empty()) {
    console_.insist("            the worker's last words: " + result.worker_errors);
  }
  if (suites::is_failed_check(result.verdict)) {
    console_.insist("            again: " + repro(result));
  }
}

void print_summary(const Console& console, const reports::Summary& summary) {
  const auto errors = summary.errors();
  for (const auto& [key, verdicts] : summary.by_implementation_and_op()) {
    console.print(
        fmt::format("{:<17} {:<16} {}", key.first, key.second, reports::counts_text(verdicts)));
    for (const auto& row : errors) {
      if (row.implementation != key.first || row.op != key.second) continue;
      console.print(
          fmt::format("  {:<5} {:<13} max error {:>9} ulp, limit {:.3f}  {}", row.dtype, row.tensor,
                      std::isfinite(row.max_ulp) ? fmt::format("{:.3f}", row.max_ulp) : "infinite",
                      row.limit_ulp, console.paint(Tone::faint, row.case_line)));
    }
  }
}

}  // namespace fusegate::tools
