// contract list and check on what is no engine, no library, or broken: the message names the place
// and the mend, and what is sound is found all the same.
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "tools/fusegate/testing/toy_engine.hpp"

namespace fusegate::testing {
namespace {

namespace fs = std::filesystem;

class ContractInput : public ToyEngine {
 protected:
  Finished check_engine(const std::string& engine) {
    return run({"contract", "check", "--engine", engine, "--library", path("library")});
  }
  Finished check_library(const std::string& library) {
    return run({"contract", "check", "--engine", path("engine"), "--library", library});
  }
  static void expect_refused(const Finished& finished, const std::vector<std::string>& parts) {
    EXPECT_EQ(finished.exit_code, 2) << finished.output << finished.errors;
    EXPECT_EQ(finished.output, "");
    for (const auto& part : parts) expect_contains(finished.errors, part);
  }

  /// Writes one broken file into the engine; gives "WHERE: WHAT" of the problem that names it. The
  /// rest of the engine must be judged as ever.
  std::string problem_of(const std::string& text) {
    write("engine", {{"sglang/srt/broken.py", text}});
    const auto found = document();
    EXPECT_EQ(found.at("broken").size(), 2u) << "it cost more than itself";
    std::string said;
    for (const auto& problem : found.at("problems")) {
      said += problem.at("where").get<std::string>() + ": " +
              problem.at("what").get<std::string>() + "\n";
    }
    return said;
  }
};

// ---- Engines that are none ---------------------------------------------------------------------

TEST_F(ContractInput, AnEngineThatIsNotThere) {
  expect_refused(check_engine("/nowhere/at/all"),
                 {"there is no folder /nowhere/at/all", "give a checkout"});
  expect_refused(check_engine(path("engin")), {"did you mean 'engine'?"});
}

TEST_F(ContractInput, AnEngineThatIsAFile) {
  expect_refused(check_engine(path("engine/sglang/srt/late.py")), {"late.py is no folder"});
  write("", {{"sglang-0.5-py3-none-any.whl", "PK"}});
  expect_refused(check_engine(path("sglang-0.5-py3-none-any.whl")), {"is packed", "unzip -d"});
}

TEST_F(ContractInput, AFolderThatIsNoEngine) {
  expect_refused(check_engine(path("library")),
                 {"no known engine in", "sglang/srt/server_args.py", "vllm/envs.py"});
  expect_refused(check_engine("vllm=" + path("engine")), {"no known engine in", "vllm/envs.py"});
}

TEST_F(ContractInput, AnEngineWithoutANameOrAPath) {
  expect_refused(check_engine(""), {"contract check: of which engine?"});
  expect_refused(check_engine("sglang="), {"the path is empty"});
  expect_refused(check_engine("sglnag=" + path("engine")), {"did you mean 'sglang'?"});
  expect_refused(check_engine("sglnag"), {"did you mean 'sglang'?"});
}

TEST_F(ContractInput, AnEngineThatIsNotInstalled) {
  use_bare_python();
  const auto finished = check_engine("sglang");
  EXPECT_EQ(finished.exit_code, 3) << finished.output;
  expect_contains(finished.errors, "has no package 'sglang'");
  expect_contains(finished.errors, "--engine sglang=PATH");
}

// ---- Libraries, assumptions and files ---------------------------------------------------------

TEST_F(ContractInput, ALibraryThatIsNotThere) {
  expect_refused(check_library("/nowhere"), {"/nowhere"});
  expect_refused(check_library("aitr"), {"did you mean 'aiter'?"});
  expect_refused(run({"contract", "check", "--engine", path("engine")}),
                 {"against which library?"});
}

TEST_F(ContractInput, TheLastLibraryIsLookedAtBeforeTheFirstIsRead) {
  expect_refused(run({"contract", "check", "--engine", path("engine"), "--library", path("library"),
                      "--library", "/nowhere"}),
                 {"/nowhere"});
}

TEST_F(ContractInput, ALibraryThatCannotBeReadCostsNoOther) {
  write("broken", {{"aiter/__init__.py", "def f(:\n"}, {"aiter/jit/core.py", "x ("}});
  const auto finished =
      run({"contract", "check", "--engine", path("engine"), "--library", path("broken"),
           "--library", path("library"), "--json", path("found.json")});
  EXPECT_EQ(finished.exit_code, 3);
  expect_contains(finished.errors, path("broken"));
  const auto found = read_json(path("found.json"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.at(0).at("library").at("path"), path("library"));
}

TEST_F(ContractInput, AssumptionsThatAreNone) {
  for (const char* text : {"", "=1", "a b", "gfx", "gfx942=1", "1A=2"}) {
    expect_refused(check({"--assume", text}), {"--assume: '", "is nothing to assume"});
  }
  expect_refused(check({"--assume", "gfx950"}), {"only one GPU can be assumed"});
  expect_refused(check({"--assume", "SGLANG_USE_AITER=0"}), {"both '1' and '0'"});
}

TEST_F(ContractInput, ADocumentThatCannotBeWrittenIsKnownBeforeTheWork) {
  const auto finished = check({"--json", "/nowhere/found.json"});
  EXPECT_EQ(finished.exit_code, 3);
  expect_contains(finished.errors, "/nowhere/found.json");
  EXPECT_EQ(finished.output, "");
}

TEST_F(ContractInput, OptionsThatTheCommandDoesNotUse) {
  for (const char* option : {"--assume", "--format", "--baseline", "--accept", "--explain"}) {
    expect_refused(run({"contract", "list", "--engine", path("engine"), option, "text"}),
                   {std::string("there is no option '") + option + "'"});
  }
  expect_refused(run({"contract", "chekc"}), {"did you mean 'check'?"});
}

// ---- Engines with broken files -----------------------------------------------------------------

TEST_F(ContractInput, AFileThatDoesNotParse) {
  expect_contains(problem_of("import aiter\ndef f(:\n"),
                  "sglang/srt/broken.py:2: does not parse as Python");
}

TEST_F(ContractInput, AFileThatIsNotUtf8) {
  expect_contains(problem_of("import aiter\nx = '\xff\xfe'\n"),
                  "sglang/srt/broken.py: is not in the encoding that it declares");
}

TEST_F(ContractInput, AFileWithNulBytes) {
  expect_contains(problem_of(std::string("import aiter\nx = 1\0\n", 21)), "sglang/srt/broken.py");
}

TEST_F(ContractInput, AFileThatNestsTooDeep) {
  std::string deep = "import aiter\nx = aiter";
  for (int i = 0; i < 5000; ++i) deep += ".f()";
  expect_contains(problem_of(deep + "\n"), "sglang/srt/broken.py: nests too deep");
  expect_contains(
      problem_of("import aiter\nx = " + std::string(5000, '(') + std::string(5000, ')') + "\n"),
      "sglang/srt/broken.py");
}

TEST_F(ContractInput, AFileThatIsTooLarge) {
  expect_contains(problem_of("import aiter\nx = '" + std::string(17'000'000, 'a') + "'\n"),
                  "sglang/srt/broken.py: cannot be read, or is larger than 16 MiB");
}

TEST_F(ContractInput, ALineOfTenMegabytesIsALine) {
  write("engine", {{"sglang/srt/long.py",
                    "import aiter\nx = '" + std::string(10'000'000, 'a') + "'\naiter.gone()\n"}});
  const auto found = document();
  EXPECT_EQ(found.at("broken").size(), 3u);
  EXPECT_EQ(found.at("problems").size(), 0u);
}

TEST_F(ContractInput, LinksThatLeadInCircles) {
  fs::create_directory_symlink("../srt", path("engine/sglang/srt/again"));
  fs::create_symlink("itself.py", path("engine/sglang/srt/itself.py"));
  const auto found = document();
  EXPECT_EQ(found.at("broken").size(), 2u) << "a file was read under two names";
  ASSERT_EQ(found.at("problems").size(), 1u);
  EXPECT_EQ(found.at("problems").at(0).at("where"), "sglang/srt/itself.py");
}

TEST_F(ContractInput, AFolderThatMayNotBeRead) {
  if (::getuid() == 0) GTEST_SKIP() << "root may read everything";
  write("engine", {{"sglang/srt/closed/a.py", "import aiter\n"}});
  fs::permissions(path("engine/sglang/srt/closed"), fs::perms::none);
  const auto found = document();
  fs::permissions(path("engine/sglang/srt/closed"), fs::perms::owner_all);
  EXPECT_EQ(found.at("broken").size(), 2u);
  ASSERT_EQ(found.at("problems").size(), 1u);
  EXPECT_EQ(found.at("problems").at(0).at("where"), "sglang/srt/closed");
}

TEST_F(ContractInput, ABrokenFileIsNamedToAPersonToo) {
  write("engine", {{"sglang/srt/broken.py", "import aiter\ndef f(:\n"}});
  expect_contains(check().output, "sglang/srt/broken.py:2: does not parse");
  const auto list = run({"contract", "list", "--engine", path("engine")});
  EXPECT_EQ(list.exit_code, 0);
  expect_contains(list.output, "sglang/srt/broken.py:2: does not parse");
}

}  // namespace
}  // namespace fusegate::testing
