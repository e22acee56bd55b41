#include "probe/engine/sources/engine_release.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

class EngineRelease : public ::testing::Test {
 protected:
  EngineRelease() {
    rules_.import_name = "toy";
    rules_.version_files = {"_version.py", "version.py"};
  }

  void write(const std::string& name, const std::string& text) {
    write_file(folder_.path() / name, text);
  }
  [[nodiscard]] std::optional<std::string> release() const {
    return release_of({&rules_, folder_.path()});
  }

  EngineRules rules_;
  TemporaryFolder folder_;
};

TEST_F(EngineRelease, IsWhatTheVersionFileSays) {
  write("toy/_version.py", "__version__ = version = '0.22.1+rocm700'\n");
  write("toy-0.9.dist-info/METADATA", "");
  EXPECT_EQ(release(), "0.22.1");
}

TEST_F(EngineRelease, IsThatOfTheMetadataElse) {
  write("toy/version.py", "from toy._version import __version__\n__version__ = compute()\n");
  write("toy_tools-7.0.dist-info/METADATA", "");
  write("toy-0.5.12.dist-info/METADATA", "");
  EXPECT_EQ(release(), "0.5.12");
}

TEST_F(EngineRelease, IsNotGuessed) {
  write("toy/__init__.py", "");
  EXPECT_EQ(release(), std::nullopt);
}

class VersionOf : public EngineRelease {
 protected:
  [[nodiscard]] EngineVersion version() {
    auto found = version_of({&rules_, folder_.path()}, problems_);
    EXPECT_TRUE(problems_.empty()) << problems_.front().what;
    return found;
  }
  std::vector<Problem> problems_;
};

TEST_F(VersionOf, SaysWhatSaysSo) {
  write("toy/version.py", "__version__ = \"0.4+local\"\n");
  EXPECT_EQ(version().text, "0.4+local");
  EXPECT_EQ(version().source, "toy/version.py");
  EXPECT_EQ(version().revision, "");
}

TEST_F(VersionOf, TakesTheFirstFileThatSaysOne) {
  write("toy/version.py", "__version__ = '0.4'\n");
  write("toy/_version.py", "__version__: str\n__version__ = version = '0.5'\n");
  EXPECT_EQ(version().text, "0.5");
}

TEST_F(VersionOf, OfAnInstallationIsItsMetadataFolders) {
  write("toy-0.6.dist-info/METADATA", "");
  EXPECT_EQ(version().text, "0.6");
  EXPECT_EQ(version().source, "toy-0.6.dist-info");
}

TEST_F(VersionOf, OfACheckoutIsItsTag) {
  write("toy/_version.py", "__version__ = '0.5'\n");
  const auto top = folder_.path().native();
  for (const auto& command :
       {"init -q", "-c user.name=a -c user.email=a@b commit -q --allow-empty -m one",
        "tag v0.7.1"}) {
    ASSERT_EQ(std::system(("git -C " + top + " " + command).c_str()), 0);
  }
  EXPECT_EQ(version().text, "0.7.1");
  EXPECT_EQ(version().revision.size(), 40u);
}

TEST_F(VersionOf, IsNotThatOfARepositoryFartherUp) {
  write(".git/HEAD", "ref: refs/heads/main\n");
  write("a/b/toy/version.py", "__version__ = '0.4'\n");
  EXPECT_EQ(version_of({&rules_, folder_.path() / "a/b"}, problems_).text, "0.4");
  EXPECT_TRUE(problems_.empty());
}

TEST_F(VersionOf, IsNotKnownElse) {
  EXPECT_EQ(version().text, "");
  EXPECT_EQ(version().source, "");
}

}  // namespace
}  // namespace fusegate::probe
