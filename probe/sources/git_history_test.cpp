#include "probe/sources/git_history.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/sources/test_repository.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t limit = 1u << 20;

class History : public testing::Test {
 protected:
  void SetUp() override {
    FUSEGATE_NEEDS_GIT();
    repository_.emplace();
    repository_->commit({{"p/a.py", "x = 1\n"}, {"p/sub/b c.py", "y = 2\n"}, {"top", "3\n"}});
    repository_->git({"tag", "v1.0"});
  }

  [[nodiscard]] GitHistory open() const { return GitHistory(repository_->root()); }
  std::string git(const std::vector<std::string>& words) { return repository_->git(words); }

  std::optional<TestRepository> repository_;
};

/// "NAME COMMIT" of each tag, sorted.
std::vector<std::string> texts_of(const std::vector<GitTag>& tags) {
  std::vector<std::string> texts;
  for (const auto& tag : tags) texts.push_back(tag.name + " " + tag.commit);
  std::sort(texts.begin(), texts.end());
  return texts;
}

using Texts = std::vector<std::string>;

TEST_F(History, TellsTheCommitsOfTags) {
  const auto first = git({"rev-parse", "HEAD"});
  repository_->commit({{"top", "4\n"}});
  const auto second = git({"rev-parse", "HEAD"});
  git({"tag", "-a", "-m", "annotated", "v2.0"});
  git({"tag", "-a", "-m", "of a tag", "v3.0", "v2.0"});
  git({"tag", "nightly"});
  EXPECT_EQ(texts_of(open().tags("v[0-9]*")),
            (Texts{"v1.0 " + first, "v2.0 " + second, "v3.0 " + second}));
  EXPECT_EQ(texts_of(open().tags("nothing*")), Texts{});
}

TEST_F(History, LeavesOutTagsOfOtherThings) {
  git({"tag", "v-file", "HEAD:top"});
  git({"tag", "-a", "-m", "x", "v-folder", "HEAD:p"});
  EXPECT_EQ(open().tags("v*").size(), 1u);
}

TEST_F(History, SeesPackedTags) {
  git({"pack-refs", "--all"});
  EXPECT_EQ(open().tags("v*").size(), 1u);
}

TEST_F(History, FindsTheCommitOfARevision) {
  const auto head = git({"rev-parse", "HEAD"});
  git({"tag", "-a", "-m", "x", "v2.0"});
  auto history = open();
  for (const auto& revision : {head, head.substr(0, 8), std::string("HEAD"), std::string("v1.0"),
                               std::string("v2.0"), std::string("refs/tags/v1.0")}) {
    EXPECT_EQ(history.commit(revision), head) << revision;
  }
}

