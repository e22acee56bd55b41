#include "suites/runner.hpp"

#include <algorithm>
#include <filesystem>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/files.hpp"
#include "probe/base/hash.hpp"
#include "suites/declared.hpp"
#include "suites/image.hpp"
#include "suites/judge.hpp"
#include "suites/limits.hpp"
#include "suites/request.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;

// A worker that fails to start so often in a row will not start.
constexpr int start_attempts = 3;

/// Of the words of its command, of a file its content, wherever it lies; and of what is not run.
std::string fingerprint_of(const Implementation& implementation) {
  Fingerprint fingerprint;
  for (const auto& word : implementation.command) {
    std::error_code no_path;
    if (std::filesystem::is_regular_file(word, no_path)) {
      // One that cannot be read cannot be started either, which is told when that is tried.
      static_cast<void>(read_pieces(word, [&](std::string_view piece) { fingerprint.add(piece); }));
    } else {
      fingerprint.add(word);
    }
    fingerprint.add({"", 1});  // between words
  }
  if (implementation.beyond_limits) fingerprint.add("beyond limits");
  for (const auto& [op, declared] : implementation.limits) {
    fingerprint.add(op + declared.entry + to_json(declared.limits).dump());
  }
  return fingerprint.text();
}

Verdict verdict_of(kernels::ErrorKind kind) {
  switch (kind) {
    case kernels::ErrorKind::unsupported:
      return Verdict::unsupported;
    case kernels::ErrorKind::kernel_fault:
      return Verdict::fail;
    default:
      return Verdict::error;
  }
}

Conduct conduct_of(const Result& result) {
  if (result.damaged) return Conduct::out_of_bounds;
  return result.verdict == Verdict::fail ? Conduct::wrong : Conduct::right;
}

/// Of a worker that was lost.
Conduct conduct_of(Verdict verdict) {
  if (verdict == Verdict::crash) return Conduct::crashed;
  return verdict == Verdict::timeout ? Conduct::hung : Conduct::failed;
}

Conduct conduct_of(const kernels::WorkerError& error) {
  if (error.fatal()) return Conduct::crashed;
  switch (error.kind()) {
    case kernels::ErrorKind::runtime:
      return Conduct::refused;
    case kernels::ErrorKind::kernel_fault:
      return Conduct::wrong;
    default:
      return Conduct::failed;
  }
}

}  // namespace

Session::Session(Implementation implementation, RunnerOptions options)
    : implementation_(std::move(implementation)), options_(options) {
  try {
    std::unique_ptr<WorkerClient> second;
    if (options_.standby_at_once) {
      standby_ = make_waiting();
      second = make_waiting();
    }
    start_worker();
    standby_ = std::move(second);
  } catch (const WorkerLost& lost) {
    throw SessionUnavailable(
        fmt::format("{} cannot run: {}{}{}", implementation_.name, lost.what(),
                    lost.errors().empty() ? "" : "; it wrote: ", lost.errors()));
  } catch (const kernels::WorkerError& error) {
    const bool lacks =
        error.kind() == kernels::ErrorKind::no_device && !implementation_.needs.empty();
    throw SessionUnavailable(fmt::format("{} cannot run: {}{}", implementation_.name, error.what(),
                                         lacks ? "; it needs " + implementation_.needs : ""));
  } catch (const std::system_error& error) {
    throw SessionUnavailable(fmt::format("{} cannot run: its worker does not start: {}",
                                         implementation_.name, error.what()));
  }
}

Session::~Session() {
  if (worker_) worker_->shutdown();
}

void Session::start_worker() {
  const auto limit = implementation_.start_time_limit.value_or(options_.start_time_limit);
  const auto begin = Clock::now();
  worker_ = std::move(standby_);
  if (!worker_) {
    worker_ =
        std::make_unique<WorkerClient>(implementation_, arena_.fd(), options_.interrupt_fd, limit);
  }
  // Asking for the device also shows whether it is well.
  Json description = worker_->describe(limit);
  if (description_) return;
  starts_slowly_ = Clock::now() - begin > options_.slow_start;
  prepares_ = description.value("prepares", false);
  interpreted_ = description.value("interpreted", false);
  const Json bf16 = description.value("bf16", Json::object());
  truncates_bf16_ = bf16.value("stores", "") == "toward_zero";
  adds_bf16_wrong_ = bf16.value("sums", "") == "wrong";
  description["operations"] = worker_->list(limit).value("operations", Json::array());
  description_ =
      std::make_unique<Json>(Json{{"name", implementation_.name},
                                  {"runtime", description.value("runtime", "")},
                                  {"device", description.value("device", Json::object())},
                                  {"versions", description.value("versions", Json::object())},
                                  {"operations", description["operations"]},
                                  {"fingerprint", fingerprint_of(implementation_)}});
  const auto seconds = description.find("import_seconds");
  if (seconds != description.end()) (*description_)["import_seconds"] = *seconds;
  if (interpreted_) (*description_)["interpreted"] = true;
}

