#include "probe/generation/defects.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

constexpr std::size_t file_limit = 16u << 20;

/// Each run of white space as one space, so that formatting does not count.
std::string with_single_spaces(std::string_view text) {
  std::string single;
  single.reserve(text.size());
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!is_space) {
      single.push_back(c);
    } else if (!single.empty() && single.back() != ' ') {
      single.push_back(' ');
    }
  }
  return single;
}

std::optional<bool> file_shows(const Feature& feature, const Subject& subject) {
  for (const auto& file : feature.files) {
    const auto text = subject.tree.read(file, file_limit);
    if (!text) continue;
    const auto single = with_single_spaces(*text);
    const auto contains = [&](const std::string& wanted) {
      return single.find(with_single_spaces(wanted)) != single.npos;
    };
    return (feature.has.empty() || contains(feature.has)) &&
           (feature.lacks.empty() || !contains(feature.lacks));
  }
  // A library that was shipped with its sources and not with this file has nothing in it.
  const bool has_sources =
      std::any_of(feature.files.begin(), feature.files.end(), [&](const std::string& file) {
        return subject.tree.has_folder(file.substr(0, file.find('/')));
      });
  if (has_sources) return false;
  return std::nullopt;
}

/// `place` counts from 1; 0 is any.
bool has_parameter(const Meaning& meaning, const std::string& name, int place, Surface& surface) {
  const auto signature = signature_of(meaning, surface);
  if (!signature) return false;
  const auto& all = signature->parameters;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.name == name; });
  return found != all.end() && (place == 0 || found - all.begin() + 1 == place);
}

std::optional<bool> symbol_shows(const Feature& feature, const Subject& subject) {
  auto meanings = subject.loaded.surface.lookup(feature.symbol);
  std::erase_if(meanings, [](const Meaning& meaning) { return !meaning.is_definition(); });
  if (meanings.empty()) return false;
  const auto& meaning = meanings.front();
  auto& surface = subject.loaded.surface;
  const auto has = [&](const std::string& parameter, int place) {
    return has_parameter(meaning, parameter, place, surface);
  };
  if (!feature.has_parameter.empty() && !has(feature.has_parameter, feature.at_place)) return false;
  if (!feature.lacks_parameter.empty() && has(feature.lacks_parameter, 0)) return false;
  const auto begins_so = [&](const Condition& condition) {
    return condition_text({condition}).starts_with(feature.under);
  };
  return feature.under.empty() ||
         std::any_of(meaning.conditions.begin(), meaning.conditions.end(), begins_so);
}

std::string text_of(const Feature& feature) {
  if (!feature.symbol.empty()) return feature.symbol;
  return feature.files.empty() ? "" : feature.files.front();
}

/// Whether all features are there, and which of them told it.
std::pair<std::optional<bool>, std::string> has_all(const std::vector<Feature>& features,
                                                    const Subject& subject) {
  std::vector<std::string> told;
  bool is_open = false;
  for (const auto& feature : features) {
    const auto is_there = has_feature(feature, subject);
    if (is_there == false) return {false, text_of(feature)};
    is_open = is_open || !is_there;
    if (is_there) told.push_back(text_of(feature));
  }
  if (is_open) return {std::nullopt, ""};
  return {true, join(told, ", ")};
}

}  // namespace

std::optional<bool> has_feature(const Feature& feature, const Subject& subject) {
  return feature.symbol.empty() ? file_shows(feature, subject) : symbol_shows(feature, subject);
}

std::vector<FoundDefect> find_defects(const EntryContract& contract, const Generation* found,
                                      const Subject& subject) {
  std::vector<FoundDefect> defects;
  for (const auto& defect : contract.defects) {
    const auto& ids = defect.generations;
    const bool is_other = found != nullptr && !ids.empty() &&
                          std::find(ids.begin(), ids.end(), found->id) == ids.end();
    if (is_other) continue;
    if (!defect.features.empty()) {
      const auto [holds, told_by] = has_all(defect.features, subject);
      if (holds == true) defects.push_back({defect, true, "seen in " + told_by});
      if (holds.has_value()) continue;
    } else if (found != nullptr && !ids.empty()) {
      defects.push_back({defect, true, fmt::format("generation {} has it", found->id)});
      continue;
    }
    const std::string why = defect.features.empty() ? "" : "; the file that shows it is not here";
    if (subject.version.empty()) {
      defects.push_back({defect, false, "neither a feature nor a version tells" + why});
    } else if (contains(defect.releases, subject.version)) {
      defects.push_back({defect, false, fmt::format("release {} has it{}", subject.version, why)});
    }
  }
  return defects;
}

}  // namespace fusegate::probe
