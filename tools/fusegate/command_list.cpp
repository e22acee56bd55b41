#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/contract.hpp"
#include "reference/policy.hpp"
#include "reports/report.hpp"
#include "reports/validator.hpp"
#include "suites/case.hpp"
#include "suites/implementation.hpp"
#include "suites/op.hpp"
#include "suites/recipe.hpp"
#include "suites/suite.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/contract_document.hpp"
#include "tools/fusegate/facts.hpp"
#include "tools/fusegate/known_defects.hpp"
#include "tools/fusegate/library_selection.hpp"

namespace fusegate::tools {
namespace {

using Json = nlohmann::ordered_json;

std::string range_text(const suites::Parameter& parameter) {
  switch (parameter.kind) {
    case suites::Parameter::Kind::word:
      return join(parameter.words, ", ");
    case suites::Parameter::Kind::real:
      return "a number of at least 0";
    case suites::Parameter::Kind::integer:
      break;
  }
  return fmt::format("{} to {}", parameter.smallest, parameter.largest);
}

Json list_ops() {
  Json ops = Json::array();
  for (const auto& op : suites::all_ops()) {
    Json parameters = Json::array();
    for (const auto& parameter : op.parameters) {
      Json entry{{"name", parameter.name},
                 {"meaning", parameter.meaning},
                 {"values", range_text(parameter)},
                 {"default", nullptr}};
      if (parameter.otherwise) entry["default"] = suites::value_text(*parameter.otherwise);
      parameters.push_back(entry);
    }
    ops.push_back({{"name", op.name}, {"meaning", op.meaning}, {"parameters", parameters}});
  }
  return ops;
}

template <class Items>
Json name_and_meaning(const Items& items) {
  Json list = Json::array();
  for (const auto& item : items) {
    list.push_back({{"name", item.name}, {"meaning", item.meaning}});
  }
  return list;
}

Json list_policies() {
  // Until implementations are told apart by policy there is one that all are held to.
  return Json::array({Json{{"name", "fused"}, {"meaning", reference::policy_text({})}}});
}

Json list_contracts() {
  Json list = Json::array();
  for (const auto& library : probe::known_libraries()) {
    for (const auto& entry : library.contracts) {
      list.push_back(Json{{"name", library.name + "/" + entry.name},
                          {"meaning", entry.summary},
                          {"op", entry.op},
                          {"symbol", entry.symbol},
                          {"generations", entry.generations.size()},
                          {"defects", entry.defects.size()}});
    }
  }
  return list;
}

/// An op's parameters by name: what a case's line must have, what it may have.
std::string usage_of(const Json& op) {
  std::vector<std::string> required, optional;
  for (const auto& parameter : op.value("parameters", Json::array())) {
    auto& names = parameter.at("default").is_null() ? required : optional;
    names.push_back(parameter.at("name").get<std::string>() + "=");
  }
  if (required.empty()) return "";
  return fmt::format("  {}\n  [{}]\n", join(required, " "), join(optional, " "));
}

/// Every parameter once; one that means something else elsewhere, once more.
std::string glossary_of(const Json& list) {
  std::vector<std::string> lines;
  for (const auto& entry : list) {
    for (const auto& parameter : entry.value("parameters", Json::array())) {
      const auto& otherwise = parameter.at("default");
      auto line = fmt::format(
          "  {:<20} {} ({}{})\n", parameter.at("name").get<std::string>() + "=",
          parameter.at("meaning").get<std::string>(), parameter.at("values").get<std::string>(),
          otherwise.is_null() ? "" : "; default " + otherwise.get<std::string>());
      if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
    }
  }
  return lines.empty() ? "" : "\nparameters; those in [] may be left out\n" + join(lines, "");
}

std::string text_of(const Json& list) {
  constexpr std::size_t widest = 48;  // a longer name pushes its own line

  std::size_t width = 18;
  for (const auto& entry : list) {
    const auto size = entry.at("name").get_ref<const std::string&>().size();
    width = std::max(width, std::min(size, widest));
  }
  std::string text;
  for (const auto& entry : list) {
    text += fmt::format("{:<{}} {}\n", entry.at("name").get<std::string>(), width,
                        entry.at("meaning").get<std::string>());
    text += usage_of(entry);
  }
  return text + glossary_of(list);
}

/// Lines of a suite, and of each the models it stands for.
Json list_cases(const suites::Suite& suite) {
  Json lines = Json::array();
  for (const auto& line : suite.lines) {
    lines.push_back({{"case", line.line},
                     {"cases", suites::parse_cases(line.line).size()},
                     {"models", line.models},
                     {"what", line.what}});
  }
  return {{"suite", suite.name},
          {"meaning", suite.meaning},
          {"lines", lines},
          {"models", suites::models_to_json(suite)}};
}

std::string text_of_cases(const Json& list) {
  std::string text = fmt::format("{}: {}\n\n", list.at("suite").get<std::string>(),
                                 list.at("meaning").get<std::string>());
  for (const auto& line : list.at("lines")) {
    text += line.at("case").get<std::string>() + "\n";
    const auto models = line.at("models").get<std::vector<std::string>>();
    if (models.empty()) continue;
    const auto cases = line.at("cases").get<std::uint64_t>();
    text += fmt::format("    {}\n    {} case{}: {}\n", line.at("what").get<std::string>(), cases,
                        cases == 1 ? "" : "s", join(models, ", "));
  }
  const auto& models = list.at("models");
  if (!models.empty()) text += "\nWhere the figures of the models are from:\n";
  for (const auto& model : models) {
    text += fmt::format("    {:<24} {}\n", model.at("name").get<std::string>(),
                        model.at("figures_from").get<std::string>());
  }
  return text;
}

const suites::Suite& suite_to_list(const ListOptions& options) {
  const auto& suite = suites::find_suite(options.suite.empty() ? "smoke" : options.suite);
  if (suite.name != defects_suite) return suite;
  throw UsageError(
      "the cases of --suite defects are of what is tested: fusegate check --suite defects --with "
      "IMPLEMENTATION --list has them");
}

Json list_implementations() {
  Json list = name_and_meaning(suites::known_implementations());
  for (const auto& one : name_and_meaning(environment_implementations())) list.push_back(one);
  return list;
}

Json make_list(const std::string& what) {
  const std::map<std::string, Json (*)()> lists{
      {"ops", list_ops},
      {"suites", [] { return name_and_meaning(suites::all_suites()); }},
      {"recipes", [] { return name_and_meaning(suites::all_recipes()); }},
      {"implementations", list_implementations},
      {"policies", list_policies},
      {"contracts", list_contracts}};
  const auto found = lists.find(what);
  if (found != lists.end()) return found->second();
  std::vector<std::string> names{"cases"};
  for (const auto& [name, make] : lists) names.push_back(name);
  throw UsageError(fmt::format("there is no list of '{}'{}; there are {}", what,
                               did_you_mean(what, names), join(names, ", ")));
}

void write_list(const Json& list, const std::string& text, const CommonOptions& common) {
  if (common.json.empty()) {
    write_document("-", text);
  } else {
    write_document(common.json, list.dump(1) + "\n");
  }
}

}  // namespace

ExitCode run_command(const ListOptions& options, const CommonOptions& common) {
  if (!options.suite.empty() && options.what != "cases") {
    throw UsageError(fmt::format("--suite is for list cases, not for list {}", options.what));
  }
  if (options.what == "cases") {
    const Json list = list_cases(suite_to_list(options));
    write_list(list, text_of_cases(list), common);
    return ExitCode::good;
  }
  const Json list = make_list(options.what);
  write_list(list, text_of(list), common);
  return ExitCode::good;
}

ExitCode run_command(const SchemaOptions& options, const CommonOptions& common) {
  write_document(common.json.empty() ? "-" : common.json, reports::schema_text(options.name));
  return ExitCode::good;
}

ExitCode run_command(const VersionOptions&, const CommonOptions& common) {
  if (common.json.empty()) {
    Console(common).insist("fusegate " + tool_version_text());
    return ExitCode::good;
  }
  Json document = tool_identity();
  document["schemas"] =
      Json{{"report", reports::report_schema_version}, {"contract", contract_schema_version}};
  write_document(common.json, document.dump(1) + "\n");
  return ExitCode::good;
}

}  // namespace fusegate::tools
