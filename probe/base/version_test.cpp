#include "probe/base/version.hpp"

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

TEST(IsVersion, AcceptsWhatReleasesAreCalled) {
  for (const char* text : {"0.1.14", "0.1.13.post1", "0.1.17-longctx", "1!2.0rc1",
                           "0.1.14+rocm7.2.manylinux_2_28", "0.1.14-3-g1a2b3c4-dirty"}) {
    EXPECT_TRUE(is_version(text)) << text;
  }
}

TEST(IsVersion, RefusesWhatATerminalOrAPageWouldObey) {
  for (const char* text : {"", "\x1b[2J", "1.0 <b>", "../1", "-rf", "1.0\n"}) {
    EXPECT_FALSE(is_version(text)) << text;
  }
}

TEST(SameVersion, ComparesAsFarAsItCan) {
  EXPECT_TRUE(same_version("0.1.14-RC0", "0.1.14rc0"));
  EXPECT_TRUE(same_version("1.2.post1", "1.2-post1"));
  EXPECT_TRUE(same_version("1.2+rocm7.2", "1.2"));
  EXPECT_FALSE(same_version("1.2+rocm7.2", "1.2+rocm7.1"));
  EXPECT_FALSE(same_version("1.2", "1.20"));
  EXPECT_FALSE(same_version("1.2", "12"));
}

TEST(AssignedText, ReadsPlainAssignments) {
  EXPECT_EQ(assigned_text("__version__ = '1.0'", "__version__"), "1.0");
  EXPECT_EQ(assigned_text("  name=\"toy\"  # so", "name"), "toy");
  EXPECT_EQ(assigned_text("__version__: str = version = \"1.2.dev3\"", "__version__"), "1.2.dev3");
}

TEST(AssignedText, DoesNotGuessWhatIsComputed) {
  for (const char* line : {"v = get('1.0')", "v = f'{major}.0'", "v2 = '1.0'", "my_v = '1.0'",
                           "v.x = '1.0'", "v = 1.0", "v = '1.0", "v", "'v = 1'"}) {
    EXPECT_EQ(assigned_text(line, "v"), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace fusegate::probe
