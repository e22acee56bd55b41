#include "suites/campaign.hpp"

#include <thread>

#include <nlohmann/json.hpp>

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;

// One of so many may well crash.
constexpr std::uint64_t many_cases = 100;
constexpr unsigned cores_for_two_workers = 4;

void run_implementation(const Plan& plan, const Implementation& implementation,
                        const RunnerOptions& options, const CampaignObserver& observer,
                        CampaignOutcome& outcome) {
  RunnerOptions own = options;
  const bool imports = implementation.start_time_limit.has_value();
  own.standby_at_once = imports && plan.size() >= many_cases &&
                        std::thread::hardware_concurrency() >= cores_for_two_workers;
  Session session(implementation, own);
  outcome.implementations->push_back(session.description());
  outcome.implementations->back()["available"] = true;
  observer.on_implementation(session.description());
  plan.for_each([&](const Case& c) {
    if (observer.is_done(result_id(implementation.name, c.line()))) return true;
    observer.on_case(implementation.name, c);
    Result result = session.run(c);
    result.models = plan.models_of(c);
    observer.on_result(result);
    return true;
  });
  if (!session.out_of_service().empty()) {
    outcome.could_not_run.push_back(session.out_of_service());
  }
}

}  // namespace

CampaignOutcome run_campaign(const Plan& plan, const std::vector<Implementation>& implementations,
                             const RunnerOptions& options, const CampaignObserver& observer) {
  CampaignOutcome outcome;
  outcome.implementations = std::make_shared<Json>(Json::array());
  for (const Implementation& implementation : implementations) {
    try {
      run_implementation(plan, implementation, options, observer, outcome);
    } catch (const Interrupted&) {
      outcome.interrupted = true;
      break;
    } catch (const SessionUnavailable& error) {
      outcome.could_not_run.emplace_back(error.what());
      outcome.implementations->push_back(
          {{"name", implementation.name}, {"available", false}, {"reason", error.what()}});
    }
  }
  return outcome;
}

}  // namespace fusegate::suites
