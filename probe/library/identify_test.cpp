#include "probe/library/identify.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

/// Of a made-up library, with an entry point that has one generation and one that it has not.
LibraryContract toy_with_contracts() {
  auto contract = toy_contract();
  contract.contracts.push_back(parse_entry_contract(R"json({
    "contract": "norm", "op": "rms_norm", "summary": "A norm.", "symbol": "norm",
    "generations": [{"id": "1", "module": "toylib.core", "signature": "(x, eps: float = 1e-6)",
                     "binding": "python", "returns": "x", "outputs": [],
                     "releases": [{"first": "1.0", "last": null}]}]})json"));
  contract.contracts.push_back(parse_entry_contract(R"json({
    "contract": "Group.add_norm", "op": "add_rms_norm", "summary": "Two.",
    "symbol": "Group.add_norm",
    "generations": [{"id": "1", "module": "toylib.group", "signature": "(self, x)",
                     "binding": "python", "returns": "x", "outputs": [],
                     "releases": [{"first": "1.1", "last": null}]}]})json"));
  contract.releases = {"0.9", "1.0", "1.1"};
  return contract;
}

/// Without the facts of earlier runs, and without leaving any.
class Identify : public testing::Test {
 protected:
  void SetUp() override { ::setenv("FUSEGATE_CACHE_DIR", "", 1); }
  void TearDown() override { ::unsetenv("FUSEGATE_CACHE_DIR"); }

  [[nodiscard]] Identification identify_it(const std::string& python = test_python()) {
    FactsStore store(python);
    const std::vector<LibraryContract> contracts{toy_contract()};
    const auto location = locate_library({"toy", root_}, contracts, python);
    return identify(location, contract_, store);
  }

  TemporaryFolder folder_;
  fs::path root_ = folder_.path();
  LibraryContract contract_ = toy_with_contracts();
};

TEST_F(Identify, TellsAllOfAnUnpackedWheel) {
  FUSEGATE_NEEDS_PYTHON();
  write_toy_package(root_);
  write_file(root_ / "toylib_meta/x.h", "");
  write_dist_info(root_, "toy_lib", "1.0", "toylib/__init__.py,,\n");
  const auto json = to_json(identify_it());
  EXPECT_EQ(json["kind"], "unpacked_wheel");
  EXPECT_EQ(json["version"], "1.0");
  EXPECT_EQ(json["version_agrees"], true);
  EXPECT_EQ(json["fits"].dump(), R"([{"first":"1.0","last":"1.0"}])");
  EXPECT_EQ(json["revision"], nullptr);
  EXPECT_EQ(json["siblings"], nlohmann::ordered_json({"toylib_meta"}));
  EXPECT_EQ(json["fingerprint"].get<std::string>().size(), 32u);
  EXPECT_EQ(json["sources_fingerprint"].get<std::string>().size(), 32u);
  ASSERT_EQ(json["contracts"].size(), 2u);
  EXPECT_EQ(json["contracts"][0]["status"], "known");
  EXPECT_EQ(json["contracts"][0]["signature"], "(x, eps: float = 1e-6)");
  EXPECT_EQ(json["contracts"][1]["status"], "missing");
  EXPECT_TRUE(json["problems"].empty()) << json["problems"];
}

TEST_F(Identify, AFormattedFileIsTheSameApiOfOtherSources) {
  FUSEGATE_NEEDS_PYTHON();
  write_toy_package(root_);
  const auto before = identify_it();
  write_file(root_ / "toylib/core.py",
             "# Reformatted.\ndef norm(x, eps:float=1e-6):\n  return x\n");
  const auto after = identify_it();
  EXPECT_EQ(before.fingerprint, after.fingerprint);
  EXPECT_NE(before.sources_fingerprint, after.sources_fingerprint);
  write_file(root_ / "toylib/core.py", "def norm(x, eps: float = 1e-5):\n  return x\n");
  EXPECT_NE(before.fingerprint, identify_it().fingerprint);
}

TEST_F(Identify, ReadsAFolderOfAnyName) {
  FUSEGATE_NEEDS_PYTHON();
  root_ /= "\xff -x 'q\" é\n";
  write_toy_package(root_);
  write_file(root_ / "toylib/é.py", "class Group:\n  def add_norm(self): ...\n");
  const auto found = identify_it();
  ASSERT_EQ(found.contracts.size(), 2u);
  EXPECT_EQ(found.contracts[1].status, ContractStatus::unknown) << "it has another signature";
  EXPECT_NO_THROW(std::ignore = to_json(found).dump());
}

