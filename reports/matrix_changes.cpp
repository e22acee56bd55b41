#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "reports/markdown_text.hpp"
#include "reports/matrix.hpp"
#include "reports/summary.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

// Single calls vary by as much from run to run.
constexpr double telling_ratio = 1.25;
// Of errors in ULPs: below, it is another order of the same sums.
constexpr double telling_growth = 1.5;

bool is_offered(const MatrixColumn::Results& results) {
  for (const auto& [line, result] : results) {
    if (result.verdict != "unsupported" && result.verdict != "skipped") return true;
  }
  return false;
}

std::string generation_text(const Json& operation) {
  if (operation.is_null()) return "";
  return fmt::format("{} ({})", text_of(operation, "entry"), text_of(operation, "generation"));
}

/// Cases whose verdict is another one, by both verdicts.
void tell_verdicts(const MatrixColumn::Results& before, const MatrixColumn::Results& after,
                   std::vector<std::string>& texts) {
  std::map<std::pair<std::string, std::string>, std::pair<std::uint64_t, const MatrixResult*>>
      moves;
  for (const auto& [line, result] : after) {
    const auto other = before.find(line);
    if (other == before.end() || other->second.verdict == result.verdict) continue;
    auto& [count, example] = moves[{other->second.verdict, result.verdict}];
    if (count++ == 0) example = &result;
  }
  for (const auto& [move, entry] : moves) {
    const auto& [count, example] = entry;
    texts.push_back(fmt::format("{} {} from {} to {}, as {}{}{}", count,
                                count == 1 ? "case went" : "cases went", move.first, move.second,
                                example->case_line, example->reason.empty() ? "" : ": ",
                                example->reason));
  }
}

/// Largest errors of cases that pass in both.
void tell_errors(const MatrixColumn::Results& before, const MatrixColumn::Results& after,
                 std::vector<std::string>& texts) {
  std::map<std::string, std::pair<double, double>> largest;
  for (const auto& [line, result] : after) {
    const auto other = before.find(line);
    if (other == before.end() || result.verdict != "pass" || other->second.verdict != "pass")
      continue;
    auto& [then, now] = largest[result.dtype];
    then = std::max(then, other->second.max_ulp);
    now = std::max(now, result.max_ulp);
  }
  for (const auto& [dtype, pair] : largest) {
    const auto& [then, now] = pair;
    const bool tells = now > then * telling_growth || then > now * telling_growth;
    if (!tells) continue;
    texts.push_back(fmt::format("the largest error in {} went from {} to {} ulp", dtype,
                                ulp_text(then), ulp_text(now)));
  }
}

void tell_speed(const MatrixColumn& before, const MatrixColumn& after, const std::string& op,
                const std::string& implementation, std::vector<std::string>& texts) {
  if (before.is_interpreted() || after.is_interpreted()) return;
  const auto ratio =
      speed_ratio(before.results(op, implementation), after.results(op, implementation));
  if (!ratio || (*ratio<telling_ratio&& * ratio> 1 / telling_ratio)) return;
  texts.push_back(*ratio > 1 ? fmt::format("a call takes {:.2f} times less time", *ratio)
                             : fmt::format("a call takes {:.2f} times the time", 1 / *ratio));
}

/// Those that fail and are not known to: in the baseline they passed, or were not there.
std::vector<const MatrixResult*> new_failures(const MatrixColumn::Results& results,
                                              const MatrixColumn::Results& known) {
  std::vector<const MatrixResult*> failures;
  for (const auto& [line, result] : results) {
    const auto before = known.find(line);
    const bool is_known = before != known.end() && is_failed(before->second.verdict);
    if (is_failed(result.verdict) && !is_known) failures.push_back(&result);
  }
  return failures;
}

void add_regressions(const MatrixColumn& column, const MatrixColumn* baseline,
                     const std::string& op, const std::string& implementation, Json& json) {
  static const MatrixColumn::Results none;
  const auto& known = baseline == nullptr ? none : baseline->results(op, implementation);
  const auto failures = new_failures(column.results(op, implementation), known);
  if (failures.empty()) return;
  json.push_back({{"version", column.name()},
                  {"op", op},
                  {"implementation", implementation},
                  {"cases", failures.size()},
                  {"case", failures.front()->case_line},
                  {"reason", failures.front()->reason}});
}

}  // namespace

Json regressions_of(const std::vector<MatrixColumn>& columns, const MatrixColumn* baseline,
                    const std::vector<std::string>& ops,
                    const std::vector<std::string>& implementations) {
  Json json = Json::array();
  for (const auto& column : columns) {
    if (&column == baseline) continue;
    for (const auto& op : ops) {
      for (const auto& implementation : implementations) {
        add_regressions(column, baseline, op, implementation, json);
      }
    }
  }
  return json;
}

std::vector<std::string> changes_between(const MatrixColumn& before, const MatrixColumn& after,
                                         const std::string& op, const std::string& implementation) {
  const auto& then = before.results(op, implementation);
  const auto& now = after.results(op, implementation);
  if (then.empty() || now.empty()) return {};
  if (!is_offered(then) && !is_offered(now)) return {};
  if (!is_offered(then)) {
    return {fmt::format("it can be called now: {}",
                        generation_text(after.operation(op, implementation)))};
  }
  if (!is_offered(now)) {
    return {fmt::format("it can no longer be called: {}", now.begin()->second.reason)};
  }
  std::vector<std::string> texts;
  const auto from = generation_text(before.operation(op, implementation));
  const auto to = generation_text(after.operation(op, implementation));
  if (from != to) texts.push_back(fmt::format("it was {}, and is {}", from, to));
  tell_verdicts(then, now, texts);
  tell_errors(then, now, texts);
  tell_speed(before, after, op, implementation, texts);
  return texts;
}

}  // namespace fusegate::reports
