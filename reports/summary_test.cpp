#include "reports/summary.hpp"

#include <limits>
#include <map>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/test_support.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;
using Counts = std::map<std::string, std::uint64_t>;

Json of(Json result, const char* implementation, const char* op) {
  result["implementation"] = implementation;
  result["op"] = op;
  return result;
}

Json with_error(char id, const Json& max_ulp, double limit) {
  Json result = some_result(id);
  result["errors"]["out"]["max_ulp"] = max_ulp;
  result["errors"]["out"]["limit_ulp"] = limit;
  return result;
}

Summary summary_of(const std::vector<Json>& results) {
  Summary summary;
  for (const Json& result : results) summary.add(result);
  return summary;
}

// The one row of the errors.
ErrorRow error_of(const std::vector<Json>& results) {
  const auto rows = summary_of(results).errors();
  EXPECT_EQ(rows.size(), 1u);
  return rows.at(0);
}

// ---- Counts -----------------------------------------------------------------------------------

TEST(Summary, OfNothingIsEmpty) {
  const Summary summary;
  EXPECT_EQ(summary.results(), 0u);
  EXPECT_EQ(summary.count("pass"), 0u);
  EXPECT_EQ(summary.to_json(), (Json{{"results", 0},
                                     {"by_verdict", Json::object()},
                                     {"by_op", Json::object()},
                                     {"errors", Json::array()}}));
}

TEST(Summary, CountsVerdicts) {
  const Summary summary =
      summary_of({some_result('1'), some_result('2', "fail"), some_result('3')});
  EXPECT_EQ(summary.results(), 3u);
  EXPECT_EQ(summary.count("pass"), 2u);
  EXPECT_EQ(summary.count("fail"), 1u);
  EXPECT_EQ(summary.count("crash"), 0u);
  EXPECT_EQ(summary.by_verdict(), (Counts{{"pass", 2}, {"fail", 1}}));
}

TEST(Summary, CountsVerdictsOfEachOpOfEachImplementation) {
  const Summary summary =
      summary_of({of(some_result('1'), "a", "norm"), of(some_result('2', "fail"), "a", "norm"),
                  of(some_result('3'), "a", "add"), of(some_result('4'), "b", "norm")});
  const auto& counts = summary.by_implementation_and_op();
  EXPECT_EQ(counts.size(), 3u);
  EXPECT_EQ(counts.at({"a", "norm"}), (Counts{{"pass", 1}, {"fail", 1}}));
  EXPECT_EQ(counts.at({"a", "add"}), (Counts{{"pass", 1}}));
  EXPECT_EQ(counts.at({"b", "norm"}), (Counts{{"pass", 1}}));
}

TEST(Summary, AddsImplementationsUpByOp) {
  const Json json =
      summary_of({of(some_result('1'), "a", "norm"), of(some_result('2'), "b", "norm"),
                  of(some_result('3', "fail"), "b", "norm")})
          .to_json();
  EXPECT_EQ(json.at("by_op").size(), 1u);
  EXPECT_EQ(json.at("by_op").at("norm").at("fail"), 1);
  EXPECT_EQ(json.at("by_op").at("norm").at("pass"), 2);
}

// ---- The largest error ------------------------------------------------------------------------

TEST(SummaryErrors, AreOfTheCaseThatCameNearestToItsLimit) {
  // 0.6 of 2 is further from its limit than 0.4 of 0.5, before it or after it.
  for (const auto& results : {std::vector{with_error('1', 0.6, 2), with_error('2', 0.4, 0.5)},
                              std::vector{with_error('2', 0.4, 0.5), with_error('1', 0.6, 2)}}) {
    const ErrorRow row = error_of(results);
    EXPECT_EQ(row.max_ulp, 0.4);
    EXPECT_EQ(row.limit_ulp, 0.5);
    EXPECT_EQ(row.case_line, some_result('2').at("case").get<std::string>());
  }
}

