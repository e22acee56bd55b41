#include "tools/fusegate/engines.hpp"

#include <exception>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/engine/conditions/platform.hpp"
#include "tools/fusegate/contract_document.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

Json summary_of_check(probe::EngineSources& engine, const std::string& library,
                      const probe::Profile& profile, const std::string& python,
                      std::vector<probe::Problem>& problems) {
  const auto sources = open_sources({{library}, "", ""}, python);
  auto loaded = read_surface(sources, python);
  const auto check = check_engine(engine, sources.contract, loaded, profile);
  problems.insert(problems.end(), check.problems.begin(), check.problems.end());
  Json broken = Json::array();
  for (const auto& [id, consequence] : findings_of(check)) {
    if (probe::breaks(consequence)) broken.push_back(id);
  }
  return {{"library", to_json(sources)},
          {"assumed", to_json(profile)},
          {"counts", counts_to_json(check)},
          {"broken", std::move(broken)}};
}

/// Of an engine of which nothing could be read.
Json nothing_of(const std::string& argument) {
  return {{"name", probe::shown(argument.substr(0, argument.find('=')))},
          {"path", nullptr},
          {"version", nullptr},
          {"version_source", nullptr},
          {"revision", nullptr},
          {"modules", nullptr},
          {"mentioning", nullptr},
          {"libraries", Json::array()},
          {"problems", Json::array()}};
}

Json describe(const std::string& argument, const std::vector<probe::EngineRules>& known,
              const EngineQuestion& question, const std::string& python) {
  Json entry = nothing_of(argument);
  Json checks = Json::array();
  std::vector<probe::Problem> problems;
  try {
    const auto location = probe::locate_engine(argument, known, python);
    entry["name"] = location.rules->name;
    entry["path"] = probe::shown(location.root);
    probe::EngineSources engine(location, tracked_packages(), python);
    entry = probe::to_json(survey_engine(engine, probe::libraries_of_engines()));
    for (const auto& library : question.libraries) {
      try {
        checks.push_back(summary_of_check(engine, library, question.profile, python, problems));
      } catch (const std::exception& error) {
        problems.push_back({probe::shown(library), error.what(), ""});
      }
    }
  } catch (const UsageError&) {
    throw;
  } catch (const std::exception& error) {
    // Whatever it is: the cases that are about to run are worth more.
    problems.push_back({probe::shown(argument), error.what(), ""});
  }
  for (auto& problem : probe::to_json(problems)) entry["problems"].push_back(std::move(problem));
  entry["checks"] = std::move(checks);
  return entry;
}

}  // namespace

std::vector<std::string> tracked_packages() {
  std::vector<std::string> packages;
  for (const auto& contract : probe::libraries_of_engines())
    packages.push_back(contract.import_name);
  return packages;
}

void require_engine(const std::string& engine, const char* action) {
  if (!engine.empty()) return;
  throw UsageError(fmt::format(
      "contract {0}: of which engine? Give --engine PATH or NAME; see fusegate contract "
      "{0} --help",
      action));
}

probe::Profile profile_of(const std::vector<std::string>& assumptions) {
  probe::Profile profile;
  for (const auto& text : assumptions) parse_assumption(profile, text);
  return profile;
}

probe::Profile profile_here(const std::vector<std::string>& assumptions,
                            const std::vector<probe::Device>& devices) {
  auto profile = profile_of(assumptions);
  std::set<std::string> architectures;
  for (const auto& device : devices) {
    const auto known = probe::parse_architecture(device.architecture.value_or(""));
    architectures.insert(known.value_or(""));
  }
  if (profile.architecture.empty() && architectures.size() == 1) {
    profile.architecture = *architectures.begin();
  }
  return profile;
}

probe::LoadedSurface read_surface(const LibrarySources& library, const std::string& python) {
  probe::FactsStore store(python);
  return probe::load_surface(*library.tree, store, library.contract.surface);
}

std::vector<probe::EngineSurvey> read_engines(const std::vector<std::string>& arguments,
                                              const std::string& python) {
  const auto known = probe::known_engines();
  const auto libraries = probe::libraries_of_engines();
  std::vector<probe::EngineSurvey> surveys;
  for (const auto& argument : arguments) {
    probe::EngineSources engine(probe::locate_engine(argument, known, python), tracked_packages(),
                                python);
    surveys.push_back(survey_engine(engine, libraries));
  }
  return surveys;
}

Json engines_of_report(const EngineQuestion& question, const std::string& python) {
  const auto known = probe::known_engines();
  Json engines = Json::array();
  for (const auto& argument : question.engines) {
    engines.push_back(describe(argument, known, question, python));
  }
  return engines;
}

void print_engines(const Console& console, const Json& engines) {
  for (const auto& engine : engines) {
    const auto name = engine.at("name").get<std::string>();
    if (engine.at("checks").empty()) {
      console.print(fmt::format("{}: held against no library: --library says which", name));
    } else if (engine.at("checks").front().at("assumed").empty()) {
      console.print(fmt::format(
          "{}: nothing is assumed of the machine; --assume gfx942 --assume NAME=VALUE does", name));
    }
    for (const auto& check : engine.at("checks")) {
      std::vector<std::string> counts;
      for (const auto& [consequence, count] : check.at("counts").items()) {
        counts.push_back(fmt::format("{} {}", count.get<int>(), consequence));
      }
      console.print(fmt::format("{} against {}: {}", name,
                                check.at("library").at("name").get<std::string>(),
                                join(counts, ", ")));
    }
    for (const auto& problem : engine.at("problems")) {
      console.insist(
          without_controls(fmt::format("{}: {}: {}", name, problem.at("where").get<std::string>(),
                                       problem.at("what").get<std::string>())));
    }
  }
}

}  // namespace fusegate::tools
