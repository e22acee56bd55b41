// The surface commands, on a made-up library that looks like a known one, and on a repository of
// it.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/sources/test_repository.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

using Files = std::map<std::string, std::string>;

/// The library before the dual norm was renamed.
Files returning() {
  return {{"aiter/__init__.py",
           "from .ops.fused_qk_norm_rope_cache_quant import *\nfrom .ops.rmsnorm import *\n"},
          {"aiter/jit/core.py", "def compile_ops(name, fc_name=None): ...\n"},
          {"aiter/ops/__init__.py", ""},
          {"aiter/ops/fused_qk_norm_rope_cache_quant.py",
           "def fused_qk_rmsnorm(q: Tensor, q_weight: Tensor, q_eps: float, k: Tensor, k_weight: "
           "Tensor, k_eps: float) -> tuple[Tensor, Tensor]: ...\n"},
          {"aiter/ops/rmsnorm.py",
           "def rmsnorm2d_fwd_with_add(out: Tensor, input: Tensor, residual_in: Tensor, "
           "residual_out: Tensor, weight: Tensor, epsilon: float, use_model_sensitive_rmsnorm: int "
           "= 0) -> None: ...\n"}};
}

/// A release that nobody has seen: parameters reordered, renamed and added.
Files invented() {
  auto files = returning();
  files["aiter/ops/fused_qk_norm_rope_cache_quant.py"] =
      "def fused_qk_rmsnorm(q: Tensor, k: Tensor, q_gamma: Tensor, k_weight: Tensor, q_eps: float, "
      "k_eps: float, mode: int) -> tuple[Tensor, Tensor]: ...\n";
  files["aiter/ops/rmsnorm.py"] =
      "def rmsnorm2d_fwd_with_add(out: Tensor, input: Tensor, residual_in: Tensor, residual_out: "
      "Tensor, weight: Tensor, epsilon: float, gemma_norm: bool = False, "
      "use_model_sensitive_rmsnorm: int = 0) -> None: ...\n";
  return files;
}

class Api : public ::testing::Test {
 protected:
  void SetUp() override { FUSEGATE_NEEDS_PYTHON(); }

  std::string library(const Files& files) {
    folders_.push_back(std::make_unique<TemporaryFolder>());
    const auto root = folders_.back()->path();
    for (const auto& [name, text] : files) probe::write_file(root / name, text);
    return root.native();
  }

  Finished run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "api");
    arguments.insert(arguments.end(), {"--python", probe::test_python()});
    return fusegate(arguments, {{{"FUSEGATE_CACHE_DIR", cache_.path().native()}}});
  }
  Json json(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--json", "-"});
    const auto finished = run(arguments);
    return Json::parse(finished.output, nullptr, false);
  }

 private:
  TemporaryFolder cache_;
  std::vector<std::unique_ptr<TemporaryFolder>> folders_;
};

const Json* row_of(const Json& list, const std::string& contract) {
  for (const auto& row : list) {
    if (row.at("contract") == contract) return &row;
  }
  return nullptr;
}

TEST_F(Api, ShowsASymbolUnderEachOfItsNames) {
  const auto shown = json({"show", "--library", library(returning()), "fused_qk_rmsnorm"});
  ASSERT_EQ(shown.at("symbols").size(), 2u) << shown;
  EXPECT_EQ(shown.at("symbols")[0].at("name"), "aiter.fused_qk_rmsnorm");
  EXPECT_EQ(shown.at("symbols")[1].at("name"),
            "aiter.ops.fused_qk_norm_rope_cache_quant.fused_qk_rmsnorm");
  EXPECT_EQ(shown.at("symbols")[0].at("defined_in"), "aiter.ops.fused_qk_norm_rope_cache_quant");
  EXPECT_EQ(shown.at("symbols")[0].at("line"), 1);
}

TEST_F(Api, NamesTheNearestOfASymbolThatIsNot) {
  const auto finished = run({"show", "--library", library(returning()), "fused_qk_rmsnrom"});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_NE(finished.output.find("did you mean 'fused_qk_rmsnorm'?"), std::string::npos)
      << finished.output;
}

TEST_F(Api, ShowsAMemberThatAClassHasFromItsBase) {
  auto files = returning();
  files["aiter/dist.py"] = "class Base:\n  def gather(self, x): ...\nclass Cuda(Base): ...\n";
  const auto finished = run({"show", "--library", library(files), "Cuda.gather"});
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
  EXPECT_NE(finished.output.find("aiter.dist.Cuda.gather(self, x)"), std::string::npos)
      << finished.output;
}

