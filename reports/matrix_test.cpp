#include "reports/matrix.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "reports/test_support.hpp"
#include "reports/validator.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

/// A report's envelope whose implementation offers rms_norm in that generation.
Json envelope(const std::string& generation, bool interpreted = false) {
  return {{"run", {{"interrupted", false}}},
          {"libraries",
           {{{"name", "toy"}, {"path", "/opt/toy"}, {"version", "1"}, {"fingerprint", "f"}}}},
          {"implementations",
           {{{"name", "builtin/simt"},
             {"interpreted", interpreted},
             {"operations",
              {{{"op", "rms_norm"}, {"entry", "toy.norm"}, {"generation", generation}}}}}}}};
}

MatrixColumn column(const std::string& name, const Json& envelope,
                    const std::vector<Json>& results) {
  return {name, envelope, [&](const ResultVisitor& visit) {
            for (const auto& result : results) visit(result);
          }};
}

Json timed(char id, double microseconds) {
  Json result = some_result(id);
  result["timing"]["device_us"] = microseconds;
  return result;
}

Json with_error(char id, double ulp) {
  Json result = some_result(id);
  result["errors"]["out"]["max_ulp"] = ulp;
  return result;
}

Json complete(Json matrix) {
  matrix["tool"] = {{"name", "fusegate"}, {"version", "1"}, {"commit", ""}};
  matrix["file"] = "versions.toml";
  return matrix;
}

std::vector<std::string> changes(const MatrixColumn& before, const MatrixColumn& after) {
  return changes_between(before, after, "rms_norm", "builtin/simt");
}

TEST(Matrix, FitsItsSchema) {
  const auto matrix =
      matrix_document({column("1", envelope("a"), {some_result('1'), some_result('2', "crash")}),
                       MatrixColumn("2", "no such folder")},
                      "1");
  const Validator validator(nlohmann::json::parse(schema_text("matrix")));
  EXPECT_EQ(validator.problems(complete(matrix)), std::vector<std::string>{});
  auto broken = complete(matrix);
  broken["cells"][0]["status"] = "sulks";
  EXPECT_FALSE(validator.problems(broken).empty());
}

TEST(Matrix, SaysOfEachOpWhatItIsAndWhatCameOfIt) {
  const auto matrix =
      matrix_document({column("1", envelope("a"), {some_result('1'), some_result('2', "fail")}),
                       column("2", envelope("b"), {some_result('1', "unsupported")})},
                      "");
  const auto& cells = matrix.at("cells");
  ASSERT_EQ(cells.size(), 2u);
  EXPECT_EQ(cells[0].at("status"), "fails");
  EXPECT_EQ(cells[0].at("entry"), "toy.norm");
  EXPECT_EQ(cells[0].at("generation"), "a");
  EXPECT_EQ(cells[0].at("by_verdict"), Json({{"fail", 1}, {"pass", 1}}));
  EXPECT_EQ(cells[0].at("largest_error_ulp"), Json({{"bf16", 0.25}}));
  EXPECT_EQ(cells[1].at("status"), "unsupported");
  EXPECT_EQ(cells[1].at("reason"), "because");
}

TEST(Matrix, FailuresOfAKindAreOneWithAnExample) {
  const auto failing = [](char id, const std::string& reason) {
    Json result = some_result(id, "fail");
    result["reason"] = reason;
    return result;
  };
  const auto matrix = matrix_document(
      {column("1", envelope("a"),
              {failing('1', "out[0, 3] is 1.5, expected 2: 3 ulp; 3 of 4 elements are beyond it"),
               failing('2',
                       "out[7, 4] is 0.5, expected 1: 9 ulp; 1 of 9 elements are beyond it, 1 "
                       "were never written"),
               failing('3', "8 bytes behind the end of out were overwritten")})},
      "");
  const auto& failures = matrix.at("cells")[0].at("failures");
  ASSERT_EQ(failures.size(), 2u);
  EXPECT_EQ(failures[0].at("cases"), 2);
  EXPECT_EQ(failures[0].at("case"), some_result('1').at("case"));
  EXPECT_EQ(failures[1].at("cases"), 1);
}

TEST(Matrix, SpeedIsRelativeToTheFirstThatWasTimed) {
  const auto matrix = matrix_document({column("1", envelope("a", true), {timed('1', 7)}),
                                       column("2", envelope("a"), {timed('1', 20), timed('2', 8)}),
                                       column("3", envelope("a"), {timed('1', 10), timed('3', 1)})},
                                      "");
  const auto& cells = matrix.at("cells");
  EXPECT_TRUE(cells[0].at("time").is_null()) << "an interpreter's";
  EXPECT_EQ(cells[1].at("time").at("relative"), 1.0);
  EXPECT_EQ(cells[2].at("time").at("relative"), 2.0) << "of the case that both have";
}

