#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::suites {

/// Cases of a suite.
struct SuiteLine {
  std::string line;
  std::vector<std::string> models;  ///< those that meet these shapes; empty: nobody's in particular
  std::string what;                 ///< what of these models it is, for people; "" without models
};

/// A named list of lines, read from a data file (data/suite.schema.json explains each key).
struct Suite {
  std::string name;
  std::string meaning;  ///< one line for people
  std::vector<SuiteLine> lines;
  /// The models that lines stand for, and where the figures of each are from.
  std::map<std::string, std::string> models;

  [[nodiscard]] std::vector<std::string> case_lines() const;
};

/// The suite's models as the report's schema has them: [{name, figures_from}].
[[nodiscard]] nlohmann::ordered_json models_to_json(const Suite& suite);

/// Reads one file. Throws nlohmann::json::exception on one that breaks the schema, as files do that
/// are no part of the program.
[[nodiscard]] Suite parse_suite(std::string_view json);

[[nodiscard]] std::span<const Suite> all_suites();
/// Throws UsageError for an unknown name, naming the nearest.
[[nodiscard]] const Suite& find_suite(const std::string& name);

}  // namespace fusegate::suites
