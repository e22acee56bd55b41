#include "probe/base/files.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"

namespace fusegate {
namespace {

TEST(AtomicFile, ReplacesTheFileOnlyOnCommit) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "report.json";
  {
    AtomicFile first(path);
    first.write("first");
    first.commit();
  }
  {
    AtomicFile abandoned(path);
    abandoned.write("half");
  }
  EXPECT_EQ(read_text(path), "first");
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++files;
  }
  EXPECT_EQ(files, 1u) << "a temporary file was left behind";
}

TEST(AtomicFile, NamesTheFolderItCannotWriteTo) {
  const auto text =
      message_of<CannotRun>([] { const AtomicFile file("/nonexistent/report.json"); });
  expect_contains(text, "/nonexistent/report.json");
  expect_contains(text, "No such file");
}

TEST(ReadText, IsEmptyForWhatCannotBeRead) {
  EXPECT_FALSE(read_text("/nonexistent").has_value());
  EXPECT_FALSE(read_text("/").has_value()) << "a folder opens, but has no text";
}

std::string why_not(const std::filesystem::path& path) {
  return read_text(path) ? "it was read" : cannot_read(path).what();
}

TEST(ReadText, LeavesTheReason) {
  EXPECT_EQ(why_not("/nonexistent"), "cannot read /nonexistent: No such file or directory");
  EXPECT_EQ(why_not("/"), "cannot read /: Is a directory");
}

TEST(ReadPieces, AreSmallAndTogetherTheFile) {
  const TemporaryFolder folder;
  std::string text(5u << 20, 'a');
  text.back() = 'z';
  std::ofstream(folder.path() / "large") << text;
  std::string together;
  EXPECT_TRUE(read_pieces(folder.path() / "large", [&](std::string_view piece) {
    EXPECT_LE(piece.size(), 1u << 20);
    together += piece;
  }));
  EXPECT_TRUE(together == text);
}

}  // namespace
}  // namespace fusegate
