#include "reports/report.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "reports/test_support.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;
using Results = std::vector<Json>;

const Results three{some_result('1'), some_result('2', "fail"), some_result('3')};

class ReportTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "report.json";

  Json read(Results& results) {
    return read_report(path_, [&](const Json& result) { results.push_back(result); });
  }
  [[nodiscard]] std::string text() const { return read_text(path_).value_or("(none)"); }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_.path()), {}));
  }
};

// ---- There and back ---------------------------------------------------------------------------

TEST_F(ReportTest, ReadsBackEveryResultInItsOrder) {
  write_report(path_, some_envelope(), source_of(three));
  Results results;
  read(results);
  EXPECT_EQ(results, three);
}

TEST_F(ReportTest, ReadsBackEverythingElse) {
  const Summary summary = write_report(path_, some_envelope(), source_of(three));
  Json expected = some_envelope();
  expected["results"] = Json::array();
  expected["summary"] = summary.to_json();
  Results results;
  EXPECT_EQ(read(results), expected);
}

TEST_F(ReportTest, IsOneJsonDocumentWithItsKeysInOrder) {
  const Summary summary = write_report(path_, some_envelope(), source_of(three));
  Json expected = some_envelope();
  expected["results"] = three;
  expected["summary"] = summary.to_json();
  EXPECT_EQ(Json::parse(text()).dump(), expected.dump());
  EXPECT_TRUE(text().ends_with("}\n"));
}

TEST_F(ReportTest, MayHaveNoResults) {
  write_report(path_, some_envelope(), source_of({}));
  Results results;
  read(results);
  EXPECT_EQ(results, Results{});
  EXPECT_EQ(validate_report(path_), std::vector<std::string>{});
}

TEST_F(ReportTest, SumsUpTheResultsThatItWrites) {
  const Summary summary = write_report(path_, some_envelope(), source_of(three));
  EXPECT_EQ(summary.results(), 3u);
  EXPECT_EQ(summary.count("fail"), 1u);
}

TEST_F(ReportTest, TakesResultsFromTheirSourceAlone) {
  Json envelope = some_envelope();
  envelope["results"] = Json::array({some_result('9')});
  envelope["summary"] = "old";
  write_report(path_, envelope, source_of(three));
  Results results;
  EXPECT_EQ(read(results).at("summary").at("results"), 3);
  EXPECT_EQ(results, three);
}

TEST_F(ReportTest, KeepsStringsOfAnyKind) {
  Json result = some_result('1', "fail");
  result["reason"] = "<script>alert('x')</script> ` | \\ \" \n\r\t \x01 \x7f \xc3\xa9 \xe2\x80\xa8";
  Json envelope = some_envelope();
  envelope["host"]["odd \"key\"\n"] = result["reason"];
  write_report(path_, envelope, source_of({result}));
  Results results;
  EXPECT_EQ(read(results).at("host"), envelope.at("host"));
  EXPECT_EQ(results, Results{result});
}

TEST_F(ReportTest, ReplacesBytesThatAreNoUtf8) {
  Json result = some_result('1', "crash");
  result["evidence"]["worker_errors"] = "caf\xe9";
  Json envelope = some_envelope();
  envelope["run"]["could_not_run"].push_back("\xff!");
  write_report(path_, envelope, source_of({result}));
  Results results;
  EXPECT_EQ(read(results).at("run").at("could_not_run").at(0), "\xef\xbf\xbd!");
  EXPECT_EQ(results.at(0).at("evidence").at("worker_errors"), "caf\xef\xbf\xbd");
}

// ---- What is not written ------------------------------------------------------------------------

TEST_F(ReportTest, AnInvalidResultLeavesTheOldFile) {
  write_report(path_, some_envelope(), source_of(three));
  const std::string before = text();
  Json invalid = some_result('2');
  invalid["verdict"] = "splendid";
  const auto error = message_of<InvalidReport>([&] {
    write_report(path_, some_envelope(), source_of({some_result('1'), invalid}));
  });
  expect_contains(error, "a result does not fit the report's schema");
  expect_contains(error, "verdict");
  EXPECT_EQ(text(), before);
  EXPECT_EQ(files(), 1u) << "a temporary file is left";
}

