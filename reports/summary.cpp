#include "reports/summary.hpp"

#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array verdict_order{"pass",  "fail",    "mistrusted",  "error",
                                   "crash", "timeout", "unsupported", "skipped"};

/// Numbers that JSON lacks are text in reports.
double number(const Json& json) {
  return json.is_number() ? json.get<double>() : std::numeric_limits<double>::infinity();
}

Json number_to_json(double value) {
  return std::isfinite(value) ? Json(value) : Json("inf");
}

}  // namespace

void Summary::add(const Json& result) {
  const auto verdict = result.at("verdict").get<std::string>();
  const auto op = result.at("op").get<std::string>();
  const auto implementation = result.at("implementation").get<std::string>();
  ++results_;
  ++by_verdict_[verdict];
  ++by_op_[{implementation, op}][verdict];
  for (const auto& [tensor, error] : result.at("errors").items()) {
    add_error({implementation, op, result.at("dtype").get<std::string>(), tensor}, error,
              result.at("case").get<std::string>());
  }
}

void Summary::add_error(const ErrorKey& key, const Json& error, const std::string& case_line) {
  ErrorRow& row = errors_[key];
  const double max_ulp = number(error.at("max_ulp"));
  const double limit = error.at("limit_ulp").get<double>();
  // Limits differ from case to case; the one that came nearest to its own tells most.
  if (row.cases == 0 || max_ulp * row.limit_ulp > row.max_ulp * limit) {
    row.max_ulp = max_ulp;
    row.limit_ulp = limit;
    row.case_line = case_line;
  }
  ++row.cases;
  std::tie(row.implementation, row.op, row.dtype, row.tensor) = key;
}

std::uint64_t Summary::count(const std::string& verdict) const {
  const auto found = by_verdict_.find(verdict);
  return found == by_verdict_.end() ? 0 : found->second;
}

std::vector<ErrorRow> Summary::errors() const {
  std::vector<ErrorRow> rows;
  for (const auto& [key, row] : errors_) rows.push_back(row);
  return rows;
}

Json Summary::to_json() const {
  Json by_op = Json::object();
  for (const auto& [key, verdicts] : by_op_) {
    Json& counts = by_op[key.second];
    if (counts.is_null()) counts = Json::object();
    for (const auto& [verdict, count] : verdicts) {
      counts[verdict] = counts.value(verdict, std::uint64_t{0}) + count;
    }
  }
  Json errors = Json::array();
  for (const ErrorRow& row : this->errors()) {
    errors.push_back({{"implementation", row.implementation},
                      {"op", row.op},
                      {"dtype", row.dtype},
                      {"tensor", row.tensor},
                      {"cases", row.cases},
                      {"max_ulp", number_to_json(row.max_ulp)},
                      {"limit_ulp", row.limit_ulp},
                      {"case", row.case_line}});
  }
  return {{"results", results_}, {"by_verdict", by_verdict_}, {"by_op", by_op}, {"errors", errors}};
}

std::string ulp_text(double ulp) {
  return std::isfinite(ulp) ? fmt::format("{:.4f}", ulp) : "infinite";
}

std::string counts_text(const std::map<std::string, std::uint64_t>& by_verdict) {
  std::string text;
  for (const char* verdict : verdict_order) {
    const auto found = by_verdict.find(verdict);
    if (found == by_verdict.end()) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", found->second, verdict);
  }
  return text.empty() ? "no results" : text;
}

}  // namespace fusegate::reports
