#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "probe/generation/entry_contract.hpp"
#include "reference/policy.hpp"

namespace fusegate::suites {

/// What an implementation says of an op that it does not take.
struct DeclaredLimits {
  std::string entry;  ///< the function that checks it
  probe::Limits limits;
};

/// An op provider, reached through a worker.
struct Implementation {
  std::string name;
  std::vector<std::string> command;  ///< starts its worker
  std::string needs;                 ///< of the machine; empty: nothing that is known
  std::optional<std::chrono::milliseconds> start_time_limit;  ///< where it takes longer than others
  std::map<std::string, reference::NumericPolicy> policies;   ///< by op; others: the default
  std::map<std::string, DeclaredLimits> limits;  ///< by op; others: nothing is declared
  /// Each case is run, whatever is declared of it; both are told.
  bool beyond_limits = false;
};

/// What this build knows by name.
struct KnownImplementation {
  std::string name;
  std::string worker;                  ///< the program, beside fusegate
  std::vector<std::string> arguments;  ///< for it
  std::string meaning;                 ///< one line for people
  std::string mend;                    ///< what to do when the program is not there
  std::string needs;                   ///< of the machine
};

[[nodiscard]] std::span<const KnownImplementation> known_implementations();

/// Where the running program's workers are: beside it.
[[nodiscard]] std::filesystem::path worker_folder();

/// The worker of `known` in `folder`; or, with `kind`, its relative that does something else on the
/// same runtime: fusegate-worker-KIND-RUNTIME. Throws CannotRun, with what mends it, for one that
/// was not built.
[[nodiscard]] std::filesystem::path find_worker(const std::filesystem::path& folder,
                                                const KnownImplementation& known,
                                                const std::string& kind = "");

/// Whether its worker lies beside the running program.
[[nodiscard]] bool is_built(const KnownImplementation& known);

/// A worker that a person names: "NAME=COMMAND WITH ARGUMENTS". Throws UsageError.
[[nodiscard]] Implementation parse_worker(const std::string& definition);

/// The implementation called `name`: of `custom` ones, else of this build. Throws UsageError for
/// an unknown name, with the nearest of `others` and these, CannotRun for one whose worker was not
/// built.
[[nodiscard]] Implementation find_implementation(const std::string& name,
                                                 std::span<const Implementation> custom,
                                                 std::span<const std::string> others = {});

}  // namespace fusegate::suites
