#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reference/policy.hpp"
#include "suites/arena.hpp"
#include "suites/case.hpp"
#include "suites/declared.hpp"
#include "suites/implementation.hpp"
#include "suites/result.hpp"
#include "suites/worker_client.hpp"

namespace fusegate::suites {

class Image;

struct RunnerOptions {
  std::chrono::milliseconds case_time_limit{60'000};    ///< for each run of a case
  std::chrono::milliseconds start_time_limit{60'000};   ///< for starting a worker
  std::chrono::milliseconds build_time_limit{600'000};  ///< for what it compiles before a case runs
  int runs = 2;  ///< of each case; from the second on they must give the same bits
  reference::NumericPolicy policy;  ///< where the implementation tells none
  int interrupt_fd = -1;            ///< readable: stop
  /// A worker that took longer than this to start has another one started beside it, once it has
  /// run so many cases or one was lost, so that losing one costs little time.
  std::chrono::milliseconds slow_start{1'000};
  int cases_before_standby = 20;
  /// The second worker starts with the first: for many cases, where there are cores for both.
  bool standby_at_once = false;
};

/// An implementation that cannot run on this machine, with the reason.
class SessionUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An implementation, ready to run cases. A case that takes its worker down costs that case: the
/// next one gets a fresh worker.
class Session {
 public:
  /// Starts the worker and asks what it is. Throws SessionUnavailable with the reason when it
  /// cannot run here, and Interrupted.
  Session(Implementation implementation, RunnerOptions options);
  ~Session();
  // Holds a process.
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs and judges a case. Throws Interrupted; everything else is a verdict.
  [[nodiscard]] Result run(const Case& c);

  /// What the worker said of itself, with the implementation's name and fingerprint, as the report
  /// has it.
  [[nodiscard]] const nlohmann::ordered_json& description() const { return *description_; }

  /// Why no further case can be run, or "".
  [[nodiscard]] const std::string& out_of_service() const { return out_of_service_; }

 private:
  void start_worker();
  void start_standby();
  [[nodiscard]] std::unique_ptr<WorkerClient> make_waiting();
  void restart_worker();
  void retire_worker();
  Conduct run_to_a_verdict(const Case& c, Result& result);
  void run_and_judge(const Case& c, Result& result);
  [[nodiscard]] bool is_to_be_run(const Case& c, const Image& image, Result& result) const;
  void conclude_interpreted(const Case& c, Result& result) const;
  void conclude_declared(Conduct conduct, Result& result);
  [[nodiscard]] reference::NumericPolicy policy_for(const Case& c) const;
  template <class Answer>
  void take_side_effects(const Answer& answer, Result& result);
  void prepare(const kernels::RunRequest& request, Result& result);
  kernels::RunResult run_once(const kernels::RunRequest& request, Result& result);

  Implementation implementation_;
  RunnerOptions options_;
  Arena arena_;
  std::unique_ptr<WorkerClient> worker_;
  std::unique_ptr<WorkerClient> standby_;  ///< takes its place; being asked what it is
  bool starts_slowly_ = false;
  int cases_ = 0;
  std::unique_ptr<nlohmann::ordered_json> description_;
  bool prepares_ = false;     ///< the worker takes `prepare`
  bool interpreted_ = false;  ///< what it runs is no GPU's
  // Of an interpreter, as its worker measured it.
  bool truncates_bf16_ = false;  ///< stores of bf16 are not rounded
  bool adds_bf16_wrong_ = false;
  bool has_hung_ = false;  ///< in `prepare`
  std::string out_of_service_;
};

}  // namespace fusegate::suites
