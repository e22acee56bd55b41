// Reading what is no report, a broken one, one of a newer program, or one that means harm.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "reports/report.hpp"
#include "reports/test_support.hpp"

namespace fusegate::reports {
namespace {

using Json = nlohmann::ordered_json;

class ForeignReport : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "report.json";
  int visits_ = 0;

  void write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  Json read() {
    visits_ = 0;
    return read_report(path_, [&](const Json&) { ++visits_; });
  }
  std::string refusal_of(const std::string& text) {
    write(text);
    return message_of<UsageError>([&] { read(); });
  }
  static std::string sound_with(const std::string& key, const Json& value) {
    Json json = some_envelope();
    json["results"] = Json::array({some_result('1'), some_result('2')});
    json[key] = value;
    return json.dump();
  }
};

// ---- Not a report -----------------------------------------------------------------------------

TEST_F(ForeignReport, MissingIsNamed) {
  EXPECT_EQ(message_of<CannotRun>([&] { read(); }),
            "cannot read " + path_.string() + ": No such file or directory");
}

TEST_F(ForeignReport, AFolderIsNamed) {
  path_ = folder_.path();
  expect_contains(message_of<CannotRun>([&] { read(); }), "cannot read " + path_.string());
}

TEST_F(ForeignReport, OfAnotherSchemaIsNoReport) {
  for (const char* text : {"{}", "[]", "5", "null", "\"fusegate.report\"", R"([{"schema": 1}])",
                           R"({"schema": "fusegate.journal"})", R"({"schema": 5})",
                           R"({"schema": null})", R"({"schema": ["fusegate.report"]})",
                           R"({"schema": {"results": [{}]}})", R"({"results": [{}]})"}) {
    SCOPED_TRACE(text);
    expect_contains(refusal_of(text), path_.string() + " is no report of fusegate");
  }
}

// ---- Versions ---------------------------------------------------------------------------------

TEST_F(ForeignReport, OfTheSameMajorVersionIsRead) {
  for (const char* version : {"1.0", "1.7", "1.12"}) {
    write(sound_with("schema_version", version));
    EXPECT_EQ(read().at("schema_version"), version);
    EXPECT_EQ(visits_, 2) << version;
  }
}

TEST_F(ForeignReport, OfANewerVersionIsRefusedBeforeItsResults) {
  for (const char* version : {"2.0", "10.0", "99999999999999999999.0"}) {
    SCOPED_TRACE(version);
    expect_contains(refusal_of(sound_with("schema_version", version)),
                    "is of schema " + std::string(version));
    EXPECT_EQ(visits_, 0) << "they may have another shape";
  }
}

TEST_F(ForeignReport, OfNoVersionIsRefused) {
  for (const Json& version :
       {Json("new"), Json(""), Json(1), Json(1.0), Json(nullptr), Json::array(), Json::object()}) {
    SCOPED_TRACE(version);
    expect_contains(refusal_of(sound_with("schema_version", version)), path_.string());
  }
}

// ---- Broken text ------------------------------------------------------------------------------

TEST_F(ForeignReport, CutShortAnywhereIsRefused) {
  write_report(path_, some_envelope(), source_of({some_result('1')}));
  const std::string whole = read_text(path_).value();
  for (std::size_t length = 0; length + 2 < whole.size(); ++length) {
    write(whole.substr(0, length));
    try {
      read();
      FAIL() << "was read, cut to " << length << " of " << whole.size() << " bytes";
    } catch (const UsageError& error) {
      ASSERT_NE(std::string(error.what()).find(path_.string() + " is no whole JSON document"),
                std::string::npos)
          << "cut to " << length << " bytes: " << error.what();
    }
  }
}

TEST_F(ForeignReport, WithSomethingBehindItsEndIsRefused) {
  expect_contains(refusal_of(sound_with("host", Json::object()) + "}"),
                  "is no whole JSON document: parse error at line ");
}

TEST_F(ForeignReport, ThatIsNoUtf8IsRefused) {
  expect_contains(refusal_of(sound_with("note", "HERE").replace(0, 1, "{\"\xff\":1,")),
                  "is no whole JSON document");
}

TEST_F(ForeignReport, WithANumberThatNoDoubleHoldsIsRefused) {
  std::string text = sound_with("note", "HERE");
  text.replace(text.find("\"HERE\""), 6, "1e999");
  expect_contains(refusal_of(text), path_.string() + " is no report: number overflow");
}

// ---- Depth ------------------------------------------------------------------------------------

// A million of a bracket: what walks it by recursion overflows the stack.
std::string nested(const std::string& open, const std::string& close) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += open;
  text += "1";
  for (int i = 0; i < 1'000'000; ++i) text += close;
  return text;
}

