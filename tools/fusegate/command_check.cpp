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

void print_cases(const suites::Plan& plan, const Console& console) {
  plan.for_each([&](const suites::Case& c) {
    console.insist(c.line());
    return true;
  });
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
    print_cases(plan, console);
    return ExitCode::good;
  }
  std::vector<probe::Device> devices;
  if (cases.with.empty() && cases.workers.empty()) devices = probe::survey_devices().devices;
  const auto implementations = choose_implementations(cases, devices);

  const InterruptGuard interrupt;
  Progress progress(common, plan.size() * implementations.size());
  CaseLog log(console, progress, common.verbose || plan.size() <= few_cases, cases.workers);
  reports::Summary summary;
  Json results = Json::array();
  suites::CampaignObserver observer;
  observer.on_case = [&](const std::string& implementation, const suites::Case& c) {
    progress.begin(implementation + "  " + c.line());
  };
  observer.on_result = [&](const suites::Result& result) {
    const Json json = suites::result_to_json(result);
    summary.add(json);
    if (!common.json.empty()) results.push_back(json);
    log.show(result);
    progress.advance();
  };
  const auto outcome = run_campaign(
      plan, implementations, make_runner_options(cases, options.repeat, interrupt.fd()), observer);
  progress.clear();
  if (!common.json.empty()) {
    const Json document{{"tool", tool_identity()},
                        {"implementations", *outcome.implementations},
                        {"results", results},
                        {"summary", summary.to_json()}};
    write_document(common.json, document.dump(1) + "\n");
  }
  if (plan.size() > few_cases) print_summary(console, summary);
  return conclude(console, summary, outcome.could_not_run, outcome.interrupted);
}

}  // namespace fusegate::tools
