#include "suites/result.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "probe/base/hash.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<Verdict, const char*> verdicts[] = {
    {Verdict::pass, "pass"},
    {Verdict::fail, "fail"},
    {Verdict::mistrusted, "mistrusted"},
    {Verdict::unsupported, "unsupported"},
    {Verdict::error, "error"},
    {Verdict::crash, "crash"},
    {Verdict::timeout, "timeout"},
    {Verdict::skipped, "skipped"},
};

/// JSON has no NaN and no infinities: they become text.
Json number_to_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

Json error_to_json(const OutputError& error) {
  Json json{{"max_ulp", number_to_json(error.max_ulp)},
            {"limit_ulp", error.limit_ulp},
            {"limit_derivation", error.limit_derivation},
            {"elements", error.elements},
            {"beyond_limit", error.beyond_limit},
            {"unwritten", error.unwritten},
            {"worst", nullptr}};
  if (error.worst) {
    json["worst"] = {{"row", error.worst->row},
                     {"column", error.worst->column},
                     {"expected", number_to_json(error.worst->expected)},
                     {"actual", number_to_json(error.worst->actual)}};
  }
  return json;
}

Json declared_to_json(const Declared& declared) {
  Json json{{"takes", declared.limit.empty()},
            {"limit", declared.limit},
            {"feature", declared.feature},
            {"conduct", nullptr}};
  if (declared.conduct) json["conduct"] = conduct_name(*declared.conduct);
  return json;
}

}  // namespace

const char* verdict_name(Verdict verdict) {
  const auto* found = std::find_if(std::begin(verdicts), std::end(verdicts),
                                   [&](const auto& entry) { return entry.first == verdict; });
  return found->second;
}

std::optional<Verdict> parse_verdict(const std::string& name) {
  const auto* found = std::find_if(std::begin(verdicts), std::end(verdicts),
                                   [&](const auto& entry) { return entry.second == name; });
  if (found == std::end(verdicts)) return std::nullopt;
  return found->first;
}

bool is_failed_check(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
    case Verdict::unsupported:
    case Verdict::skipped:
      return false;
    default:
      return true;
  }
}

Json result_to_json(const Result& result) {
  Json errors = Json::object();
  for (const auto& error : result.errors) errors[error.tensor] = error_to_json(error);
  Json timing{{"wall_ms", result.wall_ms}, {"device_us", nullptr}};
  if (result.device_us) timing["device_us"] = *result.device_us;
  if (result.build_ms) timing["build_ms"] = *result.build_ms;
  Json evidence{{"runs", result.runs}, {"launches", result.launches}, {"notes", result.notes}};
  if (!result.side_effects.empty()) evidence["side_effects"] = result.side_effects;
  if (!result.worker_errors.empty()) evidence["worker_errors"] = result.worker_errors;
  Json json{{"id", result.id},
            {"case", result.case_line},
            {"op", result.op},
            {"dtype", result.dtype},
            {"implementation", result.implementation},
            {"verdict", verdict_name(result.verdict)},
            {"reason", result.reason},
            {"policy", result.policy},
            {"errors", errors},
            {"timing", timing},
            {"evidence", evidence}};
  if (!result.models.empty()) json["models"] = result.models;
  if (result.declared) json["declared"] = declared_to_json(*result.declared);
  return json;
}

std::string result_id(const std::string& implementation, const std::string& case_line) {
  return hash_text(implementation + "\n" + case_line);
}

}  // namespace fusegate::suites