TEST_F(ReportTest, AnInvalidEnvelopeLeavesTheOldFile) {
  write_report(path_, some_envelope(), source_of(three));
  const std::string before = text();
  Json envelope = some_envelope();
  envelope["run"].erase("seed");
  const auto error =
      message_of<InvalidReport>([&] { write_report(path_, envelope, source_of(three)); });
  expect_contains(error, "the report does not fit the report's schema");
  expect_contains(error, "seed");
  EXPECT_EQ(text(), before);
  EXPECT_EQ(files(), 1u) << "a temporary file is left";
}

TEST_F(ReportTest, ASourceThatThrowsLeavesTheOldFile) {
  write_report(path_, some_envelope(), source_of(three));
  const std::string before = text();
  const ResultSource broken = [](const ResultVisitor& visit) {
    visit(some_result('1'));
    throw std::runtime_error("the journal is gone");
  };
  EXPECT_EQ(message_of<std::runtime_error>([&] { write_report(path_, some_envelope(), broken); }),
            "the journal is gone");
  EXPECT_EQ(text(), before);
  EXPECT_EQ(files(), 1u) << "a temporary file is left";
}

TEST_F(ReportTest, SaysWhereItCannotWrite) {
  const auto nowhere = folder_.path() / "missing" / "report.json";
  expect_contains(
      message_of<CannotRun>([&] { write_report(nowhere, some_envelope(), source_of(three)); }),
      nowhere.string());
}

// ---- Validation -------------------------------------------------------------------------------

class ValidateTest : public ReportTest {
 protected:
  std::vector<std::string> problems_of(const Json& report) {
    std::ofstream(path_, std::ios::binary) << report;
    return validate_report(path_);
  }
  // A sound one.
  Json report() {
    write_report(path_, some_envelope(), source_of(three));
    return Json::parse(text());
  }
};

TEST_F(ValidateTest, FindsNothingInASoundReport) {
  EXPECT_EQ(problems_of(report()), std::vector<std::string>{});
}

TEST_F(ValidateTest, NamesTheResultThatIsWrong) {
  Json json = report();
  json["results"][1].erase("verdict");
  const auto problems = problems_of(json);
  ASSERT_EQ(problems.size(), 1u);
  expect_contains(problems[0], "result 1: ");
  expect_contains(problems[0], "verdict");
}

TEST_F(ValidateTest, FindsAResultThatIsNoObject) {
  for (const Json& odd : {Json(5), Json("pass"), Json(nullptr), Json::array(), Json::object(),
                          Json::array({some_result('1')})}) {
    Json json = report();
    json["results"][2] = odd;
    const auto problems = problems_of(json);
    ASSERT_FALSE(problems.empty()) << odd;
    expect_contains(problems[0], "result 2: ");
  }
}

TEST_F(ValidateTest, FindsResultsThatAreMissingOrNoList) {
  Json missing = report();
  missing.erase("results");
  EXPECT_FALSE(problems_of(missing).empty());
  for (const Json& odd :
       {Json(5), Json("all"), Json(nullptr), Json::object(), Json{{"1", some_result('1')}}}) {
    Json json = report();
    json["results"] = odd;
    EXPECT_FALSE(problems_of(json).empty()) << odd;
  }
}

TEST_F(ValidateTest, FindsWhatIsWrongOutsideTheResults) {
  Json json = report();
  json["summary"]["by_verdict"]["pass"] = -1;
  const auto problems = problems_of(json);
  ASSERT_FALSE(problems.empty());
  expect_contains(problems[0], "by_verdict");
}

TEST_F(ValidateTest, ShowsAFewOfManyProblems) {
  Json json = report();
  for (int i = 0; i < 100; ++i) json["results"].push_back(5);
  EXPECT_EQ(problems_of(json).size(), 10u);
}

}  // namespace
}  // namespace fusegate::reports
