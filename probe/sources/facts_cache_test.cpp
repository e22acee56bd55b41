#include "probe/sources/facts_cache.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) files.push_back(entry.path());
  }
  return files;
}

TEST(FactsCache, GivesBackWhatWasPut) {
  const TemporaryFolder folder;
  const FactsCache cache(folder.path() / "not/there/yet", "1");
  EXPECT_EQ(cache.get("file-abcd"), std::nullopt);
  cache.put("file-abcd", "facts");
  cache.put("file-abce", "others");
  EXPECT_EQ(cache.get("file-abcd"), "facts");
  cache.put("file-abcd", "newer");
  EXPECT_EQ(cache.get("file-abcd"), "newer");
}

TEST(FactsCache, LeavesOnlyWholeFiles) {
  const TemporaryFolder folder;
  const FactsCache cache(folder.path(), "1");
  for (int i = 0; i < 3; ++i) cache.put("file-abcd", "facts");
  EXPECT_EQ(files_below(folder.path()).size(), 1u);
}

TEST(FactsCache, DoesNotSeeTheFactsOfAnotherScript) {
  const TemporaryFolder folder;
  FactsCache(folder.path(), "1").put("file-abcd", "facts");
  EXPECT_EQ(FactsCache(folder.path(), "2").get("file-abcd"), std::nullopt);
}

TEST(FactsCache, KeepsNothingWithoutAFolder) {
  const FactsCache cache("", "1");
  cache.put("file-abcd", "facts");
  EXPECT_EQ(cache.get("file-abcd"), std::nullopt);
}

TEST(FactsCache, CostsNothingWhereItCannotBeWritten) {
  const TemporaryFolder folder;
  write_file(folder.path() / "file", "");
  const FactsCache cache(folder.path() / "file/below", "1");
  cache.put("file-abcd", "facts");
  EXPECT_EQ(cache.get("file-abcd"), std::nullopt);
}

TEST(FactsCache, IsNotHeldUpByWhatStandsInItsPlace) {
  const TemporaryFolder folder;
  const FactsCache cache(folder.path(), "1");
  cache.put("file-abcd", "facts");
  const auto path = files_below(folder.path()).at(0);
  fs::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(cache.get("file-abcd"), std::nullopt);
  fs::remove(path);
  fs::create_directory(path);
  cache.put("file-abcd", "facts");
  EXPECT_EQ(cache.get("file-abcd"), std::nullopt);
}

/// Where the cache is for these values of the variables; nullptr is not set.
fs::path folder_for(const char* own, const char* shared, const char* home) {
  const std::string old_home = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
  const auto set = [](const char* name, const char* value) {
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  };
  set("FUSEGATE_CACHE_DIR", own);
  set("XDG_CACHE_HOME", shared);
  set("HOME", home);
  auto folder = default_cache_folder();
  set("FUSEGATE_CACHE_DIR", nullptr);
  set("XDG_CACHE_HOME", nullptr);
  set("HOME", old_home.c_str());
  return folder;
}

TEST(DefaultCacheFolder, IsTheFirstThatIsNamed) {
  EXPECT_EQ(folder_for("/own", "/shared", "/home"), "/own");
  EXPECT_EQ(folder_for("", "/shared", "/home"), "") << "set but empty: nothing is kept";
  EXPECT_EQ(folder_for(nullptr, "/shared", "/home"), "/shared/fusegate");
  EXPECT_EQ(folder_for(nullptr, "", "/home"), "/home/.cache/fusegate");
  EXPECT_EQ(folder_for(nullptr, "relative", "/home"), "/home/.cache/fusegate")
      << "the XDG specification says to ignore these";
  EXPECT_EQ(folder_for(nullptr, nullptr, ""), "");
  EXPECT_EQ(folder_for(nullptr, nullptr, nullptr), "");
}

}  // namespace
}  // namespace fusegate::probe
