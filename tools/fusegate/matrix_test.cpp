// fusegate matrix, with libraries and a torch that are made up.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* cases = "cases = [\"rms_norm dtype=bf16 tokens=3 hidden=24,32 eps=0.01\"]\n";

class Matrix : public ::testing::Test {
 protected:
  /// A FlashInfer of one function, with that body.
  void write_library(const std::string& folder, const std::string& body) const {
    write(folder + "/flashinfer/__init__.py", "from .norm import rmsnorm\n");
    write(folder + "/flashinfer/_build_meta.py", "__version__ = '0.2.8'\n");
    write(folder + "/flashinfer/norm.py",
          "from typing import Optional\nimport sys\nimport torch\n"
          "sys.path.append('" FUSEGATE_PROVIDERS
          "/testing/fake_library')\nimport norms\n"
          "def rmsnorm(input: torch.Tensor, weight: torch.Tensor, eps: float = 1e-6, out: "
          "Optional[torch.Tensor] = None, enable_pdl: Optional[bool] = None) -> torch.Tensor:\n" +
              body);
  }

  void write_good(const std::string& folder) const {
    write_library(folder, "    return norms.call(__name__, 'rmsnorm', dict(locals()))\n");
  }

  void write(const std::string& name, const std::string& text) const {
    const auto path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  [[nodiscard]] Finished matrix(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"matrix", (folder_.path() / "versions.toml").string(),
                                       "--out", out().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const std::string stubs = FUSEGATE_STUBS;
    return fusegate(arguments,
                    {.environment = {{"LD_LIBRARY_PATH", stubs + "/stub_nvml"},
                                     {"FAKE_TORCH_GPU", "1"},
                                     {"FUSEGATE_CACHE_DIR", cache().string()},
                                     {"PYTHONPATH", FUSEGATE_PROVIDERS "/testing/fake_torch"}}});
  }

  [[nodiscard]] fs::path out() const { return folder_.path() / "out"; }
  [[nodiscard]] fs::path cache() const { return folder_.path() / "cache"; }
  [[nodiscard]] Json document() const { return read_json(out() / "matrix.json"); }

  TemporaryFolder folder_;
};

std::string version(const std::string& name, const std::string& rest) {
  return "[[version]]\nname = \"" + name + "\"\n" + rest + "\n";
}

TEST_F(Matrix, LaysVersionsSideBySide) {
  write_good("a");
  write_library("b", "    return input\n");
  write("versions.toml", std::string("with = \"flashinfer\"\n") + cases +
                             version("a", "library = \"flashinfer=a\"") +
                             version("b", "library = \"flashinfer=b\""));
  const auto run = matrix();
  EXPECT_EQ(run.exit_code, 1) << run.errors << run.output;
  const auto table = document();
  ASSERT_EQ(table.at("cells").size(), 2u) << run.output;
  EXPECT_EQ(table.at("cells")[0].at("status"), "passes") << run.output;
  EXPECT_EQ(table.at("cells")[1].at("status"), "fails");
  ASSERT_EQ(table.at("changes").size(), 1u);
  expect_contains(table.at("changes")[0].at("text").get<std::string>(),
                  "2 cases went from pass to fail");
  EXPECT_TRUE(fs::exists(out() / "matrix.md"));
  EXPECT_TRUE(fs::exists(out() / "a/report.json"));
}

TEST_F(Matrix, WhatABaselineFailsToDoIsKnown) {
  write_library("a", "    return input\n");
  write("versions.toml", std::string("with = \"flashinfer\"\nbaseline = \"a\"\n") + cases +
                             version("a", "library = \"flashinfer=a\"") +
                             version("b", "library = \"flashinfer=a\""));
  EXPECT_EQ(matrix().exit_code, 0);
}

TEST_F(Matrix, AVersionThatCannotRunCostsItself) {
  write_good("a");
  write("versions.toml", std::string("with = \"flashinfer\"\n") + cases +
                             version("gone", "library = \"flashinfer=nowhere/at/all\"") +
                             version("a", "library = \"flashinfer=a\""));
  const auto run = matrix();
  EXPECT_EQ(run.exit_code, 3) << run.errors;
  const auto table = document();
  expect_contains(table.at("versions")[0].at("could_not_run").get<std::string>(), "nowhere/at/all");
  EXPECT_EQ(table.at("cells")[0].at("status"), "passes");
}

TEST_F(Matrix, ShardsAreCollected) {
  write_good("a");
  write("versions.toml", std::string("with = \"flashinfer\"\n") + cases +
                             version("one", "library = \"flashinfer=a\"") +
                             version("two", "library = \"flashinfer=a\""));
  EXPECT_EQ(matrix({"--shard", "2/2"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(out() / "matrix.json"));
  const auto early = matrix({"--collect"});
  EXPECT_EQ(early.exit_code, 3);
  expect_contains(early.output + early.errors, "could not run: one: there is no ");
  EXPECT_EQ(matrix({"--shard", "1/2"}).exit_code, 0);
  EXPECT_EQ(matrix({"--collect"}).exit_code, 0);
  EXPECT_EQ(document().at("cells").size(), 2u);
}

/// Two versions of one library, both run.
class CollectedMatrix : public Matrix {
 protected:
  CollectedMatrix() {
    write_good("a");
    write("versions.toml", std::string("with = \"flashinfer\"\n") + cases +
                               version("one", "library = \"flashinfer=a\"") +
                               version("two", "library = \"flashinfer=a\""));
    EXPECT_EQ(matrix().exit_code, 0);
  }

  /// Of a table in which the first version's report cannot be read.
  [[nodiscard]] std::string reason_of_one() const {
    const auto run = matrix({"--collect"});
    EXPECT_EQ(run.exit_code, 3) << run.errors;
    const auto table = document();
    EXPECT_EQ(table.at("cells").size(), 1u);
    EXPECT_EQ(table.at("cells")[0].at("version"), "two");
    EXPECT_EQ(table.at("cells")[0].at("status"), "passes");
    return table.at("versions")[0].at("could_not_run");
  }

  [[nodiscard]] fs::path report() const { return out() / "one/report.json"; }
};

TEST_F(CollectedMatrix, AReportThatIsCutShortCostsItsVersion) {
  fs::resize_file(report(), fs::file_size(report()) / 2);
  const auto reason = reason_of_one();
  expect_contains(reason, report().string() + " is no whole JSON document: ");
  expect_contains(reason, "; run it again, with --only one");
}

TEST_F(CollectedMatrix, AReportOfAnotherShapeCostsItsVersion) {
  auto changed = read_json(report());
  changed["results"][0].erase("errors");
  std::ofstream(report()) << changed;
  expect_contains(reason_of_one(), " does not fit the report's schema: ");
}

TEST_F(CollectedMatrix, AReportThatCannotBeReadCostsItsVersion) {
  fs::remove(report());
  fs::create_directory(report());
  EXPECT_EQ(reason_of_one(), "cannot read " + report().string() + ": Is a directory");
}

TEST_F(Matrix, ReadsARevisionOfARepository) {
  write_good("repository");
  const auto repository = (folder_.path() / "repository").string();
  const auto git = in_shell("cd " + repository +
                            " && git init -q . && git -c user.name=a -c user.email=a@b add . && "
                            "git -c user.name=a -c user.email=a@b commit -qm 1 && git tag v1");
  if (git.exit_code != 0) GTEST_SKIP() << "no git on PATH";
  write_library("repository", "    return input\n");  // not committed
  write("versions.toml",
        std::string("with = \"flashinfer\"\n") + cases +
            version("v1", "library = \"flashinfer=repository\"\nrevision = \"v1\"") +
            version("v2", "library = \"flashinfer=repository\"\nrevision = \"v2\""));
  const auto run = matrix();
  EXPECT_EQ(run.exit_code, 3) << run.errors;
  EXPECT_EQ(document().at("cells")[0].at("status"), "passes") << run.output;
  expect_contains(document().at("versions")[1].at("could_not_run").get<std::string>(),
                  "revision v2 is not in ");
}

TEST_F(Matrix, UnpacksAWheel) {
  write_good("a");
  const auto zip = in_shell("cd " + (folder_.path() / "a").string() +
                            " && python3 -m zipfile -c ../flashinfer-0.2.8-py3-none-any.whl "
                            "flashinfer");
  ASSERT_EQ(zip.exit_code, 0) << zip.errors;
  write("versions.toml",
        std::string("with = \"flashinfer\"\n") + cases +
            version("a", "library = \"flashinfer=flashinfer-0.2.8-py3-none-any.whl\""));
  const auto run = matrix();
  EXPECT_EQ(run.exit_code, 0) << run.errors << run.output;
}

TEST_F(Matrix, BadFilesAreToldWithTheirLine) {
  const auto told = [&](const std::string& text) {
    write("versions.toml", text);
    const auto run = matrix();
    EXPECT_EQ(run.exit_code, 2) << text;
    return run.errors;
  };
  expect_contains(told("with = \"torch\"\n"), "no versions; each begins with [[version]]");
  expect_contains(told("with = [1]\n[[version]]\nname = \"a\"\n"),
                  "versions.toml:1: with has something that is no text");
  expect_contains(told("wiht = \"torch\"\n"),
                  "versions.toml:1: there is no key 'wiht', did you mean 'with'?");
  expect_contains(told("with = \"torch\"\n[[version]]\nname = \"../a\"\n"),
                  "versions.toml:3: the name '../a' cannot be a folder's");
  expect_contains(told("with = \"torch\"\n[[version]]\nname = \"a\"\n[[version]]\nname = \"a\"\n"),
                  "there is a version 'a' already");
  expect_contains(told("with = \"torch\"\nbaseline = \"b\"\n[[version]]\nname = \"a\"\n"),
                  "versions.toml:2: there is no version 'b'");
  expect_contains(told("with = \"torch\"\nsuite = 3\n[[version]]\nname = \"a\"\n"),
                  "versions.toml:2: suite is not a text");
  expect_contains(told("with = \"torch\n"), "versions.toml:1: ");
  expect_contains(told("[[version]]\nname = \"a\"\n"), "which implementation?");
  expect_contains(told("with = \"torch\"\nsuite = \"smok\"\n[[version]]\nname = \"a\"\n"),
                  "did you mean 'smoke'?");
}

TEST_F(Matrix, AFileThatIsNotThereIsToldWithTheReason) {
  const auto run = matrix();
  EXPECT_EQ(run.exit_code, 3);
  expect_contains(run.errors, "versions.toml: No such file or directory");
}

TEST_F(Matrix, AnUnknownVersionNamesTheNearest) {
  write("versions.toml", version("v0.1.12", "with = \"torch\""));
  const auto run = matrix({"--only", "v0.1.13"});
  EXPECT_EQ(run.exit_code, 2);
  expect_contains(run.errors, "has no such version, did you mean 'v0.1.12'?");
  EXPECT_EQ(matrix({"--collect", "--only", "v0.1.12"}).exit_code, 2);
}

}  // namespace
}  // namespace fusegate::testing
