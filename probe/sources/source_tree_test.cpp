#include "probe/sources/source_tree.hpp"

#include <filesystem>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/sources/facts_store.hpp"
#include "probe/sources/test_repository.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

Names names_of(const SourceTree& tree) {
  Names names;
  for (const auto& file : tree.files()) names.push_back(file.name);
  return names;
}

Names texts_of(const std::vector<Problem>& problems) {
  Names texts;
  for (const auto& problem : problems) texts.push_back(problem.where + ": " + problem.what);
  return texts;
}

/// The same files in a folder and in a commit.
class BothTrees : public testing::Test {
 protected:
  void SetUp() override {
    FUSEGATE_NEEDS_GIT();
    repository_.emplace();
  }

  void has(const std::map<std::string, std::string>& files,
           const std::vector<std::string>& ignored = {}) {
    repository_->commit(files);
    history_.emplace(repository_->root());
    folder_ = open_folder(repository_->root(), "p", ignored);
    commit_ = open_commit(*history_, history_->commit("HEAD").value(), "p", ignored);
  }

  std::optional<TestRepository> repository_;
  std::optional<GitHistory> history_;
  std::unique_ptr<SourceTree> folder_, commit_;
};

TEST_F(BothTrees, ListTheSameFiles) {
  has({{"p/__init__.py", ""},
       {"p/b.py", ""},
       {"p/a-b.py", ""},
       {"p/a/b c.py", ""},
       {"p/_version.py", ""},
       {"p/generated/x.py", ""},
       {"p/generated.py", ""},
       {"p/sub/_version.py", ""},
       {"p/data.txt", ""},
       {"p/__pycache__/a.py", ""},
       {"q/a.py", ""}},
      {"_version.py", "generated"});
  const Names expected{"p/__init__.py", "p/a-b.py",       "p/a/b c.py",
                       "p/b.py",        "p/generated.py", "p/sub/_version.py"};
  EXPECT_EQ(names_of(*folder_), expected);
  EXPECT_EQ(names_of(*commit_), expected);
}

TEST_F(BothTrees, GiveEqualKeysToEqualContents) {
  has({{"p/a.py", "x = 1\n"}, {"p/b.py", "x = 1\n"}, {"p/c.py", "x = 2\n"}});
  for (const auto* tree : {folder_.get(), commit_.get()}) {
    const auto& files = tree->files();
    ASSERT_EQ(files.size(), 3u);
    EXPECT_EQ(files[0].key, files[1].key);
    EXPECT_NE(files[0].key, files[2].key);
  }
}

TEST_F(BothTrees, GiveTheSameFacts) {
  FUSEGATE_NEEDS_PYTHON();
  has({{"p/a.py", "def f(a: int): ...\nclass A:\n  x = 1\n"},
       {"p/b c.py", "from .a import *\n"},
       {"p/same.py", "from .a import *\n"},
       {"p/empty.py", ""},
       {"p/broken.py", "x =\n"},
       {"p/broken_too.py", "x =\n"},
       {"p/latin.py", "x = '\xe9'\n"}});
  const auto facts_of = [](SourceTree& tree) {
    FactsStore store(test_python(), FactsCache("", ""));
    const auto loaded = store.load(tree, tree.files());
    std::string text = join(texts_of(loaded.problems), "\n");
    for (const auto& file : tree.files()) {
      const auto it = loaded.by_key.find(file.key);
      if (it == loaded.by_key.end()) continue;
      text += fmt::format("\n{}:", file.name);
      for (const auto& statement : it->second->body) {
        text += fmt::format(" {}/{}", statement.what.index(), statement.line);
      }
    }
    return text;
  };
  const std::string expected =
      "p/broken.py:1: does not parse\np/broken_too.py:1: does not parse\n"
      "p/latin.py: is not in the encoding that it declares\n"
      "p/a.py: 0/1 1/2\np/b c.py: 3/1\np/empty.py:\np/same.py: 3/1";
  const auto without_version = [](std::string text) {
    for (auto at = text.find(" as Python"); at != text.npos; at = text.find(" as Python")) {
      text.erase(at, text.find('\n', at) - at);
    }
    return text;
  };
  EXPECT_EQ(without_version(facts_of(*folder_)), expected);
  EXPECT_EQ(without_version(facts_of(*commit_)), expected);
}

