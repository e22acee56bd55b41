#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::reports {

/// The largest error of an output over all its cases.
struct ErrorRow {
  std::string implementation;
  std::string op;
  std::string dtype;
  std::string tensor;
  std::uint64_t cases = 0;
  double max_ulp = 0;     ///< infinite where a NaN or an infinity was wrong
  double limit_ulp = 0;   ///< of the case below
  std::string case_line;  ///< the one with the largest error for its limit
};

/// What all results of a report come to. Grows with what is named in them, not with their number.
class Summary {
 public:
  /// Takes a result as the report's schema has it.
  void add(const nlohmann::ordered_json& result);

  [[nodiscard]] std::uint64_t results() const { return results_; }
  [[nodiscard]] std::uint64_t count(const std::string& verdict) const;
  [[nodiscard]] const std::map<std::string, std::uint64_t>& by_verdict() const {
    return by_verdict_;
  }
  /// Verdicts of each op of each implementation.
  [[nodiscard]] const std::map<std::pair<std::string, std::string>,
                               std::map<std::string, std::uint64_t>>&
  by_implementation_and_op() const {
    return by_op_;
  }
  [[nodiscard]] std::vector<ErrorRow> errors() const;

  /// The report's `summary`.
  [[nodiscard]] nlohmann::ordered_json to_json() const;

 private:
  using ErrorKey = std::tuple<std::string, std::string, std::string, std::string>;

  void add_error(const ErrorKey& key, const nlohmann::ordered_json& error,
                 const std::string& case_line);

  std::uint64_t results_ = 0;
  std::map<std::string, std::uint64_t> by_verdict_;
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::uint64_t>> by_op_;
  std::map<ErrorKey, ErrorRow> errors_;
};

/// An error or a limit: "0.5001", or "infinite". Four digits, because limits of 16-bit formats are
/// 0.5 and a little.
[[nodiscard]] std::string ulp_text(double ulp);

/// "612 pass, 3 fail", in the order of the schema's verdicts; "no results" for none.
[[nodiscard]] std::string counts_text(const std::map<std::string, std::uint64_t>& by_verdict);

}  // namespace fusegate::reports
