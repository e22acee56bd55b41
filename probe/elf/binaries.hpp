#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/elf/binding.hpp"
#include "probe/elf/checks.hpp"
#include "probe/elf/declared.hpp"
#include "probe/elf/finding.hpp"
#include "probe/elf/linkage.hpp"
#include "probe/elf/module.hpp"

namespace fusegate::probe {

struct BinaryRequest {
  std::vector<DeclaredModule> declared;
  /// Further modules and libraries of the same process, of which nothing is declared.
  std::vector<std::filesystem::path> others;
  BindingMarkers markers;
  LinkRules link;
  ModuleMachine machine;
};

/// A module's name, what its file tells and what the loader would make of it.
struct SurveyedModule {
  std::string name;  ///< the declared one, or the file's
  BinaryModule module;
  Linkage linkage;
};

struct BinarySurvey {
  std::vector<SurveyedModule> modules;  ///< the declared ones first
  std::vector<std::string> absent;      ///< declared, but not there: not built yet
  std::vector<BinaryFinding> findings;
};

/// Reads the modules, links them in mind and holds them against what is declared of them and
/// against the machine. Executes nothing of theirs; what cannot be read is a finding. Never throws
/// on what the files hold.
[[nodiscard]] BinarySurvey survey_binaries(const BinaryRequest& request);

/// {modules[{name, ..., linkage}], absent[], findings[]}
[[nodiscard]] nlohmann::ordered_json to_json(const BinarySurvey& survey);

}  // namespace fusegate::probe