TEST_F(Identify, WithoutAPythonSaysWhatItsMetadataSays) {
  write_toy_package(root_);
  write_dist_info(root_, "toy_lib", "1.0", "toylib/__init__.py,,\n");
  const auto found = identify_it("/nonexistent/python3");
  EXPECT_EQ(found.identity.version, "1.0");
  EXPECT_TRUE(found.contracts.empty());
  EXPECT_TRUE(found.fits.empty());
  EXPECT_EQ(found.version_agrees, std::nullopt);
  expect_contains(found.failure, "install Python 3.8");
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_EQ(found.problems[0].what, found.failure);
  EXPECT_EQ(to_json(found)["fingerprint"], nullptr);
}

TEST_F(Identify, ReportsWhatDoesNotParseWhereItMightMatter) {
  FUSEGATE_NEEDS_PYTHON();
  write_toy_package(root_);
  write_file(root_ / "toylib/other.py", "from .core import norm\nx = 1\n");
  write_file(root_ / "toylib/broken.py", "def norm(:\n");
  write_file(root_ / "toylib/unasked.py", "this is no Python\n");
  const auto found = identify_it();
  EXPECT_EQ(found.contracts[0].module, "toylib.core");
  ASSERT_EQ(found.problems.size(), 2u) << "the unknown version and the file that may define it";
  EXPECT_EQ(found.problems[1].where, "toylib/broken.py:1");
}

/// A released version of a real library, from the git repository that FUSEGATE_AITER_GIT names.
class RealRelease : public Identify {
 protected:
  void SetUp() override {
    Identify::SetUp();
    FUSEGATE_NEEDS_PYTHON();
    const char* repository = std::getenv("FUSEGATE_AITER_GIT");
    if (repository == nullptr || *repository == '\0') {
      GTEST_SKIP() << "FUSEGATE_AITER_GIT names no AITER repository";
    }
    repository_ = repository;
  }

  /// The version's sources, as `git archive` gives them.
  [[nodiscard]] Identification identify_release(const std::string& tag) {
    const auto root = folder_.path() / tag;
    fs::create_directory(root);
    const std::string script =
        "git -C \"$1\" archive \"$2\" aiter csrc setup.py | tar -x -C \"$3\"";
    const auto result =
        run_command({{"sh", "-c", script, "sh", repository_, tag, root.native()}, {}, {}}, "",
                    std::chrono::seconds(100));
    EXPECT_TRUE(result.status && result.status->ok()) << result.errors;
    FactsStore store(test_python());
    const auto location = locate_library({"aiter", root}, libraries_, test_python());
    return identify(location, find_contract(libraries_, "aiter"), store);
  }

  static ContractRow named(const Identification& found, const std::string& name) {
    for (const auto& row : found.contracts) {
      if (row.contract == name) return row;
    }
    ADD_FAILURE() << "no row of " << name;
    return {};
  }

  std::vector<LibraryContract> libraries_ = known_libraries();
  std::string repository_;
};

TEST_F(RealRelease, ARenamedFunctionIsSeenBehindItsOldName) {
  const auto before = named(identify_release("v0.1.13.post1"), "fused_qk_rmsnorm");
  const auto after = named(identify_release("v0.1.14"), "fused_qk_rmsnorm");
  EXPECT_EQ(before.status, ContractStatus::known);
  EXPECT_EQ(after.status, ContractStatus::known);
  EXPECT_NE(before.generation, after.generation);
  EXPECT_EQ(before.module, "aiter.ops.fused_qk_norm_rope_cache_quant");
  EXPECT_EQ(before.signature,
            "(q: Tensor, q_weight: Tensor, q_eps: float, k: Tensor, k_weight: Tensor, "
            "k_eps: float) -> tuple[Tensor, Tensor]");
  EXPECT_EQ(after.module, "aiter.ops.fused_qk_rmsnorm_group_quant");
  EXPECT_TRUE(after.signature.starts_with("(q_out_quantized: Optional[Tensor] = None, "))
      << after.signature;
}

TEST_F(RealRelease, NothingInItIsAProblemButItsUnknownVersion) {
  const auto found = identify_release("v0.1.14");
  EXPECT_EQ(found.identity.distribution, "amd-aiter");
  EXPECT_TRUE(contains(found.fits, "0.1.14"));
  EXPECT_FALSE(contains(found.fits, "0.1.13.post1"));
  ASSERT_EQ(found.problems.size(), 1u);
  expect_contains(found.problems[0].what, "does not say its version");
}

}  // namespace
}  // namespace fusegate::probe
