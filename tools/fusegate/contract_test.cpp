// contract list and check: what they say.
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "reports/validator.hpp"
#include "tools/fusegate/testing/toy_engine.hpp"

namespace fusegate::testing {
namespace {

using Contract = ToyEngine;

TEST_F(Contract, SaysWhatBreaksAndWhatGoesDownWithIt) {
  const auto finished = check();
  EXPECT_EQ(finished.exit_code, 1) << finished.errors;
  for (const char* text :
       {"stops importing (1)", "sglang/srt/layers/norm.py:2  aiter.ops.norm.fast_norm",
        "2 modules stop importing: sglang.srt.layers.norm, sglang.srt.models.toy",
        "1 model modules, 1 architectures: ToyForCausalLM", "fails at call (1)",
        "there is no parameter scale"}) {
    expect_contains(finished.output, text);
  }
}

TEST_F(Contract, WithoutTheAssumptionTheFlagIsOff) {
  const auto finished = run({"contract", "check", "--engine", path("engine"), "--library",
                             "aiter=" + path("library"), "--json", "-"});
  EXPECT_EQ(finished.exit_code, 1) << "the call is under no flag";
  EXPECT_EQ(Json::parse(finished.output).at("counts").at("stops_import"), 0);
}

TEST_F(Contract, SaysWhichQuestionMisleads) {
  write("engine", {{"sglang/srt/late.py",
                    "import aiter\ndef run(x):\n    if hasattr(aiter, 'norm'):\n"
                    "        aiter.norm(x, scale=1)\n"}});
  const auto finished = check();
  expect_contains(finished.output, "misled (2)");
  expect_contains(finished.output, "sglang/srt/late.py:3  aiter.norm  probe");
  expect_contains(finished.output, "it answers yes, but the call in line 4 does not fit");
}

// ---- The document -----------------------------------------------------------------------------

TEST_F(Contract, WritesADocument) {
  const auto found = document();
  EXPECT_EQ(found.at("schema"), "fusegate.contract");
  EXPECT_EQ(found.at("engine").at("name"), "sglang");
  EXPECT_EQ(found.at("assumed"), (Json{{"gfx942", "1"}, {"SGLANG_USE_AITER", "1"}}));
  EXPECT_EQ(found.at("broken").size(), 2u);
  const auto& use = found.at("uses").at(0);
  EXPECT_EQ(use.at("where"), "sglang/srt/late.py:2");
  EXPECT_EQ(use.at("status"), "ok");
  EXPECT_EQ(use.at("when"), "call");
  EXPECT_EQ(found.at("blast_radius").at(0).at("architectures"), Json{"ToyForCausalLM"});
}

TEST_F(Contract, DocumentsFitTheSchemaThatTheProgramHas) {
  write_other_library();
  write("engine", {{"sglang/srt/broken.py", "import aiter\ndef f(:\n"}});
  const auto schema = fusegate({"schema", "contract"});
  ASSERT_EQ(schema.exit_code, 0) << schema.errors;
  const reports::Validator validator(nlohmann::json::parse(schema.output));
  const Json one = document();
  EXPECT_EQ(validator.problems(one), std::vector<std::string>{});
  EXPECT_EQ(one.at("problems").size(), 1u);
  const Json two = document({"--library", path("flashinfer")});
  EXPECT_EQ(two.size(), 2u);
  EXPECT_EQ(validator.problems(two), std::vector<std::string>{});
  for (const char* place : {"/uses/0/consequence", "/uses/0/id", "/assumed", "/broken"}) {
    Json wrong = one;
    wrong[Json::json_pointer(place)] = "odd";
    EXPECT_NE(validator.problems(wrong), std::vector<std::string>{}) << place;
  }
}

TEST_F(Contract, KeepsTextOffStandardOutputWhereTheDocumentGoes) {
  const auto finished = check({"--json", "-"});
  EXPECT_TRUE(Json::accept(finished.output)) << finished.output;
  expect_contains(finished.errors, "stops importing (1)");
}

// ---- --explain ---------------------------------------------------------------------------------

TEST_F(Contract, ExplainsAUseByItsId) {
  const auto id = document().at("broken").at(0).get<std::string>();
  const auto finished = check({"--explain", id});
  expect_contains(finished.output, "fails_at_call: mismatch");
  expect_contains(finished.output, "+norm(x=x)");
  EXPECT_FALSE(has(finished.output, "fast_norm")) << finished.output;
}

TEST_F(Contract, NamesTheNearestOfAnIdThatNoUseHas) {
  auto id = document().at("broken").at(0).get<std::string>();
  const auto right = id;
  id[0] = id[0] == '0' ? '1' : '0';
  const auto finished = check({"--explain", id, "--json", path("all.json")});
  EXPECT_EQ(finished.exit_code, 2);
  expect_contains(finished.errors,
                  "nothing has the id '" + id + "', did you mean '" + right + "'?");
  EXPECT_EQ(read_json(path("all.json")).at("broken").size(), 2u) << "what was found is lost";
}

TEST_F(Contract, ExplainsIdsOfOneOfSeveralLibraries) {
  write_other_library();
  const auto documents = document({"--library", path("flashinfer")});
  const auto first = documents.at(0).at("broken").at(0).get<std::string>();
  const auto second = documents.at(1).at("broken").at(0).get<std::string>();
  const auto finished =
      check({"--library", path("flashinfer"), "--explain", second, "--explain", first});
  EXPECT_EQ(finished.exit_code, 1) << finished.errors;
  expect_contains(finished.output, "flashinfer.gone");
  expect_contains(finished.output, "there is no parameter scale");
}

// ---- --format github ---------------------------------------------------------------------------

TEST_F(Contract, AnnotatesForGitHub) {
  const auto finished = check({"--format", "github"});
  EXPECT_EQ(finished.exit_code, 1);
  expect_contains(finished.output,
                  "::error file=sglang/srt/layers/norm.py,line=2,title=stops_import "
                  "aiter.ops.norm.fast_norm::");
}

TEST_F(Contract, AnnotatesFilesByTheirPathsInTheCheckout) {
  std::filesystem::rename(path("engine"), path("python"));
  std::filesystem::create_directories(path("checkout"));
  std::filesystem::rename(path("python"), path("checkout/python"));
  std::filesystem::create_directories(path("checkout/.git"));
  const auto finished = run({"contract", "check", "--engine", path("checkout"), "--library",
                             path("library"), "--format", "github"});
  expect_contains(finished.output, "::error file=python/sglang/srt/late.py,line=3,");
}

TEST_F(Contract, HasNoMoreThanAnnotationsForGitHub) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--all"}, {"--explain", "a"}}) {
    auto arguments = more;
    arguments.insert(arguments.end(), {"--format", "github"});
    const auto finished = check(arguments);
    EXPECT_EQ(finished.exit_code, 2);
    expect_contains(finished.errors, "leave out " + more[0]);
  }
}

