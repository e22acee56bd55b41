#include "reports/validator.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "reports/summary.hpp"
#include "reports/test_support.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;
using nlohmann::json;
using Problems = std::vector<std::string>;

// A whole report without results, as envelope_validator() is given it.
Json empty_report() {
  Json report = some_envelope();
  report["libraries"] = Json::array({some_library()});
  report["engines"] = Json::array({some_engine()});
  report["results"] = Json::array();
  report["summary"] = Summary().to_json();
  return report;
}

// ---- The schemas themselves -------------------------------------------------------------------

TEST(Schemas, AreJsonSchemasOfDraft7WithTheirTitle) {
  ASSERT_FALSE(schema_names().empty());
  for (const auto& name : schema_names()) {
    const json schema = json::parse(schema_text(name));
    EXPECT_EQ(schema.at("$schema"), "http://json-schema.org/draft-07/schema#") << name;
    EXPECT_EQ(schema.at("title"), "fusegate." + name);
    EXPECT_NO_THROW(Validator{schema}) << name;
  }
}

TEST(Schemas, AnUnknownOneNamesTheNearestAndAll) {
  expect_contains(
      message_of<UsageError>([] { static_cast<void>(schema_text("reprot")); }),
      "there is no schema 'reprot', did you mean 'report'?; there are contract, matrix, report");
}

TEST(Schemas, OfAReportIsOfTheVersionThatIsWritten) {
  const json pattern = json::parse(schema_text("report")).at("properties").at("schema_version");
  EXPECT_EQ(Validator(pattern).problems(report_schema_version), Problems{});
  for (const char* other : {"2.0", "0.9", "1", "1.", "v1.0", "1.0.0", "11.0"})
    EXPECT_FALSE(Validator(pattern).problems(other).empty()) << other;
}

TEST(Validator, RefusesWhatIsNoSchema) {
  EXPECT_THROW(Validator(json{{"type", 5}}), std::invalid_argument);
  EXPECT_THROW(Validator(json{{"required", "x"}}), std::invalid_argument);
}

TEST(Validator, NamesThePlaceOfAProblem) {
  const Validator validator(json::parse(
      R"({"properties": {"a": {"items": {"properties": {"b": {"type": "integer"}}}}}})"));
  EXPECT_EQ(validator.problems(json::parse(R"({"a": [{"b": 1}]})")), Problems{});
  const auto problems = validator.problems(json::parse(R"({"a": [{"b": 1}, {"b": "x"}]})"));
  ASSERT_FALSE(problems.empty());
  expect_contains(problems[0], "[a][1][b]: ");
}

TEST(Validator, NamesTheDocumentItself) {
  const auto problems = Validator(json{{"type", "object"}}).problems(json(5));
  ASSERT_EQ(problems.size(), 1u);
  expect_contains(problems[0], "the document: ");
}

TEST(Validator, ShowsAFewOfManyProblems) {
  EXPECT_EQ(Validator(json{{"items", {{"type", "string"}}}})
                .problems(json::array({1, 2, 3, 4, 5, 6, 7, 8}))
                .size(),
            5u);
}

// ---- Results ----------------------------------------------------------------------------------

TEST(ResultValidator, TakesSoundResults) {
  for (const char* verdict :
       {"pass", "fail", "mistrusted", "unsupported", "error", "crash", "timeout", "skipped"}) {
    EXPECT_EQ(result_validator().problems(some_result('1', verdict)), Problems{}) << verdict;
  }
}

TEST(ResultValidator, TakesWhatWasNotCompared) {
  Json result = some_result('1', "crash");
  result["errors"] = Json::object();
  result["evidence"] = {{"runs", 0}, {"launches", Json::array()}, {"notes", Json::array()}};
  EXPECT_EQ(result_validator().problems(result), Problems{});
}

TEST(ResultValidator, TakesKeysThatItDoesNotKnow) {
  Json result = some_result('1');
  result["novel"] = 5;
  result["timing"]["novel"] = 5;
  EXPECT_EQ(result_validator().problems(result), Problems{});
}

