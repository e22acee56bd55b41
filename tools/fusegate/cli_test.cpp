// What a person meets at the command line: help, mistakes, documents.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

struct Mistake {
  std::vector<std::string> arguments;
  std::vector<std::string> said;  ///< all of it on standard error
};

class BadInput : public ::testing::TestWithParam<Mistake> {};

TEST_P(BadInput, ExitsWithTwoAndNamesThePlaceAndTheMend) {
  const Finished run = fusegate(GetParam().arguments);
  EXPECT_EQ(run.exit_code, 2) << run.errors;
  EXPECT_EQ(run.output, "");
  for (const auto& part : GetParam().said) {
    EXPECT_NE(run.errors.find(part), std::string::npos) << "'" << part << "' in: " << run.errors;
  }
}

const std::string line = "rms_norm dtype=bf16 tokens=1 hidden=64 eps=1e-06";

INSTANTIATE_TEST_SUITE_P(
    Cli, BadInput,
    ::testing::Values(
        Mistake{{"docotr"}, {"there is no command 'docotr'", "did you mean 'doctor'?"}},
        Mistake{{"run", "--suit=smoke"}, {"there is no option '--suit'", "'--suite'"}},
        Mistake{{"run", "--suite", "smok"}, {"no suite 'smok'", "did you mean 'smoke'?"}},
        Mistake{{"check", "rms_nrom dtype=bf16"}, {"no op 'rms_nrom'", "'rms_norm'"}},
        Mistake{{"check", "rms_norm dtype=bf17 tokens=1 hidden=1 eps=0"},
                {"dtype=bf17", "fp32, fp16, bf16", "did you mean 'bf16'?"}},
        Mistake{{"check", "rms_norm dtype=bf16 tokens=1 eps=0"}, {"hidden= is missing"}},
        Mistake{{"check", "rms_norm dtype=bf16 tokens=1 hiden=4 eps=0"},
                {"no parameter 'hiden'", "'hidden'"}},
        Mistake{{"check", "rms_norm dtype=bf16 tokens=-1 hidden=4 eps=0"}, {"tokens=-1"}},
        Mistake{{"check", line + " x_stride=63"}, {"x_stride=63 is shorter than a row of 64"}},
        Mistake{{"check", "--with", "builtin/smt", line}, {"'builtin/smt'", "'builtin/simt'"}},
        Mistake{{"check", "--worker", "nothing", line}, {"--worker nothing", "NAME=COMMAND"}},
        Mistake{{"check", "--match", "(", line}, {"'(' is no regular expression"}},
        Mistake{{"check", "--match", "hidden=63", line},
                {"--match 'hidden=63' matches none of the cases", "check --list"}},
        Mistake{{"check", "--match", "((a{99}){99}){99}", line},
                {"too large a regular expression"}},
        Mistake{{"check", "--seed", "9223372036854775808", line}, {"--seed", "0 to 2^63 - 1"}},
        Mistake{{"check", "--case-timeout", "1e300", line}, {"--case-timeout", "1000000"}},
        Mistake{{"check", "--worker", "a=true", "--worker", "a=false", line}, {"there is a 'a'"}},
        Mistake{{"check", "--worker", "builtin/simt=true", line}, {"choose another name"}},
        Mistake{{"check", "--worker", "w\xff=true", line}, {"--worker w\\xff", "printable"}},
        Mistake{{"check", "rms_norm dtype=bf16 tokens=1..99999 hidden=1..99999 eps=0"},
                {"more than 10000000 cases"}},
        Mistake{{"check", "--shard", "3/2", line}, {"--shard 3/2", "I from 1 to N"}},
        Mistake{{"check", "--repeat", "0", line}, {"--repeat"}},
        Mistake{{"check", "--suite", "smoke", line}, {"lines or --suite, not both"}},
        Mistake{{"run", "--library", "aiter=/nonexistent"}, {"/nonexistent"}},
        Mistake{{"run", "--library", "aitr"}, {"aitr", "did you mean 'aiter'"}},
        Mistake{{"probe", "library"}, {"--library"}},
        Mistake{{"schema", "reprot"}, {"no schema 'reprot'", "'report'"}},
        Mistake{{"check", "--suite", "defects"}, {"--suite defects", "by --with, of aiter"}},
        Mistake{{"check", "--suite", "defects", "--with", "aitr"},
                {"no implementation 'aitr'", "did you mean 'aiter'?"}},
        Mistake{{"report", "show"}, {"file"}}, Mistake{{"list", "opps"}, {"'opps'", "'ops'"}},
        Mistake{{"list", "ops", "--suite", "smoke"}, {"--suite is for list cases"}},
        Mistake{{"list", "cases", "--suite", "model"}, {"did you mean 'models'"}},
        Mistake{{"list", "cases", "--suite", "defects"}, {"check --suite defects"}}));