TEST_F(History, FindsNoCommitWhereThereIsNone) {
  auto history = open();
  for (const auto& revision :
       {std::string(), std::string("v9"), std::string("HEAD~1"), std::string("HEAD:top"),
        std::string("-h"), std::string("--batch-all-objects"), std::string("v1.0\nHEAD"),
        std::string("a b"), std::string("x y 7"), std::string("v1.0\0", 5),
        std::string(10'000, 'x')}) {
    EXPECT_EQ(history.commit(revision), std::nullopt) << revision;
  }
  EXPECT_TRUE(history.commit("v1.0").has_value()) << "the answers must not get out of step";
}

TEST_F(History, ListsFolders) {
  using Kind = GitHistory::Entry::Kind;
  fs::create_symlink("top", repository_->root() / "link");
  write_file(repository_->root() / "run", "");
  fs::permissions(repository_->root() / "run", fs::perms::owner_all);
  repository_->commit();
  auto history = open();
  const auto* entries = history.folder("HEAD", "");
  ASSERT_NE(entries, nullptr);
  std::vector<std::pair<std::string, Kind>> found;
  for (const auto& entry : *entries) found.emplace_back(entry.name, entry.kind);
  EXPECT_EQ(
      found,
      (std::vector<std::pair<std::string, Kind>>{
          {"link", Kind::other}, {"p", Kind::folder}, {"run", Kind::file}, {"top", Kind::file}}));
  const auto* sub = history.folder(entries->at(1).oid);
  ASSERT_NE(sub, nullptr);
  EXPECT_EQ(sub->at(0).name, "a.py");
}

TEST_F(History, ListsNothingThatIsNoFolder) {
  auto history = open();
  EXPECT_EQ(history.folder("HEAD", "top"), nullptr);
  EXPECT_EQ(history.folder("HEAD", "q"), nullptr);
  EXPECT_EQ(history.folder("v9", "p"), nullptr);
}

TEST_F(History, ReadsFiles) {
  auto history = open();
  EXPECT_EQ(history.file("HEAD:top", limit), "3\n");
  EXPECT_EQ(history.file("v1.0:p/sub/b c.py", limit), "y = 2\n");
  EXPECT_EQ(history.file(git({"rev-parse", "HEAD:p/a.py"}), limit), "x = 1\n");
  EXPECT_EQ(history.file("HEAD:q", limit), std::nullopt);
  EXPECT_EQ(history.file("HEAD:p", limit), std::nullopt) << "a folder";
}

TEST_F(History, PassesOverAFileBeyondTheLimit) {
  const std::string large(3'000'000, 'x');
  repository_->commit({{"large", large}, {"empty", ""}, {"lines", "a\n\n\0\nb"}});
  auto history = open();
  EXPECT_EQ(history.file("HEAD:large", large.size() - 1), std::nullopt);
  EXPECT_EQ(history.file("HEAD:top", limit), "3\n") << "the next answer is not its rest";
  EXPECT_EQ(history.file("HEAD:large", large.size()), large);
  EXPECT_EQ(history.file("HEAD:empty", limit), "");
  EXPECT_EQ(history.file("HEAD:top", 2), "3\n");
}

TEST_F(History, ReadsABareRepository) {
  const auto bare = repository_->folder() / "bare";
  git({"clone", "-q", "--bare", repository_->root().native(), bare.native()});
  EXPECT_EQ(GitHistory(bare).file("v1.0:top", limit), "3\n");
}

TEST_F(History, ReadsAWorktree) {
  const auto worktree = repository_->folder() / "work tree";
  git({"worktree", "add", "-q", "--detach", worktree.native()});
  EXPECT_EQ(GitHistory(worktree).file("HEAD:top", limit), "3\n");
}

TEST_F(History, ReadsAnObjectStoreOfAnother) {
  const auto clone = repository_->folder() / "clone";
  git({"clone", "-q", "--shared", repository_->root().native(), clone.native()});
  EXPECT_EQ(GitHistory(clone).file("HEAD:top", limit), "3\n");
}

TEST_F(History, RunsNothingThatTheRepositoryConfigures) {
  const auto trace = repository_->set_traps();
  auto history = open();
  EXPECT_EQ(history.tags("v*").size(), 1u);
  EXPECT_EQ(history.file("HEAD:top", limit), "3\n");
  EXPECT_FALSE(fs::exists(trace));
  git({"status"});
  EXPECT_TRUE(fs::exists(trace)) << "the trap does not work: this test proves nothing";
}

TEST_F(History, ChangesNothing) {
  const auto index = repository_->root() / ".git/index";
  const auto before = fs::last_write_time(index);
  auto history = open();
  std::ignore = history.tags("v*");
  std::ignore = history.file("HEAD:top", limit);
  EXPECT_EQ(fs::last_write_time(index), before);
}

TEST_F(History, RefusesABrokenRepository) {
  fs::remove_all(repository_->root() / ".git/objects");
  const auto text = message_of<CannotRun>([&] { std::ignore = open().commit("HEAD"); });
  expect_contains(text, "git cannot read " + repository_->root().native());
}

TEST_F(History, RefusesAFolderInARepository) {
  EXPECT_THROW(GitHistory(repository_->root() / "p"), UsageError);
}

TEST(GitHistoryOf, RefusesWhatIsNoRepository) {
  const TemporaryFolder folder;
  write_file(folder.path() / "pointer/.git", "gitdir: /nonexistent\n");
  for (const char* name : {"", "pointer", "missing"}) {
    const auto root = folder.path() / name;
    const auto text = message_of<UsageError>([&] { GitHistory history(root); });
    expect_contains(text, root.native() + " is no git repository");
  }
}

}  // namespace
}  // namespace fusegate::probe