TEST(SummaryErrors, OfEquallyNearCasesAreOfTheFirst) {
  EXPECT_EQ(error_of({with_error('1', 0.4, 1), with_error('2', 0.2, 0.5)}).case_line,
            some_result('1').at("case").get<std::string>());
}

TEST(SummaryErrors, MayBeInfinite) {
  for (const auto& results : {std::vector{with_error('1', 9, 0.5), with_error('2', "inf", 0.5)},
                              std::vector{with_error('2', "inf", 0.5), with_error('1', 9, 0.5)}}) {
    const ErrorRow row = error_of(results);
    EXPECT_EQ(row.max_ulp, std::numeric_limits<double>::infinity());
    EXPECT_EQ(row.case_line, some_result('2').at("case").get<std::string>());
  }
  EXPECT_EQ(summary_of({with_error('1', "inf", 0.5)}).to_json().at("errors").at(0).at("max_ulp"),
            "inf");
}

TEST(SummaryErrors, MayAllBeZero) {
  EXPECT_EQ(error_of({with_error('1', 0, 0.5), with_error('2', 0, 0.5)}).max_ulp, 0);
}

TEST(SummaryErrors, CountTheirCases) {
  EXPECT_EQ(
      error_of({with_error('1', 0.4, 1), with_error('2', 0.1, 1), with_error('3', 0.5, 1)}).cases,
      3u);
}

TEST(SummaryErrors, AreApartByImplementationOpTypeAndOutput) {
  Json of_fp16 = some_result('1');
  of_fp16["dtype"] = "fp16";
  Json of_other_output = some_result('1');
  of_other_output["errors"]["sum"] = of_other_output["errors"]["out"];
  const auto rows =
      summary_of({some_result('1'), of(some_result('1'), "other", "rms_norm"),
                  of(some_result('1'), "builtin/simt", "other"), of_fp16, of_other_output})
          .errors();
  EXPECT_EQ(rows.size(), 5u);
}

TEST(SummaryErrors, AreWrittenWithAllTheirMembers) {
  EXPECT_EQ(summary_of({with_error('1', 0.4, 0.5)}).to_json().at("errors"),
            Json::array({{{"implementation", "builtin/simt"},
                          {"op", "rms_norm"},
                          {"dtype", "bf16"},
                          {"tensor", "out"},
                          {"cases", 1},
                          {"max_ulp", 0.4},
                          {"limit_ulp", 0.5},
                          {"case", some_result('1').at("case")}}}));
}

TEST(SummaryErrors, AreNoneWhereNothingWasCompared) {
  Json crash = some_result('1', "crash");
  crash["errors"] = Json::object();
  EXPECT_TRUE(summary_of({crash}).errors().empty());
}

// ---- Text -------------------------------------------------------------------------------------

TEST(UlpText, TellsWhatIsALittleMoreThanAHalfFromAHalf) {
  EXPECT_EQ(ulp_text(0.5), "0.5000");
  EXPECT_EQ(ulp_text(0.50014), "0.5001");
  EXPECT_EQ(ulp_text(9.5), "9.5000");
}

TEST(UlpText, OfWhatIsNotFiniteIsAWord) {
  EXPECT_EQ(ulp_text(std::numeric_limits<double>::infinity()), "infinite");
}

TEST(CountsText, HasTheOrderOfTheSchemasVerdicts) {
  EXPECT_EQ(counts_text({{"crash", 5},
                         {"error", 4},
                         {"fail", 2},
                         {"mistrusted", 3},
                         {"pass", 1},
                         {"skipped", 8},
                         {"timeout", 6},
                         {"unsupported", 7}}),
            "1 pass, 2 fail, 3 mistrusted, 4 error, 5 crash, 6 timeout, 7 unsupported, 8 skipped");
}

TEST(CountsText, LeavesOutWhatThereIsNoneOf) {
  EXPECT_EQ(counts_text({{"pass", 612}, {"fail", 3}}), "612 pass, 3 fail");
  EXPECT_EQ(counts_text({}), "no results");
}

}  // namespace
}  // namespace fusegate::reports
