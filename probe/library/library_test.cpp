#include "probe/library/library.hpp"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> keys_of(const nlohmann::ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

/// Without the facts of earlier runs, and without leaving any.
class SurveyLibrary : public testing::Test {
 protected:
  void SetUp() override { ::setenv("FUSEGATE_CACHE_DIR", "", 1); }
  void TearDown() override { ::unsetenv("FUSEGATE_CACHE_DIR"); }
};

TEST_F(SurveyLibrary, TellsAllOfAnUnpackedWheel) {
  FUSEGATE_NEEDS_PYTHON();
  const TemporaryFolder folder;
  write_toy_package(folder.path());
  write_file(folder.path() / "toylib_meta/x.h", "");
  write_dist_info(folder.path(), "toy_lib", "1.0", "toylib/__init__.py,,\n");
  const auto facts = survey_library({"", folder.path()}, test_python(), {toy_contract()});
  const auto json = to_json(facts);
  EXPECT_EQ(keys_of(json),
            (std::vector<std::string>{"name", "path", "kind", "distribution", "version",
                                      "version_source", "revision", "fingerprint", "siblings",
                                      "distributions", "entry_points", "problems"}));
  EXPECT_EQ(json["kind"], "unpacked_wheel");
  EXPECT_EQ(json["version"], "1.0");
  EXPECT_EQ(json["revision"], nullptr);
  EXPECT_EQ(json["siblings"], nlohmann::ordered_json({"toylib_meta"}));
  EXPECT_EQ(json["fingerprint"].get<std::string>().size(), 32u);
  ASSERT_EQ(json["entry_points"].size(), 1u);
  EXPECT_EQ(json["entry_points"][0]["signature"], "(x, eps: float = 1e-6)");
  EXPECT_TRUE(json["problems"].empty()) << json["problems"];
}

TEST_F(SurveyLibrary, ReadsAFolderOfAnyName) {
  FUSEGATE_NEEDS_PYTHON();
  const TemporaryFolder folder;
  const auto root = folder.path() / "\xff -x 'q\" é\n";
  write_toy_package(root);
  write_file(root / "toylib/é.py", "class Group:\n  def add_norm(self): ...\n");
  const auto facts = survey_library({"", root}, test_python(), {toy_contract()});
  EXPECT_EQ(facts.entry_points.size(), 2u);
  EXPECT_NO_THROW(std::ignore = to_json(facts).dump());
}

TEST_F(SurveyLibrary, GoesOnWithoutAPython) {
  const TemporaryFolder folder;
  write_toy_package(folder.path());
  write_dist_info(folder.path(), "toy_lib", "1.0", "toylib/__init__.py,,\n");
  const auto facts = survey_library({"", folder.path()}, "/nonexistent/python3", {toy_contract()});
  EXPECT_EQ(facts.identity.version, "1.0");
  EXPECT_TRUE(facts.entry_points.empty());
  ASSERT_EQ(facts.problems.size(), 1u);
  expect_contains(facts.problems[0].what, "install Python 3.8");
}

TEST_F(SurveyLibrary, ReportsWhatDoesNotParseWhereItMightMatter) {
  FUSEGATE_NEEDS_PYTHON();
  const TemporaryFolder folder;
  write_toy_package(folder.path());
  write_file(folder.path() / "toylib/other.py", "from .core import norm\nx = 1\n");
  write_file(folder.path() / "toylib/broken.py", "def norm(:\n");
  write_file(folder.path() / "toylib/unasked.py", "this is no Python\n");
  const auto facts = survey_library({"", folder.path()}, test_python(), {toy_contract()});
  ASSERT_EQ(facts.entry_points.size(), 1u);
  EXPECT_EQ(facts.entry_points[0].defined_in, "toylib.core");
  ASSERT_EQ(facts.problems.size(), 2u) << "the unknown version and the file that may define it";
  EXPECT_EQ(facts.problems[1].where, "toylib/broken.py:1");
}

/// A released version of a real library, from the git repository that FUSEGATE_AITER_GIT names.
class RealRelease : public SurveyLibrary {
 protected:
  void SetUp() override {
    SurveyLibrary::SetUp();
    FUSEGATE_NEEDS_PYTHON();
    const char* repository = std::getenv("FUSEGATE_AITER_GIT");
    if (repository == nullptr || *repository == '\0') {
      GTEST_SKIP() << "FUSEGATE_AITER_GIT names no AITER repository";
    }
    repository_ = repository;
  }

  /// The version's sources, as `git archive` gives them.
  [[nodiscard]] LibraryFacts survey(const std::string& tag) const {
    const auto root = folder_.path() / tag;
    fs::create_directory(root);
    const std::string script = "git -C \"$1\" archive \"$2\" aiter setup.py | tar -x -C \"$3\"";
    const auto result =
        run_command({{"sh", "-c", script, "sh", repository_, tag, root.native()}, {}, {}}, "",
                    std::chrono::seconds(100));
    EXPECT_TRUE(result.status && result.status->ok()) << result.errors;
    return survey_library({"aiter", root}, test_python());
  }

  static std::vector<EntryPoint> named(const LibraryFacts& facts, const std::string& name) {
    std::vector<EntryPoint> found = facts.entry_points;
    std::erase_if(found, [&](const auto& entry_point) { return entry_point.name != name; });
    return found;
  }

  TemporaryFolder folder_;
  std::string repository_;
};

TEST_F(RealRelease, ARenamedFunctionIsSeenBehindItsOldName) {
  const auto before = named(survey("v0.1.13.post1"), "fused_qk_rmsnorm");
  const auto after = named(survey("v0.1.14"), "fused_qk_rmsnorm");
  ASSERT_EQ(before.size(), 1u);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(before[0].defined_in, "aiter.ops.fused_qk_norm_rope_cache_quant");
  EXPECT_EQ(before[0].signature,
            "(q: Tensor, q_weight: Tensor, q_eps: float, k: Tensor, k_weight: Tensor, "
            "k_eps: float) -> tuple[Tensor, Tensor]");
  EXPECT_EQ(after[0].defined_in, "aiter.ops.fused_qk_rmsnorm_group_quant");
  EXPECT_TRUE(after[0].signature.starts_with("(q_out_quantized: Optional[Tensor] = None, "))
      << after[0].signature;
  EXPECT_EQ(before[0].op, "dual_rms_norm");
}

TEST_F(RealRelease, MethodsAreFound) {
  const auto found = named(survey("v0.1.14"), "CustomAllreduce.fused_ar_rms");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, "method");
  EXPECT_EQ(found[0].defined_in, "aiter.dist.device_communicators.custom_all_reduce");
}

TEST_F(RealRelease, NothingInItIsAProblemButItsUnknownVersion) {
  const auto facts = survey("v0.1.14");
  EXPECT_EQ(facts.identity.distribution, "amd-aiter");
  ASSERT_EQ(facts.problems.size(), 1u);
  expect_contains(facts.problems[0].what, "does not say its version");
}

}  // namespace
}  // namespace fusegate::probe
