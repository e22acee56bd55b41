// Runs the real program, as a person or a CI job would.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "probe/process/subprocess.hpp"

namespace fusegate::testing {

using Json = nlohmann::ordered_json;

/// What a run of `fusegate` left.
struct Finished {
  int exit_code = -1;  ///< -1: it was killed or did not end in time
  std::string output;
  std::string errors;
};

struct Settings {
  std::vector<std::pair<std::string, std::string>> environment;
  std::chrono::milliseconds time_limit = std::chrono::minutes(2);
};

[[nodiscard]] Finished fusegate(const std::vector<std::string>& arguments,
                                const Settings& settings = {});

/// Runs a line of shell in which $FUSEGATE is the program.
[[nodiscard]] Finished in_shell(const std::string& script);

/// The program's path, and that of another one of its folder.
[[nodiscard]] std::filesystem::path program();
[[nodiscard]] std::filesystem::path sibling(const std::string& name);

/// Of a file that must be there and be JSON.
[[nodiscard]] Json read_json(const std::filesystem::path& path);

/// A report without what differs from run to run: ids, times, the folder it is written to.
[[nodiscard]] Json comparable(Json report);

/// The value of --worker for a worker that does `fault` on rows of `width` elements.
[[nodiscard]] std::string faulty_worker(const std::string& fault, int width);

/// The results with this verdict.
[[nodiscard]] std::vector<Json> with_verdict(const Json& report, const std::string& verdict);

/// Makes this process the parent of what its descendants leave behind, and tells whether anything
/// is left of them: waits a moment for those that are about to end.
void adopt_orphans();
[[nodiscard]] bool all_descendants_ended();

}  // namespace fusegate::testing
