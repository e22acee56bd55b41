#include "probe/elf/binaries.hpp"

#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "probe/elf/shown_json.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

void append(std::vector<BinaryFinding>& all, std::vector<BinaryFinding> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

}  // namespace

BinarySurvey survey_binaries(const BinaryRequest& request) {
  BinarySurvey survey;
  std::vector<std::string> names;
  std::vector<BinaryModule> modules;
  std::vector<const DeclaredModule*> declarations;
  for (const auto& declared : request.declared) {
    if (!is_there(declared.file)) {
      survey.absent.push_back(declared.name);
      continue;
    }
    names.push_back(declared.name);
    modules.push_back(read_module(declared.file, request.markers, strings_of(declared)));
    declarations.push_back(&declared);
  }
  for (const auto& file : request.others) {
    names.push_back(file.filename().native());
    modules.push_back(read_module(file, request.markers, {}));
    declarations.push_back(nullptr);
  }
  auto linkages = link_modules(modules, request.link);
  std::vector<NamedLinkage> named;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    append(survey.findings, check_file(names[i], modules[i], request.machine));
    if (declarations[i] != nullptr) {
      append(survey.findings, check_declaration(*declarations[i], modules[i]));
    }
    append(survey.findings, check_linkage(names[i], linkages[i]));
    named.push_back({names[i], &linkages[i]});
  }
  append(survey.findings, check_runtimes(named));
  for (std::size_t i = 0; i < modules.size(); ++i) {
    survey.modules.push_back({names[i], std::move(modules[i]), std::move(linkages[i])});
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
