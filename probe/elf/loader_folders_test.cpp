#include "probe/elf/loader_folders.hpp"

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

TEST(LoaderFolders, AreThoseOfTheConfigurationAndTheSystem) {
  TemporaryFolder folder;
  const auto& root = folder.path();
  write_file(root / "etc/ld.so.conf",
             "# none\ninclude /etc/ld.so.conf.d/*.conf more.conf\n  /opt/toy/lib # comment\n"
             "/old/lib=libc6\n/not/there\nhwcap 0 nosegneg\n");
  write_file(root / "etc/ld.so.conf.d/b.conf", "/usr/lib/toy-linux-gnu\n");
  write_file(root / "etc/ld.so.conf.d/a.conf", "/opt/rocm/lib\n/opt/rocm/lib\n");
  write_file(root / "etc/more.conf", "include ld.so.conf\n");  // a loop
  for (const char* name :
       {"opt/rocm/lib", "usr/lib/toy-linux-gnu", "opt/toy/lib", "old/lib", "lib", "usr/lib"}) {
    fs::create_directories(root / name);
  }
  const std::vector<fs::path> expected{root / "opt/rocm/lib", root / "usr/lib/toy-linux-gnu",
                                       root / "opt/toy/lib",  root / "old/lib",
                                       root / "lib",          root / "usr/lib"};
  EXPECT_EQ(default_library_folders(root), expected);
}

TEST(LoaderFolders, OfThisMachineHoldItsLibraries) {
  bool found = false;
  for (const auto& path : default_library_folders()) found |= fs::exists(path / "libc.so.6");
  EXPECT_TRUE(found);
}

TEST(LoaderFolders, MayNeedNoConfiguration) {
  TemporaryFolder folder;
  EXPECT_TRUE(default_library_folders(folder.path()).empty());
}

TEST(LoaderFolders, AreExpandedForTheirFile) {
  EXPECT_EQ(expand_folder("$ORIGIN/../lib", "/opt/toy/jit"), "/opt/toy/lib");
  EXPECT_EQ(expand_folder("${ORIGIN}", "/opt/toy"), "/opt/toy");
  EXPECT_EQ(expand_folder("/usr/lib", "/opt/toy"), "/usr/lib");
  EXPECT_EQ(expand_folder("$ORIGIN/$LIB", "/opt/toy"), "");
  EXPECT_EQ(expand_folder("$ORIGIN", "/opt/$ORIGIN"), "/opt/$ORIGIN");
}

}  // namespace
}  // namespace fusegate::probe
