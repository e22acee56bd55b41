#include "tools/fusegate/case_log.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "tools/fusegate/library_selection.hpp"

namespace fusegate::tools {
namespace {

using suites::Verdict;

// A broken kernel fails everywhere; the report has them all.
constexpr std::uint64_t most_shown = 50;
constexpr int most_last_lines = 10;
const std::string indent(12, ' ');

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

/// "max 0.5000 of 0.5001 ulp" for the output that came nearest to its limit.
std::string error_text(const suites::Result& result) {
  const auto worst = std::max_element(result.errors.begin(), result.errors.end(),
                                      [](const auto& a, const auto& b) {
                                        return a.max_ulp * b.limit_ulp < b.max_ulp * a.limit_ulp;
                                      });
  if (worst == result.errors.end()) return "";
  return fmt::format("max {} of {} ulp in {}", reports::ulp_text(worst->max_ulp),
                     reports::ulp_text(worst->limit_ulp), worst->tensor);
}

/// The report has the rest.
std::string last_lines(std::string_view text) {
  text = text.substr(0, text.find_last_not_of('\n') + 1);
  std::size_t begin = text.size();
  for (int lines = 0; lines < most_last_lines && begin != text.npos && begin > 0; ++lines) {
    begin = text.rfind('\n', begin - 1);
  }
  if (begin == text.npos || begin == 0) return std::string(text);
  return "..." + std::string(text.substr(begin));
}

}  // namespace

CaseLog::CaseLog(const Console& console, Progress& progress, bool every_case, CaseOptions cases,
                 std::string python, int repeat)
    : console_(console),
      progress_(progress),
      every_case_(every_case),
      cases_(std::move(cases)),
      python_(std::move(python)),
      repeat_(repeat) {}

/// The command that repeats a case alone, for a shell.
std::string CaseLog::repro(const suites::Result& result) const {
  std::string command = "fusegate check";
  const auto ours = environment_implementations();
  const bool is_of_environment = std::any_of(
      ours.begin(), ours.end(), [&](const auto& one) { return one.name == result.implementation; });
  if (is_of_environment) {
    for (const auto& library : cases_.libraries) command += " --library " + shell_quoted(library);
    if (python_ != CommonOptions{}.python) command += " --python " + shell_quoted(python_);
    if (cases_.interpret) command += " --interpret";
    if (cases_.beyond_limits) command += " --beyond-limits";
  }
  for (const auto& worker : cases_.workers) {
    if (worker.starts_with(result.implementation + "=")) {
      command += " --worker " + shell_quoted(worker);
    }
  }
  if (repeat_ != CheckOptions{}.repeat) command += fmt::format(" --repeat {}", repeat_);
  if (cases_.case_timeout_seconds != CaseOptions{}.case_timeout_seconds) {
    command += fmt::format(" --case-timeout {}", cases_.case_timeout_seconds);
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
    for (const auto& note : result.notes) console_.print(indent + note);
    return;
  }
  console_.insist(fmt::format("{} {}  {}", verdict, result.implementation, result.case_line));
  console_.insist(indent + foreign_text(result.reason, indent.size()));
  if (!result.models.empty()) console_.insist(indent + "met by " + join(result.models, ", "));
  if (!result.worker_errors.empty()) {
    console_.insist(indent + "the worker's last words: " +
                    foreign_text(last_lines(result.worker_errors), indent.size()));
  }
  if (suites::is_failed_check(result.verdict)) {
    console_.insist(indent + "again: " + repro(result));
  }
}

void print_summary(const Console& console, const reports::Summary& summary) {
  const auto errors = summary.errors();
  for (const auto& [key, verdicts] : summary.by_implementation_and_op()) {
    console.print(
        fmt::format("{:<17} {:<16} {}", key.first, key.second, reports::counts_text(verdicts)));
    for (const auto& row : errors) {
      if (row.implementation != key.first || row.op != key.second) continue;
      console.print(fmt::format("  {:<5} {:<13} max error {:>9} ulp, limit {}  {}", row.dtype,
                                row.tensor, reports::ulp_text(row.max_ulp),
                                reports::ulp_text(row.limit_ulp),
                                console.paint(Tone::faint, row.case_line)));
    }
  }
}

}  // namespace fusegate::tools