TEST(Matrix, WithABaselineOnlyWhatPassedThereRegresses) {
  const std::vector<MatrixColumn> columns{
      column("1", envelope("a"), {some_result('1'), some_result('2', "fail")}),
      column("2", envelope("a"),
             {some_result('1', "crash"), some_result('2', "fail"), some_result('3', "fail")})};
  const auto of_baseline = matrix_document(columns, "1").at("regressions");
  ASSERT_EQ(of_baseline.size(), 1u);
  EXPECT_EQ(of_baseline[0].at("version"), "2");
  EXPECT_EQ(of_baseline[0].at("cases"), 2) << "a case that the baseline lacks counts";
  EXPECT_EQ(matrix_document(columns, "").at("regressions").size(), 2u);
}

TEST(MatrixChanges, AreTold) {
  const auto before = column("1", envelope("a"), {some_result('1'), some_result('2')});
  EXPECT_EQ(changes(before, before), std::vector<std::string>{});
  EXPECT_EQ(changes(before, column("2", envelope("b"), {some_result('1')})),
            std::vector<std::string>{"it was toy.norm (a), and is toy.norm (b)"});
  EXPECT_EQ(changes(before, column("2", envelope("a"), {some_result('1', "fail")})),
            std::vector<std::string>{"1 case went from pass to fail, as rms_norm dtype=bf16 "
                                     "tokens=1 hidden=64 eps=1e-06: because"});
  EXPECT_EQ(changes(before, column("2", envelope("a"), {with_error('1', 0.45)})),
            std::vector<std::string>{"the largest error in bf16 went from 0.2500 to 0.4500 ulp"});
  EXPECT_EQ(changes(column("1", envelope("a"), {timed('1', 20)}),
                    column("2", envelope("a"), {timed('1', 10)})),
            std::vector<std::string>{"a call takes 2.00 times less time"});
}

TEST(MatrixChanges, TellWhatCanNoLongerBeCalled) {
  const auto there = column("1", envelope("a"), {some_result('1')});
  const auto gone = column("2", envelope("a"), {some_result('1', "unsupported")});
  EXPECT_EQ(changes(there, gone), std::vector<std::string>{"it can no longer be called: because"});
  EXPECT_EQ(changes(gone, there), std::vector<std::string>{"it can be called now: toy.norm (a)"});
}

/// Of a run of torch's operations, beside `libraries`.
Json envelope_of_torch(const Json& libraries) {
  Json json = envelope("a");
  json["libraries"] = libraries;
  json["implementations"] = Json::array();
  for (const char* name : {"torch", "torch/compiled"}) {
    json["implementations"].push_back(
        {{"name", name}, {"versions", {{"python", "3.11.2"}, {"torch", "2.6.0"}}}});
  }
  return json;
}

TEST(Matrix, HasTheVersionOfWhatOnlyItsWorkerKnows) {
  const auto columns = {column("1", envelope_of_torch(Json::array()), {})};
  const auto libraries = matrix_document(columns, "").at("versions")[0].at("libraries");
  ASSERT_EQ(libraries.size(), 1u) << "once, not for each implementation of it";
  EXPECT_EQ(libraries[0].at("name"), "torch");
  EXPECT_EQ(libraries[0].at("version"), "2.6.0");
}

TEST(MatrixMarkdown, NamesWhatHasNoSources) {
  const auto page = [](const Json& libraries) {
    return render_matrix(
        matrix_document({column("1", envelope_of_torch(libraries), {some_result('1')})}, ""));
  };
  expect_contains(page(Json::array()), "| 1 | torch 2.6.0 |  |");
  expect_contains(page(envelope("a").at("libraries")), "| 1 | toy 1, torch 2.6.0 | `/opt/toy` |");
}

TEST(MatrixMarkdown, EscapesWhatALibrarySays) {
  Json evil = some_result('1', "fail");
  evil["reason"] = "<script>|x";
  const auto page = render_matrix(matrix_document({column("1", envelope("a"), {evil})}, ""));
  EXPECT_EQ(page.find("<script>"), page.npos);
  expect_contains(page, "| rms\\_norm | builtin/simt | **1 of 1 fail** |\n");
}

TEST(MatrixMarkdown, NamesWhatCouldNotRun) {
  expect_contains(render_matrix(matrix_document({MatrixColumn("1", "no torch")}, "")),
                  "- **1 could not run**: no torch\n");
}

}  // namespace
}  // namespace fusegate::reports
