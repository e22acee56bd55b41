#include "suites/result.hpp"

#include <limits>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

constexpr Verdict all_verdicts[] = {Verdict::pass,        Verdict::fail,   Verdict::mistrusted,
                                    Verdict::unsupported, Verdict::error,  Verdict::crash,
                                    Verdict::timeout,     Verdict::skipped};

TEST(Verdict, HasANameOfItsOwnThatParsesBack) {
  std::set<std::string> names;
  for (const Verdict verdict : all_verdicts) {
    EXPECT_EQ(parse_verdict(verdict_name(verdict)), verdict) << verdict_name(verdict);
    names.insert(verdict_name(verdict));
  }
  EXPECT_EQ(names, (std::set<std::string>{"pass", "fail", "mistrusted", "unsupported", "error",
                                          "crash", "timeout", "skipped"}));
}

TEST(Verdict, OfAnotherNameIsNone) {
  for (const char* name : {"", "Pass", "passed", "pass "})
    EXPECT_EQ(parse_verdict(name), std::nullopt) << name;
}

TEST(Verdict, FailsACheckUnlessItPassedOrWasNotTried) {
  for (const Verdict verdict : all_verdicts) {
    const bool harmless =
        verdict == Verdict::pass || verdict == Verdict::unsupported || verdict == Verdict::skipped;
    EXPECT_EQ(is_failed_check(verdict), !harmless) << verdict_name(verdict);
  }
}

Result some_result() {
  return {.id = "0123456789abcdef",
          .case_line = "rms_norm tokens=1",
          .op = "rms_norm",
          .dtype = "bf16",
          .implementation = "mine",
          .verdict = Verdict::fail,
          .reason = "it is wrong",
          .policy = "accumulate=fp32",
          .errors = {{.tensor = "out",
                      .max_ulp = 2.5,
                      .limit_ulp = 0.5,
                      .limit_derivation = "by hand",
                      .elements = 64,
                      .beyond_limit = 3,
                      .unwritten = 1,
                      .worst = Element{1, 2, 3.5, 4.5}}},
          .runs = 2,
          .notes = {"a rule"},
          .launches = {{"k", {1, 2, 3}, {4, 5, 6}, 7, 8}},
          .worker_errors = "last words",
          .wall_ms = 1.5,
          .device_us = 2.5};
}

TEST(ResultJson, HasModelsWhereThereAreSome) {
  Result result = some_result();
  EXPECT_FALSE(result_to_json(result).contains("models"));
  result.models = {"A", "B"};
  EXPECT_EQ(result_to_json(result).at("models"), (Json{"A", "B"}));
}

TEST(ResultJson, HasTheShapeOfTheReportsSchema) {
  EXPECT_EQ(result_to_json(some_result()).dump(),
            R"({"id":"0123456789abcdef","case":"rms_norm tokens=1","op":"rms_norm","dtype":"bf16",)"
            R"("implementation":"mine","verdict":"fail","reason":"it is wrong",)"
            R"("policy":"accumulate=fp32","errors":{"out":{"max_ulp":2.5,"limit_ulp":0.5,)"
            R"("limit_derivation":"by hand","elements":64,"beyond_limit":3,"unwritten":1,)"
            R"("worst":{"row":1,"column":2,"expected":3.5,"actual":4.5}}},)"
            R"("timing":{"wall_ms":1.5,"device_us":2.5},"evidence":{"runs":2,)"
            R"("launches":[{"kernel":"k","grid":[1,2,3],"block":[4,5,6],"vector":7,"cached":8}],)"
            R"("notes":["a rule"],"worker_errors":"last words"}})");
}

TEST(ResultJson, LeavesOutWhatThereIsNot) {
  Result result = some_result();
  result.errors[0].worst.reset();
  result.device_us.reset();
  result.worker_errors.clear();
  const Json json = result_to_json(result);
  EXPECT_TRUE(json.at("errors").at("out").at("worst").is_null());
  EXPECT_TRUE(json.at("timing").at("device_us").is_null());
  EXPECT_FALSE(json.at("evidence").contains("worker_errors"));
}

TEST(ResultJson, OfNothingComparedHasObjectsAllTheSame) {
  const Json json = result_to_json({});
  EXPECT_EQ(json.at("errors"), Json::object());
  EXPECT_EQ(json.at("evidence").at("launches"), Json::array());
  EXPECT_EQ(json.at("evidence").at("notes"), Json::array());
  EXPECT_EQ(json.at("verdict"), "skipped");
}

TEST(ResultJson, HasTextForNumbersThatJsonLacks) {
  Result result = some_result();
  result.errors[0].max_ulp = infinity;
  result.errors[0].worst = Element{0, 0, nan, -infinity};
  const Json error = result_to_json(result).at("errors").at("out");
  EXPECT_EQ(error.at("max_ulp"), "inf");
  EXPECT_EQ(error.at("worst").at("expected"), "nan");
  EXPECT_EQ(error.at("worst").at("actual"), "-inf");
}

TEST(ResultId, IsOfTheCaseAndTheImplementation) {
  const std::string id = result_id("mine", "rms_norm tokens=1");
  EXPECT_EQ(result_id("mine", "rms_norm tokens=1"), id);
  EXPECT_NE(result_id("mine", "rms_norm tokens=2"), id);
  EXPECT_NE(result_id("yours", "rms_norm tokens=1"), id);
  EXPECT_NE(result_id("mine rms_norm", "tokens=1"), result_id("mine", "rms_norm tokens=1"));
  EXPECT_EQ(id.size(), 16u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), id.npos);
}

}  // namespace
}  // namespace fusegate::suites
