#include "probe/sources/git.hpp"

#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "probe/sources/test_repository.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

/// A checkout with one commit, tagged v1.0.
class Git : public testing::Test {
 protected:
  void SetUp() override {
    FUSEGATE_NEEDS_GIT();
    repository_.emplace();
    repository_->commit({{"a.py", "x = 1\n"}});
    repository_->git({"tag", "v1.0"});
    repository_->git({"tag", "nightly-9"});
  }

  [[nodiscard]] fs::path root() const { return repository_->root(); }

  GitDescription describe(const fs::path& root) {
    return describe_checkout(root, "v[0-9]*", problems_).value_or(GitDescription{});
  }

  std::optional<TestRepository> repository_;
  std::vector<Problem> problems_;
};

TEST_F(Git, NamesTheTag) {
  const auto found = describe(root());
  EXPECT_EQ(found.text, "v1.0");
  EXPECT_TRUE(found.has_tag);
  EXPECT_TRUE(found.is_exact);
  EXPECT_EQ(found.revision.size(), 40u);
  EXPECT_TRUE(problems_.empty());
}

TEST_F(Git, CountsCommitsAfterTheTag) {
  repository_->commit();
  const auto found = describe(root());
  EXPECT_TRUE(found.text.starts_with("v1.0-1-g")) << found.text;
  EXPECT_FALSE(found.is_exact);
}

TEST_F(Git, SeesAChangedFile) {
  write_file(root() / "a.py", "x = 2\n");
  const auto found = describe(root());
  EXPECT_EQ(found.text, "v1.0-dirty");
  EXPECT_FALSE(found.is_exact);
}

TEST_F(Git, SeesAFileThatChangedInTheMomentOfTheCommit) {
  const auto committed = fs::last_write_time(root() / "a.py");
  write_file(root() / "a.py", "x = 2\n");
  fs::last_write_time(root() / "a.py", committed);
  fs::last_write_time(root() / ".git/index", committed);
  EXPECT_EQ(describe(root()).text, "v1.0-dirty");
}

TEST_F(Git, DoesNotTakeATouchedFileForAChangedOne) {
  write_file(root() / "a.py", "x = 1\n");
  fs::last_write_time(root() / "a.py", fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_EQ(describe(root()).text, "v1.0");
}

TEST_F(Git, FallsBackToTheCommit) {
  repository_->git({"tag", "-d", "v1.0"});
  const auto found = describe(root());
  EXPECT_FALSE(found.has_tag);
  EXPECT_TRUE(found.revision.starts_with(found.text)) << found.text;
}

TEST_F(Git, ReadsAWorktree) {
  repository_->commit();
  const auto worktree = repository_->folder() / "worktree";
  repository_->git({"worktree", "add", "-q", worktree.native(), "v1.0"});
  EXPECT_EQ(describe(worktree).text, "v1.0");
}

TEST_F(Git, ReadsPackedReferences) {
  repository_->git({"pack-refs", "--all"});
  EXPECT_EQ(describe(root()).text, "v1.0");
}

TEST_F(Git, RunsNothingThatTheRepositoryConfigures) {
  const auto trace = repository_->set_traps();
  write_file(root() / ".gitattributes", "* filter=trap diff=trap\n");
  write_file(root() / "a.py", "x = 3\n");
  EXPECT_EQ(describe(root()).text, "v1.0-dirty");
  EXPECT_FALSE(fs::exists(trace));
}

TEST_F(Git, LeavesTheIndexAlone) {
  write_file(root() / "a.py", "x = 1\n");
  const auto before = fs::last_write_time(root() / ".git/index");
  std::ignore = describe(root());
  EXPECT_EQ(fs::last_write_time(root() / ".git/index"), before);
}

TEST_F(Git, ReportsABrokenRepository) {
  fs::remove_all(root() / ".git/objects");
  EXPECT_EQ(describe(root()).text, "");
  EXPECT_EQ(problems_.size(), 1u);
}

TEST_F(Git, IsSilentOutsideACheckout) {
  fs::create_directory(root() / "sub");
  EXPECT_EQ(describe(root() / "sub").text, "");
  EXPECT_TRUE(problems_.empty());
}

TEST_F(Git, SurvivesAPointerToNowhere) {
  fs::remove_all(root() / ".git");
  write_file(root() / ".git", "gitdir: /nonexistent\n");
  EXPECT_EQ(describe(root()).text, "");
  ASSERT_EQ(problems_.size(), 1u);
  EXPECT_EQ(problems_[0].what, "leads to no repository: its tag and commit are unknown");
}

}  // namespace
}  // namespace fusegate::probe
