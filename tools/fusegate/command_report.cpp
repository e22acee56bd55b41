#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "reports/markdown.hpp"
#include "reports/report.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"

namespace fusegate::tools {
namespace {

ExitCode show(const std::string& file) {
  if (const auto problems = reports::validate_report(file); !problems.empty()) {
    throw UsageError(fmt::format("{} is no valid report: {}; fusegate report validate tells all",
                                 file, problems.front()));
  }
  reports::Summary summary;
  const auto envelope =
      reports::read_report(file, [&](const auto& result) { summary.add(result); });
  const auto results = [&](const reports::ResultVisitor& visit) {
    static_cast<void>(reports::read_report(file, visit));
  };
  write_document("-", reports::render_markdown(envelope, summary, results));
  return ExitCode::good;
}

ExitCode validate(const std::string& file, const Console& console) {
  const auto problems = reports::validate_report(file);
  for (const auto& problem : problems) console.insist(fmt::format("{}: {}", file, problem));
  if (!problems.empty()) return ExitCode::check_failed;
  console.print(
      fmt::format("{}: a valid report of schema {}", file, reports::report_schema_version));
  return ExitCode::good;
}

}  // namespace

ExitCode run_command(const ReportOptions& options, const CommonOptions& common) {
  return options.action == "show" ? show(options.file) : validate(options.file, Console(common));
}

}  // namespace fusegate::tools