TEST_F(Api, DeniesNoNameThatOnlyRunningTheLibraryTells) {
  auto files = returning();
  files["aiter/dtypes.py"] = "globals().update({f'D_{n}': n for n in 'ab'})\n";
  const auto path = library(files);
  const auto finished = run({"show", "--library", path, "D_a"});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_NE(finished.output.find("(aiter/dtypes.py:1)"), std::string::npos) << finished.output;
  const auto unknowns = json({"show", "--library", path}).at("unknowns");
  ASSERT_EQ(unknowns.size(), 1u);
  EXPECT_EQ(unknowns[0].at("module"), "aiter.dtypes");
}

TEST_F(Api, IdentifiesAGeneration) {
  const auto found = json({"identify", "--library", library(returning())});
  const auto* row = row_of(found.at("contracts"), "fused_qk_rmsnorm");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->at("status"), "known") << *row;
  EXPECT_EQ(row->at("names")[0], "aiter.fused_qk_rmsnorm");
  EXPECT_EQ(row_of(found.at("contracts"), "rms_norm")->at("status"), "missing");
}

TEST_F(Api, ExplainsAnInventedReleaseByTheNearestGeneration) {
  const auto finished = run({"identify", "--library", library(invented())});
  EXPECT_EQ(finished.exit_code, 0) << finished.errors;
  for (const char* text :
       {"unknown  fused_qk_rmsnorm",
        "nearest generation: ", "positional argument 2 was q_weight and is k",
        "parameter mode is new and has no default", "known    rmsnorm2d_fwd_with_add"}) {
    EXPECT_NE(finished.output.find(text), std::string::npos) << text << "\n" << finished.output;
  }
}

TEST_F(Api, ReportsAndDiagnosesHaveWhatIdentifyFinds) {
  const auto path = "aiter=" + library(invented());
  const TemporaryFolder out;
  const Settings settings{{{"FUSEGATE_CACHE_DIR", ""}}};
  const auto run = fusegate({"run", "--library", path, "--out", out.path().native(), "--python",
                             probe::test_python(), "--match", "^rms_norm dtype=bf16 tokens=1 "},
                            settings);
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const auto report = out.path() / "report.json";
  EXPECT_EQ(fusegate({"report", "validate", report.native()}).exit_code, 0);
  const auto library = Json::parse(read_text(report).value()).at("libraries").at(0);
  EXPECT_EQ(library.at("contracts"), json({"identify", "--library", path}).at("contracts"));
  EXPECT_EQ(library.at("elf").at("modules"), Json::array());
  EXPECT_EQ(library.at("live"), nullptr);
  const auto page = read_text(out.path() / "report.md").value();
  EXPECT_NE(page.find("- difference: parameter mode is new and has no default"), page.npos) << page;
  const auto doctor =
      fusegate({"doctor", "--library", path, "--python", probe::test_python()}, settings);
  EXPECT_NE(doctor.output.find("of no known generation: fused_qk_rmsnorm"), std::string::npos)
      << doctor.output;
}

TEST_F(Api, WithoutAPythonIdentifiesWhatItCan) {
  const auto finished = fusegate({"api", "identify", "--library", "aiter=" + library(returning()),
                                  "--python", "/nonexistent/python3"});
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_NE(finished.output.find("aiter of unknown version"), std::string::npos) << finished.output;
  EXPECT_NE((finished.output + finished.errors).find("install Python 3.8"), std::string::npos)
      << finished.errors;
}

TEST_F(Api, ComparesTwoLibrariesAndFails) {
  const auto finished = run(
      {"diff", library(returning()), library(invented()), "--symbol", "rmsnorm2d_fwd_with_add"});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_NE(finished.output.find("positional_meaning_shifted"), std::string::npos);
  EXPECT_NE(finished.output.find("breaks: positional users"), std::string::npos);
  const auto same = library(returning());
  EXPECT_EQ(run({"diff", same, same}).exit_code, 0);
  const auto mistyped = run({"diff", same, same, "--symbol", "rmsnorm2d_fwd_with_ad"});
  EXPECT_EQ(mistyped.exit_code, 1);
  EXPECT_NE(mistyped.output.find("did you mean 'rmsnorm2d_fwd_with_add'?"), std::string::npos);
}