// Keys that a result must have, as JSON pointers (RFC 6901).
class RequiredOfResults : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(
    Keys, RequiredOfResults,
    testing::Values("/id", "/case", "/op", "/dtype", "/implementation", "/verdict", "/reason",
                    "/policy", "/errors", "/timing", "/evidence", "/errors/out/max_ulp",
                    "/errors/out/limit_ulp", "/errors/out/limit_derivation", "/errors/out/elements",
                    "/errors/out/beyond_limit", "/errors/out/unwritten", "/errors/out/worst",
                    "/errors/out/worst/row", "/errors/out/worst/column",
                    "/errors/out/worst/expected", "/errors/out/worst/actual", "/timing/wall_ms",
                    "/timing/device_us", "/evidence/runs", "/evidence/launches", "/evidence/notes",
                    "/evidence/launches/0/kernel", "/evidence/launches/0/grid",
                    "/evidence/launches/0/block"));

TEST_P(RequiredOfResults, IsMissed) {
  const Json::json_pointer pointer(GetParam());
  Json result = some_result('1');
  result.at(pointer.parent_pointer()).erase(pointer.back());
  const auto problems = result_validator().problems(result);
  ASSERT_FALSE(problems.empty());
  expect_contains(problems[0], "'" + pointer.back() + "'");
}

// A place of a result, and what may not stand there.
struct Wrong {
  const char* place;
  const char* value;
};

class WrongInResults : public testing::TestWithParam<Wrong> {};
INSTANTIATE_TEST_SUITE_P(
    Values, WrongInResults,
    testing::Values(
        Wrong{"/id", "5"}, Wrong{"/id", R"("123")"}, Wrong{"/id", R"("123456789ABCDEF0")"},
        Wrong{"/id", R"("00112233445566778")"}, Wrong{"/case", "[]"}, Wrong{"/case", R"("")"},
        Wrong{"/op", "null"}, Wrong{"/dtype", "{}"}, Wrong{"/implementation", "5"},
        Wrong{"/verdict", R"("splendid")"}, Wrong{"/verdict", R"("PASS")"}, Wrong{"/verdict", "1"},
        Wrong{"/reason", "null"}, Wrong{"/policy", "{}"}, Wrong{"/errors", "[]"},
        Wrong{"/errors/out", "5"}, Wrong{"/errors/out/max_ulp", "-1"},
        Wrong{"/errors/out/max_ulp", R"("nan")"}, Wrong{"/errors/out/max_ulp", R"("-inf")"},
        Wrong{"/errors/out/max_ulp", "null"}, Wrong{"/errors/out/limit_ulp", "-0.5"},
        Wrong{"/errors/out/limit_ulp", R"("inf")"}, Wrong{"/errors/out/limit_derivation", "5"},
        Wrong{"/errors/out/elements", "-1"}, Wrong{"/errors/out/elements", "1.5"},
        Wrong{"/errors/out/beyond_limit", "-1"}, Wrong{"/errors/out/unwritten", R"("1")"},
        Wrong{"/errors/out/worst", "5"}, Wrong{"/errors/out/worst/row", "-1"},
        Wrong{"/errors/out/worst/column", "0.5"}, Wrong{"/errors/out/worst/expected", R"("NaN")"},
        Wrong{"/errors/out/worst/actual", "null"}, Wrong{"/timing", "5"},
        Wrong{"/timing/wall_ms", "-1"}, Wrong{"/timing/wall_ms", "null"},
        Wrong{"/timing/device_us", R"("fast")"}, Wrong{"/evidence", "[]"},
        Wrong{"/evidence/runs", "-1"}, Wrong{"/evidence/launches", "{}"},
        Wrong{"/evidence/launches/0", "5"}, Wrong{"/evidence/notes", R"("x")"},
        Wrong{"/evidence/notes", "[5]"}, Wrong{"/evidence/worker_errors", "5"}));

TEST_P(WrongInResults, IsRefused) {
  Json result = some_result('1');
  result[Json::json_pointer(GetParam().place)] = Json::parse(GetParam().value);
  EXPECT_FALSE(result_validator().problems(result).empty())
      << GetParam().place << " may be " << GetParam().value;
}

