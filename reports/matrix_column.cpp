#include "reports/matrix_column.hpp"

#include <algorithm>
#include <limits>

#include "reports/markdown_text.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

double max_ulp_of(const Json& result) {
  double largest = 0;
  for (const auto& [tensor, error] : result.at("errors").items()) {
    const auto& ulp = error.at("max_ulp");
    largest = std::max(
        largest, ulp.is_number() ? ulp.get<double>() : std::numeric_limits<double>::infinity());
  }
  return largest;
}

void add_name(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

bool is_failed(const std::string& verdict) {
  return verdict != "pass" && verdict != "unsupported" && verdict != "skipped";
}

MatrixColumn::MatrixColumn(std::string name, std::string could_not_run)
    : name_(std::move(name)), could_not_run_(std::move(could_not_run)), envelope_(Json::object()) {}

MatrixColumn::MatrixColumn(std::string name, Json envelope, const ResultSource& results)
    : name_(std::move(name)), envelope_(std::move(envelope)) {
  for (const auto& reason : list_at(envelope_.at("run"), "could_not_run")) {
    could_not_run_ += (could_not_run_.empty() ? "" : "; ") + reason.get<std::string>();
  }
  if (envelope_.at("run").value("interrupted", false)) {
    could_not_run_ += could_not_run_.empty() ? "it was interrupted" : "; it was interrupted";
  }
  results([&](const Json& result) { add(result); });
}

void MatrixColumn::add(const Json& result) {
  MatrixResult one{.case_line = text_of(result, "case"),
                   .dtype = text_of(result, "dtype"),
                   .verdict = text_of(result, "verdict"),
                   .reason = text_of(result, "reason"),
                   .max_ulp = max_ulp_of(result),
                   .device_us = std::nullopt};
  const auto& time = result.at("timing").at("device_us");
  if (time.is_number()) one.device_us = time.get<double>();
  auto& of_op = results_[{text_of(result, "op"), text_of(result, "implementation")}];
  const auto line = one.case_line;
  of_op.insert_or_assign(line, std::move(one));
}

bool MatrixColumn::is_interpreted() const {
  const auto& all = list_at(envelope_, "implementations");
  return std::any_of(all.begin(), all.end(), [](const Json& implementation) {
    return implementation.value("interpreted", false);
  });
}

std::vector<std::string> MatrixColumn::implementations() const {
  std::vector<std::string> names;
  for (const auto& implementation : list_at(envelope_, "implementations")) {
    add_name(names, text_of(implementation, "name"));
  }
  return names;
}

std::vector<std::string> MatrixColumn::ops() const {
  std::vector<std::string> names;
  for (const auto& [key, results] : results_) add_name(names, key.first);
  return names;
}

const MatrixColumn::Results& MatrixColumn::results(const std::string& op,
                                                   const std::string& implementation) const {
  static const Results none;
  const auto found = results_.find({op, implementation});
  return found == results_.end() ? none : found->second;
}

Json MatrixColumn::operation(const std::string& op, const std::string& implementation) const {
  for (const auto& one : list_at(envelope_, "implementations")) {
    if (text_of(one, "name") != implementation) continue;
    for (const auto& operation : list_at(one, "operations")) {
      if (text_of(operation, "op") != op || !operation.contains("entry")) continue;
      return {{"entry", operation.at("entry")}, {"generation", operation.value("generation", "")}};
    }
  }
  return nullptr;
}

std::vector<std::string> MatrixColumn::known_defects(const std::string& op,
                                                     const std::string& implementation) const {
  std::vector<std::string> ids;
  for (const auto& defect : list_at(envelope_, "known_defects")) {
    const bool is_of =
        text_of(defect, "op") == op && text_of(defect, "implementation") == implementation;
    if (is_of && defect.value("in_sources", false)) add_name(ids, text_of(defect, "id"));
  }
  return ids;
}

}  // namespace fusegate::reports
