#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "kernels/worker/messages.hpp"
#include "suites/declared.hpp"

namespace fusegate::suites {

/// What became of a case with an implementation.
enum class Verdict {
  pass,
  fail,         ///< wrong results, damage, or a kernel known to be broken
  mistrusted,   ///< right, but a trivial implementation would have been right too
  unsupported,  ///< the implementation does not offer it
  error,        ///< it could not be judged: the runtime or the worker reported an error
  crash,        ///< the worker ended in the middle of it
  timeout,      ///< the worker did not answer in time
  skipped,      ///< it was not tried
};

[[nodiscard]] const char* verdict_name(Verdict verdict);
[[nodiscard]] std::optional<Verdict> parse_verdict(const std::string& name);
/// Whether a run with this verdict in it has a failed check.
[[nodiscard]] bool is_failed_check(Verdict verdict);

/// One element of an output.
struct Element {
  std::int64_t row = 0;
  std::int64_t column = 0;
  double expected = 0;
  double actual = 0;
};

/// How one output compares with the reference.
struct OutputError {
  std::string tensor;
  double max_ulp = 0;  ///< absolute; infinite where a NaN or an infinity is wrong
  double limit_ulp = 0;
  std::string limit_derivation;
  std::int64_t elements = 0;
  std::int64_t beyond_limit = 0;
  std::int64_t unwritten = 0;    ///< of those beyond: still poisoned
  std::optional<Element> worst;  ///< where max_ulp is; none when there are no elements
};

struct Result {
  std::string id;  ///< of the pair of case and implementation, the same in every run
  std::string case_line;
  std::string op;
  std::string dtype;
  std::string implementation;
  std::vector<std::string> models;  ///< that meet the case's shapes; empty: nobody says
  Verdict verdict = Verdict::skipped;
  std::string reason;  ///< why it is not a plain pass
  std::string policy;
  std::vector<OutputError> errors;
  bool damaged = false;  ///< memory that is no output's was written
  /// What the library says of the case; none: it was not asked.
  std::optional<Declared> declared;
  // Of the evidence.
  int runs = 0;
  std::vector<std::string> notes;  ///< rules that were applied
  std::vector<kernels::LaunchRecord> launches;
  std::vector<std::string> side_effects;  ///< on the worker's process
  std::string worker_errors;  ///< the end of its standard error, for a crash or a timeout
  // Of the timing.
  double wall_ms = 0;
  std::optional<double>
      build_ms;  ///< compiling before the first run; none: the worker does not tell
  std::optional<double>
      device_us;  ///< the shortest of its runs, launch overhead included; no benchmark
};

/// The result as the report's schema has it.
[[nodiscard]] nlohmann::ordered_json result_to_json(const Result& result);

/// The id of a case with an implementation.
[[nodiscard]] std::string result_id(const std::string& implementation,
                                    const std::string& case_line);

}  // namespace fusegate::suites
