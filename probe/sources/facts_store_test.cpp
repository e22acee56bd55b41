#include "probe/sources/facts_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

class Store : public testing::Test {
 protected:
  void SetUp() override {
    FUSEGATE_NEEDS_PYTHON();
    // Notes what it is asked.
    write_program(python(), "input=$(cat); printf '%s\\n' \"$input\" >>'" + log().native() +
                                "'\nprintf '%s' \"$input\" | exec " + test_python() + " \"$@\"\n");
  }

  [[nodiscard]] fs::path python() const { return folder_.path() / "python"; }
  [[nodiscard]] fs::path log() const { return folder_.path() / "log"; }
  [[nodiscard]] fs::path cache() const { return folder_.path() / "cache"; }

  void write(const std::string& name, std::string_view text) const {
    write_file(folder_.path() / "tree" / name, text);
  }
  [[nodiscard]] FactsStore store() const { return {python(), FactsCache(cache(), "1")}; }

  [[nodiscard]] std::unique_ptr<SourceTree> tree() const {
    return open_folder(folder_.path() / "tree", "p", {});
  }
  [[nodiscard]] LoadedFacts load(FactsStore&& store) const {
    const auto sources = tree();
    return store.load(*sources, sources->files());
  }
  /// Of how many of the tree's files the facts are there.
  [[nodiscard]] std::size_t count(FactsStore&& store) const {
    return load(std::move(store)).by_key.size();
  }
  /// What the interpreters were asked so far.
  [[nodiscard]] std::string asked() const { return read_text(log()).value_or(""); }
  [[nodiscard]] std::size_t starts() const {
    const auto text = asked();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  [[nodiscard]] std::vector<fs::path> cached() const {
    std::vector<fs::path> files;
    if (!fs::exists(cache())) return files;
    for (const auto& entry : fs::recursive_directory_iterator(cache())) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }

  TemporaryFolder folder_;
};

TEST_F(Store, StartsNoInterpreterForWhatIsCached) {
  write("p/a.py", "x = 1\n");
  ASSERT_EQ(count(store()), 1u);
  EXPECT_EQ(count(store()), 1u);
  EXPECT_EQ(starts(), 1u);
}

TEST_F(Store, StartsNoneForWhatItKnows) {
  write("p/a.py", "x = 1\n");
  FactsStore store(python(), FactsCache("", "1"));
  const auto sources = tree();
  const auto first = store.load(*sources, sources->files());
  EXPECT_EQ(store.load(*sources, sources->files()).by_key, first.by_key);
  EXPECT_EQ(starts(), 1u);
}

TEST_F(Store, ParsesOnlyWhatChanged) {
  write("p/a.py", "x = 1\n");
  write("p/b.py", "x = 2\n");
  ASSERT_EQ(count(store()), 2u);
  fs::remove(log());
  write("p/b.py", "x = 3\n");
  EXPECT_EQ(count(store()), 2u);
  EXPECT_EQ(asked().find("p/a.py"), std::string::npos);
  expect_contains(asked(), "p/b.py");
}

TEST_F(Store, ParsesFilesOfTheSameContentOnce) {
  write("p/a.py", "x = 1\n");
  write("p/b.py", "x = 1\n");
  EXPECT_EQ(count(store()), 1u);
  EXPECT_EQ(asked().find("p/b.py"), std::string::npos) << asked();
}

TEST_F(Store, ReportsABrokenFileUnderEachOfItsNames) {
  write("p/a.py", "x =\n");
  write("p/b.py", "x =\n");
  const auto problems = load(store()).problems;
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].where, "p/a.py:1");
  EXPECT_EQ(problems[1].where, "p/b.py:1");
}

TEST_F(Store, ParsesAgainWhatIsDamagedInTheCache) {
  write("p/a.py", "x = 1\n");
  ASSERT_EQ(count(store()), 1u);
  const auto file = cached().at(0);
  const auto whole = read_text(file).value();
  for (const auto& damage : {std::string(), std::string("{"), whole.substr(0, whole.size() / 2),
                             whole + whole, std::string(1'000'000, '['), std::string(100, '\0')}) {
    write_file(file, damage);
    EXPECT_EQ(count(store()), 1u) << damage.substr(0, 100);
    EXPECT_EQ(read_text(file), whole) << "not mended: " << damage.substr(0, 100);
  }
}

TEST_F(Store, DoesNotCacheWhatDoesNotParse) {
  write("p/a.py", "x =\n");
  for (int run = 0; run < 2; ++run) {
    const auto loaded = load(store());
    EXPECT_TRUE(loaded.by_key.empty());
    ASSERT_EQ(loaded.problems.size(), 1u);
    EXPECT_EQ(loaded.problems[0].where, "p/a.py:1");
  }
  EXPECT_TRUE(cached().empty());
}

TEST_F(Store, WorksWithoutACacheThatCanBeWritten) {
  write("p/a.py", "x = 1\n");
  write_file(cache(), "a file where the folder should be");
  const auto loaded = load(store());
  EXPECT_EQ(loaded.by_key.size(), 1u);
  EXPECT_TRUE(loaded.problems.empty());
}

TEST_F(Store, KeepsNothingWhereTheCacheIsTurnedOff) {
  write("p/a.py", "x = 1\n");
  ::setenv("FUSEGATE_CACHE_DIR", "", 1);
  EXPECT_EQ(count(FactsStore(python())), 1u);
  EXPECT_EQ(count(FactsStore(python())), 1u);
  ::unsetenv("FUSEGATE_CACHE_DIR");
  EXPECT_EQ(starts(), 2u);
}

TEST_F(Store, FindsTheCacheThatTheVariableNames) {
  write("p/a.py", "x = 1\n");
  ::setenv("FUSEGATE_CACHE_DIR", cache().c_str(), 1);
  EXPECT_EQ(count(FactsStore(python())), 1u);
  EXPECT_EQ(count(FactsStore(python())), 1u);
  ::unsetenv("FUSEGATE_CACHE_DIR");
  EXPECT_EQ(starts(), 1u);
}

TEST_F(Store, ReportsFactsThatItCannotTake) {
  std::string classes;
  for (std::size_t depth = 0; depth < 70; ++depth) {
    classes += std::string(depth, ' ') + "class A:\n";
  }
  write("p/a.py", classes + std::string(70, ' ') + "x = 1\n");
  write("p/b.py", "x = 1\n");
  const auto loaded = load(store());
  EXPECT_EQ(loaded.by_key.size(), 1u);
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_EQ(loaded.problems[0].where, "p/a.py");
  expect_contains(loaded.problems[0].what, "classes nest too deep");
  EXPECT_EQ(cached().size(), 1u);
}

}  // namespace
}  // namespace fusegate::probe
