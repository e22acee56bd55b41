#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

// For tests of files that travel inside the program and have a JSON Schema. Such a test is compiled
// as reports/validator.cpp is: see CMakeLists.txt.

namespace fusegate {

/// What the schema has against a document, each with its place; empty: nothing.
inline std::string schema_complaints(std::string_view schema_text, const nlohmann::json& document) {
  const auto text = nlohmann::json::parse(schema_text);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  valijson::ValidationResults results;
  valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(document),
                                 &results);
  std::string all;
  for (const auto& result : results) {
    for (const auto& part : result.context) all += part;
    all += ": " + result.description + "\n";
  }
  return all;
}

}  // namespace fusegate
