#include "reports/validator.hpp"

#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#define VALIJSON_USE_EXCEPTIONS 1  // it ends the program otherwise

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "probe/base/embedded.hpp"
#include "probe/base/error.hpp"
#include "probe/base/text.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> schema_files();
}

namespace fusegate::reports {
namespace {

using nlohmann::json;

constexpr std::size_t shown_problems = 5;
constexpr std::string_view extension = ".schema.json";

json report_schema() {
  return json::parse(schema_text("report"));
}

json envelope_schema() {
  json schema = report_schema();
  schema["properties"]["results"] = {{"type", "array"}};
  return schema;
}

}  // namespace

struct Validator::Schema {
  valijson::Schema schema;
};

Validator::Validator(const json& schema) : schema_(std::make_unique<Schema>()) {
  try {
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), schema_->schema);
  } catch (const std::exception& error) {
    throw std::invalid_argument(error.what());
  }
}

Validator::~Validator() = default;

std::vector<std::string> Validator::problems(const json& document) const {
  valijson::Validator validator;
  valijson::ValidationResults results;
  validator.validate(schema_->schema, valijson::adapters::NlohmannJsonAdapter(document), &results);
  std::vector<std::string> problems;
  valijson::ValidationResults::Error error;
  while (problems.size() < shown_problems && results.popError(error)) {
    std::string place;
    for (const auto& step : error.context) place += step == "<root>" ? "" : step;
    problems.push_back(
        fmt::format("{}: {}", place.empty() ? "the document" : place, error.description));
  }
  return problems;
}

std::vector<std::string> schema_names() {
  std::vector<std::string> names;
  for (const auto& file : embedded::schema_files()) {
    names.emplace_back(file.name.substr(0, file.name.size() - extension.size()));
  }
  return names;
}

std::string_view schema_text(const std::string& name) {
  if (const auto* file = find_embedded(embedded::schema_files(), name + std::string(extension))) {
    return file->content;
  }
  const auto names = schema_names();
  throw UsageError(fmt::format("there is no schema '{}'{}; there are {}", name,
                               did_you_mean(name, names), join(names, ", ")));
}

const Validator& result_validator() {
  static const Validator validator(report_schema().at("definitions").at("result"));
  return validator;
}

const Validator& envelope_validator() {
  static const Validator validator(envelope_schema());
  return validator;
}

}  // namespace fusegate::reports
