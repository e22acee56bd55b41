#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::reports {

/// Checks documents against a JSON Schema (draft 7).
class Validator {
 public:
  /// Throws std::invalid_argument when `schema` is none.
  explicit Validator(const nlohmann::json& schema);
  ~Validator();
  // Owns the compiled schema.
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;

  /// What is wrong, each with its place in the document; empty: nothing. At most a few of them.
  [[nodiscard]] std::vector<std::string> problems(const nlohmann::json& document) const;

 private:
  struct Schema;
  std::unique_ptr<Schema> schema_;
};

/// The JSON Schema called `name` as text ("report"). Throws UsageError for an unknown name.
[[nodiscard]] std::string_view schema_text(const std::string& name);
[[nodiscard]] std::vector<std::string> schema_names();

/// For one element of a report's `results`.
[[nodiscard]] const Validator& result_validator();
/// For a report whose `results` are empty: its results are checked one by one.
[[nodiscard]] const Validator& envelope_validator();

}  // namespace fusegate::reports