TEST_F(Api, ReadsRevisionsAndTimelinesOfARepository) {
  const probe::TestRepository repository;
  repository.release("v0.9", returning());
  repository.release("v0.10", invented());
  const auto root = repository.root().native();
  const auto timeline = json({"timeline", "--repo", root, "rmsnorm2d_fwd_with_add"});
  EXPECT_EQ(timeline.at("tags"), Json::parse(R"(["v0.9", "v0.10"])"));
  ASSERT_EQ(timeline.at("symbols").size(), 2u) << timeline;
  EXPECT_EQ(timeline.at("symbols")[1].at("ranges").size(), 2u);
  EXPECT_EQ(timeline.at("symbols")[1].at("ranges")[0].at("last"), "v0.9");
  EXPECT_EQ(run({"diff", "--repo", root, "v0.9", "v0.10"}).exit_code, 1);
  const auto shown = json({"show", "--repo", root, "--rev", "v0.9", "fused_qk_rmsnorm"});
  EXPECT_EQ(shown.at("symbols").size(), 2u);
}

TEST_F(Api, SaysWhatARepositoryLacks) {
  const probe::TestRepository repository;
  repository.release("v0.9", returning());
  const auto root = repository.root().native();
  const auto wrong_revision = run({"show", "--repo", root, "--rev", "v0.8"});
  EXPECT_EQ(wrong_revision.exit_code, 2);
  EXPECT_NE(wrong_revision.errors.find("no revision 'v0.8', did you mean 'v0.9'?"),
            std::string::npos)
      << wrong_revision.errors;
  EXPECT_EQ(run({"timeline", "--repo", root, "--tags", "w*"}).exit_code, 2);
  const auto no_symbol = run({"timeline", "--repo", root, "norm3d"});
  EXPECT_EQ(no_symbol.exit_code, 1);
  EXPECT_NE(no_symbol.output.find("no release has norm3d"), std::string::npos) << no_symbol.output;
  EXPECT_EQ(run({"timeline", "--repo", "/nowhere"}).exit_code, 2);
}

TEST_F(Api, TellsCapabilitiesByOp) {
  const auto found = json({"capabilities", "--library", library(returning())});
  EXPECT_EQ(found.at("schema"), "fusegate.capabilities");
  const auto& entry = found.at("ops").at("dual_rms_norm").at(0);
  EXPECT_EQ(entry.at("callable"), true);
  EXPECT_EQ(entry.at("arguments").at(2).at("name"), "q_eps");
  EXPECT_EQ(found.at("ops").contains("rms_norm"), false);
}

TEST_F(Api, GivesCapabilitiesToPython) {
  const auto folder = library(returning());
  const auto finished =
      in_shell("FUSEGATE_CACHE_DIR= PYTHONPATH=" FUSEGATE_PYTHON_MODULE " " + probe::test_python() +
               " -c \"import fusegate; print(fusegate.capabilities('" + folder +
               "')['ops']['dual_rms_norm'][0]['callable'])\"");
  EXPECT_EQ(finished.output, "True\n") << finished.errors;
  const auto failing =
      in_shell("FUSEGATE=/nowhere/fusegate PYTHONPATH=" FUSEGATE_PYTHON_MODULE " " +
               probe::test_python() + " -c \"import fusegate; fusegate.capabilities()\"");
  EXPECT_NE(failing.errors.find("Unavailable: cannot run /nowhere/fusegate"), std::string::npos)
      << failing.errors;
}

TEST_F(Api, TakesNothingForMissingThatCouldNotBeRead) {
  for (const char* command : {"show", "identify", "capabilities"}) {
    const auto finished = fusegate(
        {"api", command, "--library", library(returning()), "--python", "/nowhere/python3"},
        {{{"FUSEGATE_CACHE_DIR", ""}}});
    EXPECT_EQ(finished.exit_code, 3) << command;
    EXPECT_NE(finished.errors.find("source files could be read: /nowhere/python3"),
              std::string::npos)
        << finished.errors;
  }
}

TEST_F(Api, NamesTheNearestSubcommand) {
  const auto finished = fusegate({"api", "shwo"});
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_NE(
      finished.errors.find("there is no command 'shwo', did you mean 'show'?; see fusegate api"),
      std::string::npos)
      << finished.errors;
}

TEST_F(Api, NeedsToKnowWhichLibrary) {
  for (const char* command : {"show", "identify", "capabilities"}) {
    const auto finished = run({command});
    EXPECT_EQ(finished.exit_code, 2) << command;
    EXPECT_NE(finished.errors.find("--library PATH"), std::string::npos) << finished.errors;
  }
}

}  // namespace
}  // namespace fusegate::testing