TEST_F(Contract, TellsAShiftedArgumentByTheReleaseThatItWasWrittenFor) {
  write("engine", {{"sglang/srt/shift.py",
                    "def run(x, w):\n    import aiter\n    aiter.scaled(x, w, 1e-5, 1)\n"}});
  const std::string before = "def scaled(x, w, eps, sensitive=0): ...\n";
  const std::string now = "def scaled(x, w, eps, gemma=0, sensitive=0): ...\n";
  write("library",
        {{"aiter/scaled.py", now}, {"aiter/__init__.py", "from .scaled import scaled\n"}});
  write("old", {{"aiter/jit/core.py", ""},
                {"aiter/ops/__init__.py", ""},
                {"aiter/scaled.py", before},
                {"aiter/__init__.py", "from .scaled import scaled\n"}});
  EXPECT_FALSE(has(check().output, "scaled"));
  const auto finished = check({"--written-for", "aiter=" + path("old")});
  expect_contains(finished.output, "misled (1)");
  expect_contains(finished.output,
                  "argument 4 (`1`) reaches parameter gemma, which was the place of sensitive");
}

// ---- contract list -----------------------------------------------------------------------------

TEST_F(Contract, ListsTheUses) {
  const auto finished = run({"contract", "list", "--engine", path("engine")});
  EXPECT_EQ(finished.exit_code, 0) << finished.errors;
  expect_contains(finished.output,
                  "sglang/srt/layers/norm.py:2  import  aiter.ops.norm.fast_norm  "
                  "under: if get_bool_env_var('SGLANG_USE_AITER') and is_hip()");
}

TEST_F(Contract, ListsTheUsesOfOneLibrary) {
  write_other_library();
  for (const auto& library : {std::string("flashinfer"), path("flashinfer")}) {
    const auto finished =
        run({"contract", "list", "--engine", path("engine"), "--library", library, "--json", "-"});
    ASSERT_EQ(finished.exit_code, 0) << finished.errors;
    std::set<std::string> symbols;
    for (const auto& use : Json::parse(finished.output)) symbols.insert(use.at("symbol"));
    EXPECT_EQ(symbols, (std::set<std::string>{"flashinfer", "flashinfer.gone"})) << library;
  }
}

}  // namespace
}  // namespace fusegate::testing
