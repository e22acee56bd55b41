// What the tests of this folder share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/test_support.hpp"
#include "reports/report.hpp"

namespace fusegate::reports {

/// A result as the schema has it. `id` is a digit that tells it from others.
inline nlohmann::ordered_json some_result(char id, const std::string& verdict = "pass") {
  return {{"id", std::string(16, id)},
          {"case", std::string("rms_norm dtype=bf16 tokens=") + id + " hidden=64 eps=1e-06"},
          {"op", "rms_norm"},
          {"dtype", "bf16"},
          {"implementation", "builtin/simt"},
          {"verdict", verdict},
          {"reason", verdict == "pass" ? "" : "because"},
          {"policy", "accumulate=fp32"},
          {"errors",
           {{"out",
             {{"max_ulp", 0.25},
              {"limit_ulp", 0.5},
              {"limit_derivation", "0.5 for storing"},
              {"elements", 64},
              {"beyond_limit", 0},
              {"unwritten", 0},
              {"worst", {{"row", 0}, {"column", 3}, {"expected", 1.5}, {"actual", "nan"}}}}}}},
          {"timing", {{"wall_ms", 1.5}, {"device_us", nullptr}}},
          {"evidence",
           {{"runs", 2},
            {"launches", {{{"kernel", "norm"}, {"grid", {1, 1, 1}}, {"block", {64, 1, 1}}}}},
            {"notes", nlohmann::ordered_json::array()}}}};
}

/// A report without its results and summary.
inline nlohmann::ordered_json some_envelope() {
  using Json = nlohmann::ordered_json;
  return {{"schema", report_schema_name},
          {"schema_version", report_schema_version},
          {"tool", {{"name", "fusegate"}, {"version", "1.2.3"}, {"commit", "abc"}}},
          {"run",
           {{"id", "1"},
            {"started", "2024-05-06T07:08:09Z"},
            {"finished", "2024-05-06T07:09:09Z"},
            {"command", {"fusegate", "run"}},
            {"suite", "smoke"},
            {"seed", 0},
            {"match", ""},
            {"shard", "1/1"},
            {"plan", "0123456789abcdef"},
            {"cases", 3},
            {"interrupted", false},
            {"could_not_run", Json::array()}}},
          {"host", {{"kernel_release", "6.1"}}},
          {"devices", Json::array({{{"index", 0}, {"vendor", "amd"}, {"source", "sysfs"}}})},
          {"device_sources", Json::array()},
          {"libraries", Json::array()},
          {"engines", Json::array()},
          {"implementations", Json::array({{{"name", "builtin/simt"}, {"available", true}}})}};
}

/// A library, with an entry point of each status and all that a report says of one.
inline nlohmann::ordered_json some_library() {
  using Json = nlohmann::ordered_json;
  const Json defect{{"id", "no_barrier"},      {"summary", "the last barrier is missing"},
                    {"when", "world 8"},       {"consequence", "wrong_result"},
                    {"certain", true},         {"evidence", "toy/ops.py lacks barrier"},
                    {"source", "toy/issues/1"}};
  const Json known{
      {"contract", "norm"},          {"op", "rms_norm"},
      {"status", "known"},           {"generation", "2"},
      {"where", "toy/ops.py:12"},    {"signature", "(x: Tensor | None = None) -> Tensor"},
      {"binding", "python"},         {"nearest", nullptr},
      {"difference", Json::array()}, {"defects", {defect}}};
  Json unknown = known;
  unknown["contract"] = "add_norm";
  unknown["status"] = "unknown";
  unknown["generation"] = nullptr;
  unknown["nearest"] = "1";
  unknown["difference"] = {"argument 3 was eps and is gemma"};
  unknown["defects"][0]["certain"] = false;
  Json missing = known;
  missing["contract"] = "old_norm";
  missing["status"] = "missing";
  for (const char* key : {"generation", "where", "signature", "binding"}) missing[key] = nullptr;
  missing["defects"] = Json::array();
  return {{"name", "toy"},
          {"path", "/opt/toy"},
          {"distribution", "toy-lib"},
          {"version", "0.9"},
          {"version_source", "git"},
          {"version_agrees", false},
          {"fits", {{{"first", "0.7"}, {"last", "0.8"}}, {{"first", "1.0"}, {"last", nullptr}}}},
          {"fingerprint", "f00d"},
          {"sources_fingerprint", "beef"},
          {"contracts", {known, unknown, missing}},
          {"elf",
           {{"folders", Json::array()},
            {"declared", 2},
            {"modules", {{{"name", "module_norm"}}}},
            {"absent", {"module_quant"}},
            {"findings",
             {{{"kind", "missing_symbol"},
               {"module", "module_norm"},
               {"what", "it has no norm"},
               {"evidence", Json::array()},
               {"fix", "build it anew"}}}}}},
          {"live",
           {{"outcome", "failed"},
            {"error", "ImportError: no rocminfo"},
            {"namespace", {{"state", "unknown"}, {"groups", Json::array()}}}}},
          {"problems", {"its tags are missing"}}};
}

/// An engine, with a check of one library.
inline nlohmann::ordered_json some_engine() {
  using Json = nlohmann::ordered_json;
  const Json check{{"library", {{"name", "kernels"}, {"path", "/opt/kernels"}}},
                   {"assumed", {{"gfx942", "1"}, {"USE_IT", "1"}}},
                   {"counts",
                    {{"fine", 5},
                     {"stops_import", 1},
                     {"fails_at_call", 2},
                     {"misled", 0},
                     {"off", 0},
                     {"conditional", 4}}},
                   {"broken", {"0123abcd", "4567abcd", "89ababcd"}}};
  return {{"name", "toy"},
          {"path", "/opt/engine"},
          {"version", "0.5"},
          {"version_source", "toy-0.5.dist-info/METADATA"},
          {"revision", nullptr},
          {"modules", 90},
          {"mentioning", 7},
          {"libraries", Json::array({{{"name", "kernels"}, {"uses", 12}, {"modules", 3}}})},
          {"checks", Json::array({check})},
          {"problems", Json::array({{{"where", "toy/a.py:3"}, {"what", "does not parse"}}})}};
}

inline ResultSource source_of(const std::vector<nlohmann::ordered_json>& results) {
  return [results](const ResultVisitor& visit) {
    for (const auto& result : results) visit(result);
  };
}

}  // namespace fusegate::reports