/// A worker that is being asked what it is; none where it does not start, which is told when it is
/// needed.
std::unique_ptr<WorkerClient> Session::make_waiting() {
  const auto limit = implementation_.start_time_limit.value_or(options_.start_time_limit);
  try {
    auto worker =
        std::make_unique<WorkerClient>(implementation_, arena_.fd(), options_.interrupt_fd, limit);
    worker->start_describing(limit);
    return worker;
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// The import of a library takes seconds: after a crash another worker is well under way with it.
void Session::start_standby() {
  if (standby_ || !worker_ || !starts_slowly_ || cases_ < options_.cases_before_standby) return;
  standby_ = make_waiting();
}

void Session::restart_worker() {
  cases_ = std::max(cases_, options_.cases_before_standby);
  std::string why;
  for (int attempt = 0; attempt < start_attempts; ++attempt) {
    try {
      start_worker();
      return;
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& error) {
      worker_.reset();
      why = error.what();
    }
  }
  out_of_service_ = fmt::format("{} no longer starts: {}", implementation_.name, why);
}

Result Session::run(const Case& c) {
  Result result;
  result.case_line = c.line();
  result.id = result_id(implementation_.name, result.case_line);
  result.op = c.op().name;
  result.dtype = c.word("dtype");
  result.implementation = implementation_.name;
  result.policy = reference::policy_text(policy_for(c));
  if (!worker_ && out_of_service_.empty()) restart_worker();
  if (!worker_) {
    result.verdict = Verdict::skipped;
    result.reason = out_of_service_;
    return result;
  }
  ++cases_;
  start_standby();
  const Conduct conduct = run_to_a_verdict(c, result);
  if (result.declared) conclude_declared(conduct, result);
  return result;
}

Conduct Session::run_to_a_verdict(const Case& c, Result& result) {
  try {
    run_and_judge(c, result);
    return conduct_of(result);
  } catch (const Interrupted&) {
    worker_.reset();  // it may be inside a kernel: do not ask, end it
    throw;
  } catch (const WorkerLost& lost) {
    worker_.reset();
    result.verdict = lost.verdict();
    result.reason = lost.what();
    result.worker_errors = lost.errors();
    return conduct_of(lost.verdict());
  } catch (const kernels::WorkerError& error) {
    if (error.fatal()) worker_.reset();
    // What it has no function for, or none that could be told of the case, was not called.
    if (error.kind() == kernels::ErrorKind::unsupported) result.declared.reset();
    result.verdict = verdict_of(error.kind());
    result.reason = fmt::format("{}: {}", kernels::error_kind_name(error.kind()), error.what());
    return conduct_of(error);
  } catch (const std::bad_alloc&) {
    result.verdict = Verdict::error;
    result.reason = "out_of_memory: this machine has not enough for the case's tensors";
    return Conduct::failed;
  }
}

/// Nothing that a library does with what it says it does not take fails a check. Whoever ran such a
/// case may have damaged itself unseen: the next case gets a fresh worker.
void Session::conclude_declared(Conduct conduct, Result& result) {
  auto& declared = *result.declared;
  declared.conduct = conduct;
  if (declared.limit.empty()) return;
  if (conduct != Conduct::refused) retire_worker();
  result.reason = fmt::format("declared: {}; {}{}{}", declared.limit, conduct_name(conduct),
                              result.reason.empty() ? "" : ": ", result.reason);
  result.verdict = Verdict::unsupported;
  result.errors.clear();
}

void Session::retire_worker() {
  if (worker_) worker_->shutdown();
  worker_.reset();
}

reference::NumericPolicy Session::policy_for(const Case& c) const {
  const auto it = implementation_.policies.find(c.op().name);
  auto policy = it == implementation_.policies.end() ? options_.policy : it->second;
  if (truncates_bf16_ && c.word("dtype") == "bf16") {
    policy.store = reference::Rounding::toward_zero;
  }
  return policy;
}

/// A kernel that adds in bf16 cannot be judged by an interpreter that cannot.
void Session::conclude_interpreted(const Case& c, Result& result) const {
  result.notes.emplace_back("run by Triton's interpreter, not by a GPU");
  const bool adds_in_bf16 = policy_for(c).norm_of_rounded_sum && c.word("dtype") == "bf16";
  if (!adds_bf16_wrong_ || !adds_in_bf16 || result.verdict != Verdict::fail) return;
  result.verdict = Verdict::unsupported;
  result.reason =
      "this Triton's interpreter adds the bits of bf16 values as integers, as a test of it showed, "
      "so the kernel's sums cannot be judged by it: " +
      result.reason;
  result.errors.clear();
}

/// What is compiled is no part of a case's time, and has a deadline of its own; one that hangs
/// gets it once.
void Session::prepare(const kernels::RunRequest& request, Result& result) {
  if (!prepares_) return;
  const auto limit = has_hung_ ? options_.case_time_limit : options_.build_time_limit;
  try {
    const auto prepared = worker_->prepare(request, limit);
    result.build_ms = prepared.seconds * 1000;
    for (const auto& module : prepared.modules) result.notes.push_back("loaded for it: " + module);
    take_side_effects(prepared, result);
  } catch (const WorkerLost& lost) {
    has_hung_ = has_hung_ || lost.verdict() == Verdict::timeout;
    throw;
  }
}

template <class Answer>
void Session::take_side_effects(const Answer& answer, Result& result) {
  for (const auto& told : answer.side_effects) {
    auto& all = result.side_effects;
    if (std::find(all.begin(), all.end(), told) == all.end()) all.push_back(told);
  }
  if (!answer.ends) return;
  worker_.reset();
  restart_worker();
  if (!worker_) throw WorkerLost(Verdict::error, out_of_service_, "");
}

/// Not where the library says that it does not take the case, unless that is what is asked about.
bool Session::is_to_be_run(const Case& c, const Image& image, Result& result) const {
  const auto declared = implementation_.limits.find(c.op().name);
  const bool has_limits = declared != implementation_.limits.end();
  auto limit = has_limits ? objection(declared->second.limits, image) : "";
  if (implementation_.beyond_limits) {
    result.declared = Declared{
        .limit = std::move(limit), .feature = memory_feature(image.layout()), .conduct = {}};
    return true;
  }
  if (limit.empty()) return true;
  result.verdict = Verdict::unsupported;
  result.reason = fmt::format("{}: {}: {}", error_kind_name(kernels::ErrorKind::unsupported),
                              declared->second.entry, limit);
  return false;
}

kernels::RunResult Session::run_once(const kernels::RunRequest& request, Result& result) {
  const auto begin = Clock::now();
  auto outcome = worker_->run(request, options_.case_time_limit);
  result.wall_ms += std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  ++result.runs;
  if (outcome.device_us) {
    result.device_us = std::min(*outcome.device_us, result.device_us.value_or(*outcome.device_us));
  }
  take_side_effects(outcome, result);
  return outcome;
}

void Session::run_and_judge(const Case& c, Result& result) {
  const Image image(c);
  if (!is_to_be_run(c, image, result)) return;
  Judge judge(c, image, policy_for(c));
  auto request = make_request(c, image);
  const auto arena = arena_.reserve(image.bytes()).first(image.bytes());

  image.write(arena, Poison::first);
  prepare(request, result);
  const auto outcome = run_once(request, result);
  result.launches = outcome.launches;
  judge.see_first(arena);

  for (int repetition = 1; repetition < options_.runs; ++repetition) {
    const Poison poison = repetition % 2 == 1 ? Poison::second : Poison::first;
    image.write(arena, poison);
    // Never 0, which stands for the natural order of the first run.
    request.schedule = (hash64(result.case_line) + static_cast<std::uint64_t>(repetition)) | 1u;
    run_once(request, result);
    judge.see_repetition(arena, poison);
  }
  judge.conclude(result);
  if (interpreted_) conclude_interpreted(c, result);
}

}  // namespace fusegate::suites
