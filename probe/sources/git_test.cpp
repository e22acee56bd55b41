#include "probe/sources/git.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

/// A checkout with one commit, tagged v1.0.
class Git : public testing::Test {
 protected:
  void SetUp() override {
    if (!runs("git")) GTEST_SKIP() << "no git on PATH";
    write_file(root() / "a.py", "x = 1\n");
    git({"init", "-q"});
    git({"add", "."});
    commit();
    git({"tag", "v1.0"});
    git({"tag", "nightly-9"});
  }

  [[nodiscard]] fs::path root() const { return folder_.path() / "checkout"; }

  void git(const std::vector<std::string>& words) const {
    SpawnOptions options{{"git", "-C", root().native()}, {}, {}};
    options.argv.insert(options.argv.end(), words.begin(), words.end());
    options.environment = {{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_NOSYSTEM", "1"}};
    const auto result = run_command(options, "", std::chrono::seconds(20));
    ASSERT_TRUE(result.status && result.status->ok()) << result.errors;
  }

  void commit() const {
    git({"-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"});
  }

  GitDescription describe(const fs::path& root) {
    return describe_checkout(root, "v[0-9]*", problems_).value_or(GitDescription{});
  }

  TemporaryFolder folder_;
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
  commit();
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

TEST_F(Git, DoesNotTakeATouchedFileForAChangedOne) {
  write_file(root() / "a.py", "x = 1\n");
  fs::last_write_time(root() / "a.py", fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_EQ(describe(root()).text, "v1.0");
}

TEST_F(Git, FallsBackToTheCommit) {
  git({"tag", "-d", "v1.0"});
  const auto found = describe(root());
  EXPECT_FALSE(found.has_tag);
  EXPECT_TRUE(found.revision.starts_with(found.text)) << found.text;
}

TEST_F(Git, ReadsAWorktree) {
  commit();
  const auto worktree = folder_.path() / "worktree";
  git({"worktree", "add", "-q", worktree.native(), "v1.0"});
  EXPECT_EQ(describe(worktree).text, "v1.0");
}

TEST_F(Git, ReadsPackedReferences) {
  git({"pack-refs", "--all"});
  EXPECT_EQ(describe(root()).text, "v1.0");
}

TEST_F(Git, RunsNothingThatTheRepositoryConfigures) {
  const auto trap = folder_.path() / "trap";
  const auto trace = folder_.path() / "sprung";
  write_file(trap, "#!/bin/sh\ntouch " + trace.native() + "\ncat\n");
  fs::permissions(trap, fs::perms::owner_all);
  for (const char* setting : {"core.fsmonitor", "core.hooksPath", "filter.trap.clean",
                              "filter.trap.process", "core.pager", "diff.external"}) {
    git({"config", setting, trap.native()});
  }
  write_file(root() / ".gitattributes", "* filter=trap\n");
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
}

}  // namespace
}  // namespace fusegate::probe