TEST_F(BothTrees, ReportANameThatIsNotUtf8) {
  has({{"p/\xff.py", ""}, {"p/\xff.txt", ""}});
  const Names expected{"p/\\xff.py: has a name that is not UTF-8; it is left out"};
  EXPECT_EQ(texts_of(folder_->problems()), expected);
  EXPECT_EQ(texts_of(commit_->problems()), expected);
}

TEST_F(BothTrees, EndWhereFoldersLieTooDeep) {
  std::string name = "p";
  for (int depth = 0; depth < 66; ++depth) name += "/d";
  has({{name + "/a.py", ""}, {"p/a.py", ""}});
  for (const auto* tree : {folder_.get(), commit_.get()}) {
    EXPECT_EQ(names_of(*tree), Names{"p/a.py"});
    ASSERT_EQ(tree->problems().size(), 1u);
    EXPECT_EQ(tree->problems()[0].what, "lies too deep to be searched");
  }
  EXPECT_EQ(folder_->problems()[0].where, commit_->problems()[0].where);
}

TEST_F(BothTrees, ReadFilesOfAnyKind) {
  has({{"p/a.py", ""}, {"csrc/my enum.h", "enum A {};\n"}});
  for (auto* tree : {folder_.get(), commit_.get()}) {
    EXPECT_EQ(tree->read("csrc/my enum.h", 11), "enum A {};\n");
    EXPECT_EQ(tree->read("csrc/my enum.h", 10), std::nullopt);
    EXPECT_EQ(tree->read("csrc", 1000), std::nullopt);
    EXPECT_EQ(tree->read("csrc/none.h", 1000), std::nullopt);
  }
}

TEST_F(BothTrees, AreEmptyWithoutThePackage) {
  has({{"q/a.py", ""}, {"p", "a file"}});
  for (const auto* tree : {folder_.get(), commit_.get()}) {
    EXPECT_TRUE(tree->files().empty());
  }
}

TEST_F(BothTrees, LendWhatTheyHave) {
  has({{"p/a.py", "x = 1\n"}, {"p/sub/b c.py", "y = 2\n"}});
  for (auto* tree : {folder_.get(), commit_.get()}) {
    const auto lent = tree->lend(tree->files());
    ASSERT_EQ(lent.names.size(), 2u);
    EXPECT_EQ(read_text(lent.root / lent.names[0]), "x = 1\n");
    EXPECT_EQ(read_text(lent.root / lent.names[1]), "y = 2\n");
  }
}

TEST_F(BothTrees, LeaveNothingOfWhatACommitLent) {
  has({{"p/a.py", "x = 1\n"}});
  const auto root = commit_->lend(commit_->files()).root;
  EXPECT_FALSE(fs::exists(root));
}

TEST_F(BothTrees, DoNotMixWithTheWorkTree) {
  has({{"p/a.py", "x = 1\n"}});
  write_file(repository_->root() / "p/a.py", "x = 2\n");
  write_file(repository_->root() / "p/b.py", "");
  EXPECT_EQ(names_of(*commit_), Names{"p/a.py"});
  EXPECT_EQ(commit_->read("p/a.py", 100), "x = 1\n");
}

TEST_F(BothTrees, HaveAFingerprintThatFollowsContents) {
  has({{"p/a.py", "x = 1\n"}, {"q.py", ""}});
  const auto first_folder = fingerprint_of(*folder_), first_commit = fingerprint_of(*commit_);
  has({{"q.py", "x = 1\n"}});
  EXPECT_EQ(fingerprint_of(*folder_), first_folder);
  EXPECT_EQ(fingerprint_of(*commit_), first_commit);
  has({{"p/a.py", "x = 2\n"}});
  EXPECT_NE(fingerprint_of(*folder_), first_folder);
  EXPECT_NE(fingerprint_of(*commit_), first_commit);
}

}  // namespace
}  // namespace fusegate::probe