TEST(Cli, WithoutACommandShowsHelpAndExitsWithTwo) {
  const Finished run = fusegate({});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.errors.find("doctor"), std::string::npos);
}

TEST(Cli, HelpNamesTheExitCodes) {
  const Finished run = fusegate({"--help"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_NE(run.output.find("1 a check failed"), std::string::npos);
}

TEST(Cli, VersionIsAlsoADocument) {
  EXPECT_EQ(fusegate({"--version"}).exit_code, 0);
  const Finished run = fusegate({"--version", "--json", "-"});
  EXPECT_EQ(Json::parse(run.output).at("name"), "fusegate");
  EXPECT_EQ(Json::parse(run.output).at("schemas"), (Json{{"report", "1.0"}, {"contract", "1.0"}}));
}

TEST(Cli, ListsEverythingInBothForms) {
  for (const char* what :
       {"ops", "suites", "cases", "policies", "implementations", "contracts", "recipes"}) {
    EXPECT_GT(fusegate({"list", what}).output.size(), 0u) << what;
    const Finished run = fusegate({"list", what, "--json", "-"});
    EXPECT_GT(Json::parse(run.output).size(), 0u) << what;
  }
}

TEST(Cli, ListOfCasesNamesTheModelsTheyStandFor) {
  const Finished text = fusegate({"list", "cases", "--suite", "models"});
  ASSERT_EQ(text.exit_code, 0) << text.errors;
  EXPECT_NE(text.output.find("\n    3 cases: GPT-OSS-120B, GPT-OSS-20B\n"), std::string::npos);
  EXPECT_NE(text.output.find("\n    GPT-OSS-120B             the model's config.json\n"),
            std::string::npos);
  const Json list =
      Json::parse(fusegate({"list", "cases", "--suite", "models", "--json", "-"}).output);
  EXPECT_EQ(list.at("suite"), "models");
  EXPECT_GT(list.at("lines").size(), 20u);
  for (const auto& one : list.at("lines")) EXPECT_GT(one.at("models").size(), 0u) << one;
  EXPECT_GT(list.at("models").size(), 20u);
  EXPECT_EQ(fusegate({"list", "cases"}).output.find("figures"), std::string::npos)
      << "cases of smoke are no model's";
}

TEST(Cli, ListOfCasesIsItsOwnCanonicalForm) {
  const Finished first = fusegate({"check", "--suite", "smoke", "--list"});
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  std::vector<std::string> again{"check", "--list"};
  std::istringstream lines(first.output);
  for (std::string one; std::getline(lines, one);) again.push_back(one);
  EXPECT_GE(again.size(), 400u + 2);
  EXPECT_EQ(fusegate(again).output, first.output);
}

TEST(Cli, ProbeAndDoctorWriteNothingButJsonToStandardOutput) {
  const Finished probe = fusegate({"probe"});
  ASSERT_EQ(probe.exit_code, 0) << probe.errors;
  const Json facts = Json::parse(probe.output);
  EXPECT_TRUE(facts.contains("host"));
  EXPECT_TRUE(facts.at("device").contains("backends"));
  const Finished doctor = fusegate({"doctor", "--json", "-"});
  EXPECT_EQ(doctor.exit_code, 0);
  EXPECT_GT(Json::parse(doctor.output).at("findings").size(), 3u);
}

TEST(Cli, CheckWithJsonKeepsTextOffStandardOutput) {
  const Finished run = fusegate({"check", "--with", "builtin/simt", "--json", "-", line});
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(with_verdict(Json::parse(run.output), "pass").size(), 1u);
  EXPECT_NE(run.errors.find("1 pass"), std::string::npos);
}

TEST(Cli, ColoursAreOffWhereNobodyWantsThem) {
  const std::vector<std::string> check{"check", "--with", "builtin/simt", line};
  EXPECT_EQ(fusegate(check).output.find('\033'), std::string::npos) << "not a terminal";
  auto forced = check;
  forced.insert(forced.end(), {"--color", "always"});
  EXPECT_NE(fusegate(forced).output.find('\033'), std::string::npos);
  const Settings no_color{.environment = {{"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}}};
  EXPECT_EQ(fusegate(check, no_color).output.find('\033'), std::string::npos);
}

TEST(Cli, ReportOfANewerSchemaIsRefusedWithBothVersions) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "report.json";
  std::ofstream(path) << R"({"schema":"fusegate.report","schema_version":"2.0","results":[]})";
  const Finished run = fusegate({"report", "show", path});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.errors.find("schema 2.0"), std::string::npos) << run.errors;
  EXPECT_NE(run.errors.find("up to 1.x"), std::string::npos) << run.errors;
}

TEST(Cli, ReportThatDoesNotFitItsSchemaIsNotShown) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "report.json";
  std::ofstream(path) << R"({"schema":"fusegate.report","schema_version":"1.0","results":[]})";
  const Finished run = fusegate({"report", "show", path});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.errors.find(path.string() + " is no valid report: "), std::string::npos)
      << run.errors;
}

TEST(Cli, ListsThatCannotBeWrittenAreNoSuccess) {
  for (const char* arguments : {"list ops", "check --list --suite smoke", "schema report"}) {
    EXPECT_EQ(in_shell(std::string("$FUSEGATE ") + arguments + " > /dev/full").exit_code, 3)
        << arguments;
  }
}

TEST(Cli, ListOfCasesIsAlsoADocument) {
  const Finished run = fusegate({"check", "--list", "--json", "-", line});
  EXPECT_EQ(Json::parse(run.output), Json::array({line}));
}

TEST(Cli, NamesGivenTwiceRunOnce) {
  const Finished run = fusegate({"check", "--with", "builtin/simt,builtin/simt", line});
  EXPECT_NE(run.output.find("1 cases: 1 pass"), std::string::npos) << run.output;
}

TEST(Cli, ReportThatIsMissingOrNoneIsRefused) {
  EXPECT_EQ(fusegate({"report", "show", "/nonexistent"}).exit_code, 3);
  const TemporaryFolder folder;
  const auto path = folder.path() / "report.json";
  std::ofstream(path) << "{}";
  EXPECT_EQ(fusegate({"report", "validate", path}).exit_code, 2);
}

TEST(Cli, ImplementationThatCannotRunExitsWithThreeAndSaysWhy) {
  const Finished gone = fusegate({"check", "--worker", "mine=/nonexistent/worker", line});
  EXPECT_EQ(gone.exit_code, 3);
  EXPECT_NE(gone.output.find("/nonexistent/worker: No such file"), std::string::npos)
      << gone.output;
  const Finished wrong = fusegate({"check", "--worker", "mine=true", line});
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_NE(wrong.output.find("exited with status 0"), std::string::npos) << wrong.output;
}

}  // namespace
}  // namespace fusegate::testing
