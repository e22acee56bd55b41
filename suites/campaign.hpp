#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "suites/implementation.hpp"
#include "suites/plan.hpp"
#include "suites/result.hpp"
#include "suites/runner.hpp"

namespace fusegate::suites {

/// Who hears of a campaign while it goes on. May throw, which ends it.
struct CampaignObserver {
  /// Whether a result is known already, from an earlier run.
  std::function<bool(const std::string& id)> is_done = [](const auto&) { return false; };
  /// What an implementation is, before its first case.
  std::function<void(const nlohmann::ordered_json& description)> on_implementation =
      [](const auto&) {};
  std::function<void(const std::string& implementation, const Case& c)> on_case =
      [](const auto&, const auto&) {};
  std::function<void(const Result&)> on_result = [](const auto&) {};
};

struct CampaignOutcome {
  bool interrupted = false;
  std::vector<std::string> could_not_run;  ///< for each implementation that could not, why
  /// For each implementation: what its worker said of itself, or why there is nothing.
  std::shared_ptr<nlohmann::ordered_json> implementations;
};

/// Runs all cases of a plan with each implementation in turn.
[[nodiscard]] CampaignOutcome run_campaign(const Plan& plan,
                                           const std::vector<Implementation>& implementations,
                                           const RunnerOptions& options,
                                           const CampaignObserver& observer);

}  // namespace fusegate::suites
