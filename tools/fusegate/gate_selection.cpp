#include "tools/fusegate/gate_selection.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/engine/sources/engine_release.hpp"
#include "probe/sources/paths.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::tools {
namespace {

using probe::EngineGates;

/// The release of the sources in a folder.
SelectedGates select_sources(const std::string& argument, const std::vector<EngineGates>& known,
                             const std::string& given, const CommonOptions& common) {
  const auto engines = probe::known_engines();
  const auto location = probe::locate_engine(argument, engines, common.python);
  const auto release = given.empty() ? probe::release_of(location) : std::optional(given);
  if (!release) {
    throw UsageError(fmt::format("--engine: {} does not tell its release; give --release",
                                 probe::shown(location.root)));
  }
  return {&probe::find_engine_gates(known, location.rules->name), *release};
}

bool is_known(const std::vector<EngineGates>& known, const std::string& name) {
  return std::any_of(known.begin(), known.end(),
                     [&](const auto& one) { return one.engine == name; });
}

/// NAME, NAME=RELEASE, [NAME=]PATH.
SelectedGates select_engine(const std::string& argument, const std::vector<EngineGates>& known,
                            const std::string& release, const CommonOptions& common) {
  const auto equals = argument.find('=');
  const auto name = argument.substr(0, equals);
  const auto rest = equals == argument.npos ? "" : argument.substr(equals + 1);
  const bool is_path = probe::is_folder(rest.empty() ? argument : rest);
  SelectedGates selected;
  if (!rest.empty() && !is_path && rest.find('/') == rest.npos) {
    selected = {&probe::find_engine_gates(known, name), rest};
  } else if (rest.empty() && (!is_path || is_known(known, name))) {
    selected = {&probe::find_engine_gates(known, name), release};
  } else {
    selected = select_sources(argument, known, release, common);
  }
  if (!release.empty() && selected.release != release) {
    throw UsageError(fmt::format("--engine says release {}, --release says {}: leave out one",
                                 selected.release, release));
  }
  if (!selected.release.empty()) require_release(*selected.engine, selected.release);
  return selected;
}

}  // namespace

bool SelectedGates::has(const probe::GateRule& rule) const {
  return std::any_of(rule.at.begin(), rule.at.end(),
                     [&](const auto& place) { return has(place.release); });
}

std::vector<SelectedGates> select_gates(const ContractGatesOptions& options,
                                        const std::vector<EngineGates>& known,
                                        const CommonOptions& common) {
  if (!options.engine.empty()) {
    return {select_engine(options.engine, known, options.release, common)};
  }
  std::vector<SelectedGates> selected;
  std::vector<std::string> releases;
  for (const auto& engine : known) {
    const auto& own = engine.releases;
    releases.insert(releases.end(), own.begin(), own.end());
    if (options.release.empty() ||
        std::find(own.begin(), own.end(), options.release) != own.end()) {
      selected.push_back({&engine, options.release});
    }
  }
  if (selected.empty()) {
    throw UsageError(fmt::format("--release: no engine's gates of {} are known{} (known: {})",
                                 printable(options.release, 80),
                                 probe::nearest_release(options.release, releases),
                                 join(releases, ", ")));
  }
  return selected;
}

}  // namespace fusegate::tools