TEST(ResultValidator, TakesNumbersThatJsonLacksAsText) {
  Json result = some_result('1', "fail");
  Json& error = result["errors"]["out"];
  error["max_ulp"] = "inf";
  for (const char* text : {"nan", "inf", "-inf"}) {
    error["worst"]["expected"] = error["worst"]["actual"] = text;
    EXPECT_EQ(result_validator().problems(result), Problems{}) << text;
  }
  error["worst"] = nullptr;
  EXPECT_EQ(result_validator().problems(result), Problems{});
}

// ---- The rest of a report ---------------------------------------------------------------------

TEST(EnvelopeValidator, TakesASoundReport) {
  EXPECT_EQ(envelope_validator().problems(empty_report()), Problems{});
}

class RequiredOfReports : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(
    Keys, RequiredOfReports,
    testing::Values("/schema", "/schema_version", "/tool", "/run", "/host", "/devices",
                    "/libraries", "/engines", "/implementations", "/results", "/summary",
                    "/tool/name", "/tool/version", "/tool/commit", "/run/id", "/run/started",
                    "/run/finished", "/run/command", "/run/suite", "/run/seed", "/run/shard",
                    "/run/plan", "/run/cases", "/run/interrupted", "/devices/0/index",
                    "/devices/0/vendor", "/devices/0/source", "/implementations/0/name",
                    "/implementations/0/available", "/summary/results", "/summary/by_verdict",
                    "/summary/by_op", "/summary/errors"));

TEST_P(RequiredOfReports, IsMissed) {
  const Json::json_pointer pointer(GetParam());
  Json report = empty_report();
  report.at(pointer.parent_pointer()).erase(pointer.back());
  const auto problems = envelope_validator().problems(report);
  ASSERT_FALSE(problems.empty());
  expect_contains(problems[0], "'" + pointer.back() + "'");
}

class WrongInReports : public testing::TestWithParam<Wrong> {};
INSTANTIATE_TEST_SUITE_P(
    Values, WrongInReports,
    testing::Values(
        Wrong{"/schema", R"("other")"}, Wrong{"/schema_version", R"("2.0")"},
        Wrong{"/tool/name", R"("other")"}, Wrong{"/tool/version", "1"}, Wrong{"/run/command", "5"},
        Wrong{"/run/command", "[5]"}, Wrong{"/run/suite", "5"}, Wrong{"/run/seed", "0.5"},
        Wrong{"/run/shard", R"("1")"}, Wrong{"/run/cases", "-1"}, Wrong{"/run/interrupted", "0"},
        Wrong{"/run/could_not_run", R"(["a", 5])"}, Wrong{"/host", "[]"}, Wrong{"/devices", "{}"},
        Wrong{"/libraries", "[{}]"}, Wrong{"/libraries/0/contracts/0/status", R"("fine")"},
        Wrong{"/libraries/0/contracts/1", "{}"},
        Wrong{"/libraries/0/contracts/1/difference", "[5]"},
        Wrong{"/libraries/0/contracts/0/defects/0", "{}"}, Wrong{"/libraries/0/elf", "null"},
        Wrong{"/libraries/0/live", "{}"}, Wrong{"/libraries/0/fits/0", "{}"},
        Wrong{"/engines", "{}"}, Wrong{"/engines", "[{}]"}, Wrong{"/engines/0/modules", "-1"},
        Wrong{"/engines/0/path", "5"}, Wrong{"/engines/0/checks/0", "{}"},
        Wrong{"/engines/0/checks/0/broken", "[5]"}, Wrong{"/engines/0/libraries/0/uses", "null"},
        Wrong{"/implementations/0/available", R"("yes")"},
        Wrong{"/implementations/0/device", R"("H200")"},
        Wrong{"/implementations/0/fingerprint", "5"}, Wrong{"/results", "{}"},
        Wrong{"/summary/results", "-1"}, Wrong{"/summary/by_verdict/pass", "0.5"},
        Wrong{"/summary/by_op/rms_norm", "5"}, Wrong{"/summary/errors/0", "{}"}));

TEST_P(WrongInReports, IsRefused) {
  Json report = empty_report();
  report[Json::json_pointer(GetParam().place)] = Json::parse(GetParam().value);
  EXPECT_FALSE(envelope_validator().problems(report).empty())
      << GetParam().place << " may be " << GetParam().value;
}

}  // namespace
}  // namespace fusegate::reports
