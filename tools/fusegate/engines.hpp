#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/device/device.hpp"
#include "probe/engine/conditions/profile.hpp"
#include "probe/engine/engine_survey.hpp"
#include "tools/fusegate/sources.hpp"

namespace fusegate::tools {

/// The import packages of the known libraries.
[[nodiscard]] std::vector<std::string> tracked_packages();

/// Throws UsageError where contract `action` is not told of which engine.
void require_engine(const std::string& engine, const char* action);

/// What --assume says. Throws UsageError.
[[nodiscard]] probe::Profile profile_of(const std::vector<std::string>& assumptions);

/// The same, and the GPU of this machine where no other one is assumed and all here are of one
/// architecture.
[[nodiscard]] probe::Profile profile_here(const std::vector<std::string>& assumptions,
                                          const std::vector<probe::Device>& devices);

/// All that a library offers. Throws CannotRun.
[[nodiscard]] probe::LoadedSurface read_surface(const LibrarySources& library,
                                                const std::string& python);

/// What the engines are that --engine names. Throws UsageError and CannotRun.
[[nodiscard]] std::vector<probe::EngineSurvey> read_engines(
    const std::vector<std::string>& arguments, const std::string& python);

/// What a report says of engines.
struct EngineQuestion {
  std::vector<std::string> engines;    ///< [NAME=]PATH or NAME
  std::vector<std::string> libraries;  ///< likewise: each engine is checked against each of them
  probe::Profile profile;
};

/// `engines` of a report: to_json(EngineSurvey) with checks[]{library, assumed, counts, broken}.
/// What cannot be read is a problem of its engine, and costs nothing else. Throws UsageError for an
/// argument that is no engine.
[[nodiscard]] nlohmann::ordered_json engines_of_report(const EngineQuestion& question,
                                                       const std::string& python);

/// A line for each engine and each of its checks, of engines_of_report.
void print_engines(const Console& console, const nlohmann::ordered_json& engines);

}  // namespace fusegate::tools
