#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "kernels/worker/messages.hpp"
#include "probe/process/subprocess.hpp"
#include "suites/implementation.hpp"
#include "suites/result.hpp"

namespace fusegate::suites {

/// A worker that can no longer be talked to.
class WorkerLost : public std::runtime_error {
 public:
  WorkerLost(Verdict verdict, const std::string& message, std::string errors)
      : std::runtime_error(message), verdict_(verdict), errors_(std::move(errors)) {}

  /// Of the case that it was lost with: crash, timeout or error.
  [[nodiscard]] Verdict verdict() const { return verdict_; }
  /// The end of what it wrote to standard error, as UTF-8.
  [[nodiscard]] const std::string& errors() const { return errors_; }

 private:
  Verdict verdict_;
  std::string errors_;
};

/// A person ended the run.
class Interrupted : public std::exception {};

/// The other end of kernels/worker/PROTOCOL.md. Every call throws WorkerLost, kernels::WorkerError
/// for an answer that is an error, and Interrupted as soon as `interrupt_fd` is readable.
class WorkerClient {
 public:
  /// Starts the worker and greets it.
  WorkerClient(const Implementation& implementation, int arena_fd, int interrupt_fd,
               std::chrono::milliseconds time_limit);

  /// Asks what it is, and does not wait for the answer: describe() gets it.
  void start_describing(std::chrono::milliseconds time_limit);
  [[nodiscard]] nlohmann::ordered_json describe(std::chrono::milliseconds time_limit);
  [[nodiscard]] nlohmann::ordered_json list(std::chrono::milliseconds time_limit);
  [[nodiscard]] kernels::RunResult run(const kernels::RunRequest& request,
                                       std::chrono::milliseconds time_limit);
  /// Has it compile what a run would compile.
  [[nodiscard]] kernels::PrepareResult prepare(const kernels::RunRequest& request,
                                               std::chrono::milliseconds time_limit);
  /// Asks it to end, and makes it.
  void shutdown();

 private:
  template <class Result>
  Result result_of(const char* method, const kernels::RunRequest& request,
                   std::chrono::milliseconds time_limit);
  nlohmann::ordered_json call(const std::string& method, const nlohmann::ordered_json& params,
                              std::chrono::milliseconds time_limit);
  /// Sends a request and gives its number.
  std::int64_t send(const std::string& method, const nlohmann::ordered_json& params,
                    Clock::time_point deadline);
  nlohmann::ordered_json receive(std::int64_t id, Clock::time_point deadline,
                                 std::chrono::milliseconds time_limit);
  /// Loses a worker whose answer has a member of another type than the one in `members`. Members
  /// may be missing.
  void require_members(const char* method, const nlohmann::ordered_json& answer,
                       const nlohmann::ordered_json& members);
  std::string read_answer(Clock::time_point deadline, std::chrono::milliseconds time_limit);
  [[noreturn]] void lose_ended(const char* if_it_lives);
  [[noreturn]] void lose(Verdict verdict, const std::string& message);

  Subprocess process_;
  int interrupt_fd_;
  std::int64_t next_id_ = 1;
  std::optional<std::int64_t> describing_;  ///< the request whose answer nobody has read
};

}  // namespace fusegate::suites
