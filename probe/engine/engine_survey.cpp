#include "probe/engine/engine_survey.hpp"

#include <map>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"
#include "probe/engine/sources/engine_names.hpp"

namespace fusegate::probe {

EngineSurvey survey_engine(EngineSources& engine, const std::vector<LibraryContract>& libraries) {
  EngineSurvey survey;
  survey.name = engine.location().rules->name;
  survey.root = engine.location().root;
  survey.version = version_of(engine.location(), survey.problems);
  std::set<std::string> tracked;
  for (const auto& library : libraries) tracked.insert(library.import_name);
  EngineNames names(engine.tree(), tracked);
  std::map<std::string, EngineUsage> usage;  // by import name
  for (const auto& [name, module] : engine.tree().modules()) {
    ++survey.modules;
    if (module.mentions) ++survey.mentioning;
  }
  for (const auto& name : engine.with_uses()) {
    std::set<std::string> used;
    for (const auto& use : uses_in(*engine.tree().find(name), names)) {
      const auto library = first_name(use.symbol);
      ++usage[library].uses;
      used.insert(library);
    }
    for (const auto& library : used) ++usage[library].modules;
  }
  for (const auto& library : libraries) {
    auto& found = usage[library.import_name];
    found.library = library.name;
    survey.usage.push_back(found);
  }
  const auto& problems = engine.tree().problems();
  survey.problems.insert(survey.problems.end(), problems.begin(), problems.end());
  return survey;
}

nlohmann::ordered_json to_json(const EngineSurvey& survey) {
  auto libraries = nlohmann::ordered_json::array();
  for (const auto& [library, uses, modules] : survey.usage) {
    libraries.push_back({{"name", library}, {"uses", uses}, {"modules", modules}});
  }
  return {{"name", survey.name},
          {"path", shown(survey.root)},
          {"version", text_or_null(survey.version.text)},
          {"version_source", text_or_null(survey.version.source)},
          {"revision", text_or_null(survey.version.revision)},
          {"modules", survey.modules},
          {"mentioning", survey.mentioning},
          {"libraries", std::move(libraries)},
          {"problems", to_json(survey.problems)}};
}

}  // namespace fusegate::probe
