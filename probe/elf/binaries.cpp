#include "probe/elf/binaries.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "probe/elf/shown_json.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

void append(std::vector<BinaryFinding>& all, std::vector<BinaryFinding> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

/// A file and all that is declared of it.
struct Subject {
  std::string name;
  std::filesystem::path file;
  std::vector<const DeclaredModule*> declared;
};

/// The files that are there; the names of the others are added to `absent`.
std::vector<Subject> subjects_of(const BinaryRequest& request, std::vector<std::string>& absent) {
  std::vector<Subject> subjects;
  std::map<std::filesystem::path, std::size_t> index;
  for (const auto& declared : request.declared) {
    if (!is_there(declared.file)) {
      if (std::find(absent.begin(), absent.end(), declared.name) == absent.end()) {
        absent.push_back(declared.name);
      }
      continue;
    }
    const auto [it, is_new] = index.emplace(declared.file, subjects.size());
    if (is_new) subjects.push_back({declared.name, declared.file, {}});
    subjects[it->second].declared.push_back(&declared);
  }
  for (const auto& file : request.others) {
    subjects.push_back({file.filename().native(), file, {}});
  }
  return subjects;
}

}  // namespace

BinarySurvey survey_binaries(const BinaryRequest& request) {
  BinarySurvey survey;
  const auto subjects = subjects_of(request, survey.absent);
  std::vector<BinaryModule> modules;
  for (const auto& subject : subjects) {
    std::vector<std::string> strings;
    for (const auto* declared : subject.declared) {
      const auto more = strings_of(*declared);
      strings.insert(strings.end(), more.begin(), more.end());
    }
    modules.push_back(read_module(subject.file, request.markers, strings));
  }
  auto linkages = link_modules(modules, request.link);
  std::vector<NamedLinkage> named;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    append(survey.findings, check_file(subjects[i].name, modules[i], request.machine));
    for (const auto* declared : subjects[i].declared) {
      append(survey.findings, check_declaration(*declared, modules[i]));
    }
    append(survey.findings, check_linkage(subjects[i].name, linkages[i]));
    named.push_back({subjects[i].name, &linkages[i]});
  }
  append(survey.findings, check_runtimes(named));
  for (std::size_t i = 0; i < modules.size(); ++i) {
    survey.modules.push_back({subjects[i].name, std::move(modules[i]), std::move(linkages[i])});
  }
  return survey;
}

nlohmann::ordered_json to_json(const BinarySurvey& survey) {
  auto modules = nlohmann::ordered_json::array();
  for (const auto& surveyed : survey.modules) {
    nlohmann::ordered_json json{{"name", shown(surveyed.name)}};
    json.update(to_json(surveyed.module));
    json["linkage"] = to_json(surveyed.linkage);
    modules.push_back(std::move(json));
  }
  return {{"modules", std::move(modules)},
          {"absent", shown_list(survey.absent)},
          {"findings", to_json(survey.findings)}};
}

}  // namespace fusegate::probe
