#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/engine/engine_check.hpp"
#include "probe/engine/sources/engine_release.hpp"

namespace fusegate::probe {

/// How much an engine uses a library.
struct EngineUsage {
  std::string library;
  std::size_t uses = 0;
  std::size_t modules = 0;  ///< that have such a use
};

/// What an engine is, whatever the machine and the libraries are.
struct EngineSurvey {
  std::string name;
  std::filesystem::path root;  ///< the folder that holds the import package
  EngineVersion version;
  std::size_t modules = 0;
  std::size_t mentioning = 0;  ///< modules in which the name of a tracked library stands
  std::vector<EngineUsage> usage;
  std::vector<Problem> problems;
};

[[nodiscard]] EngineSurvey survey_engine(EngineSources& engine,
                                         const std::vector<LibraryContract>& libraries);

/// {name, path, version, version_source, revision, modules, mentioning, libraries[]{name, uses,
/// modules}, problems[]}; what is not known is null
[[nodiscard]] nlohmann::ordered_json to_json(const EngineSurvey& survey);

}  // namespace fusegate::probe