TEST_F(ForeignReport, NestedWithoutEndIsRefused) {
  for (const std::string& deep : {nested("[", "]"), nested("{\"a\":", "}")}) {
    for (const char* key : {"host", "results"}) {
      std::string text = sound_with(key, "HERE");
      text.replace(text.find("\"HERE\""), 6, deep);
      expect_contains(refusal_of(text), path_.string() + " is nested");
    }
    std::string text = sound_with("results", Json::array({"HERE"}));
    text.replace(text.find("\"HERE\""), 6, deep);
    expect_contains(refusal_of(text), path_.string() + " is nested");
    expect_contains(refusal_of(deep), path_.string() + " is nested");
  }
}

// A regular expression that takes one step of the stack for each character overflows it.
TEST_F(ForeignReport, LongTextsThatMatchAPatternAreValidated) {
  const std::string digits(1'000'000, '1');
  Json report = some_envelope();
  report["results"] = Json::array({some_result('1')});
  report["summary"] = Summary().to_json();
  report["run"]["shard"] = digits + "/" + digits;
  report["schema_version"] = "1." + digits;
  report["results"][0]["id"] = digits;
  write(report.dump());
  std::string problems;
  for (const auto& problem : validate_report(path_)) problems += problem + "\n";
  EXPECT_LT(problems.size(), 10'000u) << "the texts themselves are not repeated";
  for (const char* place : {"result 0: [id]: ", "[run][shard]: ", "[schema_version]: "})
    expect_contains(problems, place);
}

// ---- Odd, but sound ---------------------------------------------------------------------------

TEST_F(ForeignReport, WithSortedKeysIsRead) {
  // Results come before the schema, as a tool that sorts keys leaves it.
  write(nlohmann::json::parse(sound_with("engines", Json::array())).dump());
  read();
  EXPECT_EQ(visits_, 2);
}

TEST_F(ForeignReport, WithResultsElsewhereKeepsThem) {
  const Json elsewhere{{"results", Json::array({{{"a", 1}}})}, {"b", {{"results", 5}}}};
  write(sound_with("host", elsewhere));
  EXPECT_EQ(read().at("host"), elsewhere);
  EXPECT_EQ(visits_, 2);
}

TEST_F(ForeignReport, WithResultsOfAnyDepthIsReadResultByResult) {
  Json result = some_result('1');
  result["evidence"]["more"] = {{"results", Json::array({{{"x", Json::array({1, 2})}}})}};
  write(sound_with("results", Json::array({result, some_result('2'), result})));
  std::vector<Json> results;
  static_cast<void>(read_report(path_, [&](const Json& seen) { results.push_back(seen); }));
  EXPECT_EQ(results, (std::vector<Json>{result, some_result('2'), result}));
}

TEST_F(ForeignReport, VisitorsMayThrow) {
  write(sound_with("engines", Json::array()));
  EXPECT_EQ(message_of<std::runtime_error>([&] {
              static_cast<void>(
                  read_report(path_, [](const Json&) { throw std::runtime_error("enough"); }));
            }),
            "enough");
}

}  // namespace
}  // namespace fusegate::reports
