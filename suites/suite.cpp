#include "suites/suite.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/embedded.hpp"
#include "probe/base/error.hpp"
#include "probe/base/text.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> suite_files();
}

namespace fusegate::suites {
namespace {

SuiteLine parse_line(const nlohmann::json& json) {
  if (json.is_string()) return {.line = json, .models = {}, .what = ""};
  return {.line = json.at("case"), .models = json.at("models"), .what = json.at("what")};
}

std::vector<Suite> load_suites() {
  std::vector<Suite> suites;
  for (const auto& file : embedded::suite_files()) suites.push_back(parse_suite(file.content));
  return suites;
}

}  // namespace

std::vector<std::string> Suite::case_lines() const {
  std::vector<std::string> texts;
  for (const SuiteLine& one : lines) texts.push_back(one.line);
  return texts;
}

nlohmann::ordered_json models_to_json(const Suite& suite) {
  auto models = nlohmann::ordered_json::array();
  for (const auto& [name, source] : suite.models) {
    models.push_back({{"name", name}, {"figures_from", source}});
  }
  return models;
}

Suite parse_suite(std::string_view text) {
  const auto json = nlohmann::json::parse(text);
  Suite suite{.name = json.at("name"), .meaning = json.at("meaning"), .lines = {}, .models = {}};
  for (const auto& line : json.at("cases")) suite.lines.push_back(parse_line(line));
  if (const auto models = json.find("models"); models != json.end()) suite.models = *models;
  return suite;
}

std::span<const Suite> all_suites() {
  static const std::vector<Suite> suites = load_suites();
  return suites;
}

const Suite& find_suite(const std::string& name) {
  std::vector<std::string> names;
  for (const Suite& suite : all_suites()) {
    if (suite.name == name) return suite;
    names.push_back(suite.name);
  }
  throw UsageError(fmt::format("there is no suite '{}'{}; there are {}", name,
                               did_you_mean(name, names), join(names, ", ")));
}

}  // namespace fusegate::suites
