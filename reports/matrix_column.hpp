// A report as a column of a matrix: what of it is laid beside others.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "reports/report.hpp"

namespace fusegate::reports {

/// A verdict for which a check fails.
[[nodiscard]] bool is_failed(const std::string& verdict);

/// What of a result is compared with others of the same op and implementation.
struct MatrixResult {
  std::string case_line;
  std::string dtype;
  std::string verdict;
  std::string reason;
  double max_ulp = 0;               ///< over its outputs; infinite where a NaN is wrong
  std::optional<double> device_us;  ///< of one call
};

/// One version: a column.
class MatrixColumn {
 public:
  /// A version of which there is no report, and why.
  MatrixColumn(std::string name, std::string could_not_run);
  /// `envelope` is a report without its results, which `results` gives.
  MatrixColumn(std::string name, nlohmann::ordered_json envelope, const ResultSource& results);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Why there are no results, or not all of them; "" where there are.
  [[nodiscard]] const std::string& could_not_run() const { return could_not_run_; }
  [[nodiscard]] const nlohmann::ordered_json& envelope() const { return envelope_; }
  [[nodiscard]] bool is_interpreted() const;
  [[nodiscard]] std::vector<std::string> implementations() const;
  [[nodiscard]] std::vector<std::string> ops() const;

  /// Of an op of an implementation, by their cases.
  using Results = std::map<std::string, MatrixResult>;
  [[nodiscard]] const Results& results(const std::string& op,
                                       const std::string& implementation) const;

  /// The entry point that an op is: {entry, generation}, or null.
  [[nodiscard]] nlohmann::ordered_json operation(const std::string& op,
                                                 const std::string& implementation) const;

  /// Known defects of what it calls that its sources have, by their ids.
  [[nodiscard]] std::vector<std::string> known_defects(const std::string& op,
                                                       const std::string& implementation) const;

 private:
  void add(const nlohmann::ordered_json& result);

  std::string name_;
  std::string could_not_run_;
  nlohmann::ordered_json envelope_;
  std::map<std::pair<std::string, std::string>, Results> results_;
};

}  // namespace fusegate::reports
