#include "probe/engine/engine_release.hpp"

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

class EngineRelease : public ::testing::Test {
 protected:
  EngineRelease() { rules_.import_name = "toy"; }

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

}  // namespace
}  // namespace fusegate::probe
