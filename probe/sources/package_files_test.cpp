#include "probe/sources/package_files.hpp"

#include <sys/stat.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/sources/paths.hpp"
#include "probe/sources/source_tree.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

TEST(ListPythonFiles, FindsThemSortedAndLeavesOutTheIgnored) {
  const TemporaryFolder folder;
  for (const char* name : {"p/b.py", "p/a/z.py", "p/a.py", "p/generated/x.py", "p/_version.py",
                           "p/generated_too/x.py", "p/data.txt", "p/__pycache__/a.py", "q/a.py"}) {
    write_file(folder.path() / name, "");
  }
  const auto files = list_python_files(folder.path(), "p", {"generated", "_version.py"});
  EXPECT_EQ(files.names, (Names{"p/a.py", "p/a/z.py", "p/b.py", "p/generated_too/x.py"}));
  EXPECT_TRUE(files.problems.empty());
}

TEST(ListPythonFiles, EndsOnALinkLoop) {
  const TemporaryFolder folder;
  write_file(folder.path() / "p/a.py", "");
  fs::create_directory_symlink(folder.path() / "p", folder.path() / "p/again");
  fs::create_directory_symlink("..", folder.path() / "p/up");
  fs::create_symlink("self.py", folder.path() / "p/self.py");
  EXPECT_EQ(list_python_files(folder.path(), "p", {}).names, Names{"p/a.py"});
}

TEST(ListPythonFiles, CallsAFolderByItsOwnNameNotByALinkToIt) {
  const TemporaryFolder folder;
  write_file(folder.path() / "p/ops/a.py", "");
  fs::create_directory_symlink("ops", folder.path() / "p/a_link");
  EXPECT_EQ(list_python_files(folder.path(), "p", {}).names, Names{"p/ops/a.py"});
}

TEST(ListPythonFiles, FollowsLinksThatAnInstallerMade) {
  const TemporaryFolder folder;
  write_file(folder.path() / "cache/a.py", "");
  write_file(folder.path() / "p/__init__.py", "");
  fs::create_symlink(folder.path() / "cache/a.py", folder.path() / "p/a.py");
  EXPECT_EQ(list_python_files(folder.path(), "p", {}).names, (Names{"p/__init__.py", "p/a.py"}));
}

TEST(ListPythonFiles, ReportsANameThatIsNotUtf8) {
  const TemporaryFolder folder;
  write_file(folder.path() / "p/\xff.py", "");
  const auto files = list_python_files(folder.path(), "p", {});
  EXPECT_TRUE(files.names.empty());
  ASSERT_EQ(files.problems.size(), 1u);
  EXPECT_EQ(files.problems[0].where, "p/\\xff.py");
}

TEST(ListPythonFiles, SkipsAPipeThatIsCalledLikeAFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "p/a.py", "");
  ASSERT_EQ(::mkfifo((folder.path() / "p/pipe.py").c_str(), 0600), 0);
  const auto files = list_python_files(folder.path(), "p", {});
  EXPECT_EQ(files.names, Names{"p/a.py"});
  ASSERT_EQ(files.problems.size(), 1u);
  EXPECT_EQ(files.problems[0].where, "p/pipe.py");
  EXPECT_EQ(files.problems[0].what, "is no regular file");
}

TEST(ListPythonFiles, ReportsLinksThatLeadNowhere) {
  const TemporaryFolder folder;
  write_file(folder.path() / "p/a.py", "");
  std::filesystem::create_symlink("loop.py", folder.path() / "p/loop.py");
  std::filesystem::create_symlink("absent.py", folder.path() / "p/dangling.py");
  const auto files = list_python_files(folder.path(), "p", {});
  EXPECT_EQ(files.names, Names{"p/a.py"});
  ASSERT_EQ(files.problems.size(), 2u);
  EXPECT_EQ(files.problems[0].what, "is a link that leads nowhere, or to itself");
}

TEST(ReadBounded, RefusesPipesFoldersAndLargeFiles) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  write_file(folder.path() / "five", "12345");
  EXPECT_FALSE(read_bounded(folder.path() / "pipe", 10).has_value());
  EXPECT_FALSE(read_bounded(folder.path(), 10).has_value());
  EXPECT_FALSE(read_bounded(folder.path() / "five", 4).has_value());
  EXPECT_EQ(read_bounded(folder.path() / "five", 5), "12345");
}

TEST(ReadBounded, ReadsFilesThatClaimToHaveNoSize) {
  EXPECT_GT(read_bounded("/proc/self/status", 1u << 20).value_or("").size(), 100u);
  EXPECT_FALSE(read_bounded("/proc/self/status", 100).has_value());
}

std::string fingerprint(const fs::path& root) {
  return fingerprint_of(*open_folder(root, "p", {"_version.py"}));
}

TEST(Fingerprint, IsTheSameWhereverTheSourcesAre) {
  const TemporaryFolder clone, wheel;
  for (const auto* folder : {&clone, &wheel}) write_file(folder->path() / "p/a.py", "x = 1\n");
  write_file(wheel.path() / "p/_version.py", "__version__ = '1'\n");
  EXPECT_EQ(fingerprint(clone.path()), fingerprint(wheel.path()));
}

TEST(Fingerprint, SeesContentsMoveBetweenFiles) {
  const TemporaryFolder first, second;
  write_file(first.path() / "p/a.py", "12");
  write_file(first.path() / "p/b.py", "3");
  write_file(second.path() / "p/a.py", "1");
  write_file(second.path() / "p/b.py", "23");
  EXPECT_NE(fingerprint(first.path()), fingerprint(second.path()));
}

TEST(Shown, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(shown(std::string("caf\xc3\xa9/a.py")), "caf\xc3\xa9/a.py");
  EXPECT_EQ(shown(std::string("a\x1b[2Jb")), "a\\x1b[2Jb");
  EXPECT_EQ(shown(std::string("\xc0\xaf")), "\\xc0\\xaf");           // an overlong slash
  EXPECT_EQ(shown(std::string("\xed\xa0\x80")), "\\xed\\xa0\\x80");  // a surrogate
}

}  // namespace
}  // namespace fusegate::probe
