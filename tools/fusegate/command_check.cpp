#include <optional>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/process/interrupt.hpp"
#include "suites/campaign.hpp"
#include "tools/fusegate/case_log.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/facts.hpp"
#include "tools/fusegate/outcome.hpp"
#include "tools/fusegate/selection.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

// So few cases a person wants to see one by one.
constexpr std::uint64_t few_cases = 20;

/// The results of a check as a document, each written as it comes.
class CheckDocument {
 public:
  explicit CheckDocument(const std::string& file) {
    if (file.empty()) return;
    out_.emplace(file);
    out_->write("{\n \"tool\": " + tool_identity().dump() + ",\n \"results\": [");
  }

  void add(const Json& result) {
    if (!out_) return;
    out_->write((first_ ? "\n  " : ",\n  ") +
                result.dump(-1, ' ', false, Json::error_handler_t::replace));
    first_ = false;
  }

  void finish(const Json& implementations, const Json& summary) {
    if (!out_) return;
    out_->write("\n ],\n \"implementations\": " + implementations.dump() +
                ",\n \"summary\": " + summary.dump() + "\n}\n");
    out_->finish();
  }

 private:
  std::optional<DocumentWriter> out_;
  bool first_ = true;
};

/// Lines, or a JSON list of them where `json` names a file.
void print_cases(const suites::Plan& plan, const std::string& json) {
  DocumentWriter out(json.empty() ? "-" : json);
  std::string separator = "[\n ";
  plan.for_each([&](const suites::Case& c) {
    out.write(json.empty() ? c.line() + "\n" : separator + Json(c.line()).dump());
    separator = ",\n ";
    return true;
  });
  if (!json.empty()) out.write(plan.size() == 0 ? "[]\n" : "\n]\n");
  out.finish();
}

}  // namespace

ExitCode run_command(const CheckOptions& options, const CommonOptions& common) {
  const Console console(common);
  CaseOptions cases = options.cases;
  if (options.lines.empty() && cases.suite.empty()) cases.suite = "smoke";
  if (!options.lines.empty() && !cases.suite.empty()) {
    throw UsageError("give lines or --suite, not both");
  }
  const suites::Plan plan = make_plan(cases, options.lines);
  if (options.list) {
    print_cases(plan, common.json);
    return ExitCode::good;
  }
  std::vector<probe::Device> devices;
  if (depends_on_devices(cases)) devices = probe::survey_devices().devices;
  const auto [implementations, notes] = choose_implementations(cases, common.python, devices);
  for (const auto& note : notes) console.print(console.paint(Tone::warning, note));

  const InterruptGuard interrupt;
  Progress progress(common, plan.size() * implementations.size());
  CaseLog log(console, progress, common.verbose || plan.size() <= few_cases, cases, common.python,
              options.repeat);
  reports::Summary summary;
  CheckDocument document(common.json);
  suites::CampaignObserver observer;
  observer.on_case = [&](const std::string& implementation, const suites::Case& c) {
    progress.begin(implementation + "  " + c.line());
  };
  observer.on_result = [&](const suites::Result& result) {
    const Json json = suites::result_to_json(result);
    summary.add(json);
    document.add(json);
    log.show(result);
    progress.advance();
  };
  const auto outcome = run_campaign(
      plan, implementations, make_runner_options(cases, options.repeat, interrupt.fd()), observer);
  progress.clear();
  document.finish(*outcome.implementations, summary.to_json());
  if (plan.size() > few_cases) print_summary(console, summary);
  return conclude(console, summary, outcome, " (interrupted)");
}

}  // namespace fusegate::tools
