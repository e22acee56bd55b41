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

/// Versions from the first to the last. None is before itself.
void expect_order(const std::vector<std::string>& versions) {
  for (std::size_t i = 0; i < versions.size(); ++i) {
    for (std::size_t j = 0; j < versions.size(); ++j) {
      EXPECT_EQ(version_less(versions[i], versions[j]), i < j)
          << versions[i] << " < " << versions[j];
    }
  }
}

TEST(VersionLess, OrdersTheReleasesOfALibrary) {
  expect_order({"0.1.9", "0.1.13.dev0", "0.1.13-rc1", "0.1.13-rc2", "0.1.13-rc10", "0.1.13",
                "0.1.13.post1", "0.1.14-rc0", "0.1.14", "0.1.17-rc0", "0.1.17", "0.1.17-longctx",
                "0.1.17.post1", "0.2", "1.0"});
}

TEST(VersionLess, OrdersAsPep440) {
  // The example of the specification, without its epoch.
  expect_order({"1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456",
                "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0",
                "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.1.dev1"});
}

TEST(VersionLess, ComparesNumbersAsSuch) {
  expect_order({"1.2", "1.10", "1.10.1", "1.11"});
  expect_order({"1.0+rocm7.2", "1.0+rocm7.10"});
  expect_order({"1.0.dev9", "1.0.dev10"});
  expect_order({"2024.9.30", "2024.10.1", "20240101", "20241231"});
}

TEST(VersionLess, TakesTheSpellingsOfPep440) {
  for (const auto& [a, b] :
       std::vector<std::pair<std::string, std::string>>{{"1.0-RC1", "1.0rc2"},
                                                        {"1.0c1", "1.0-rc2"},
                                                        {"1.0_alpha1", "1.0a2"},
                                                        {"1.0.preview1", "1.0"},
                                                        {"1.0rc", "1.0rc1"},
                                                        {"1.0-post1", "1.0.rev2"},
                                                        {"1.0.DEV1", "1.0dev2"}}) {
    EXPECT_TRUE(version_less(a, b)) << a << " < " << b;
    EXPECT_FALSE(version_less(b, a)) << b << " < " << a;
  }
}

TEST(VersionLess, PutsLastWhatIsNoVersion) {
  expect_order({"1.0", "99", "", "aaa", "alpha", "main", "rc1", "zeta"});
}

TEST(VersionLess, IsAnOrderOfAnyTexts) {
  const std::vector<std::string> texts{
      "1.0",   "1.0.0", "1",   "1.0-", "1..0", ".1", "1.0+", "+1.0",
      "1.0+x", "v1",    "1e5", "1.a",  "a",    "A",  "",     "99999999999999999999",
      "0",     "1.0ÿ"};
  for (const auto& a : texts) {
    EXPECT_FALSE(version_less(a, a)) << a;
    for (const auto& b : texts) {
      EXPECT_FALSE(version_less(a, b) && version_less(b, a)) << a << " and " << b;
      for (const auto& c : texts) {
        if (!version_less(a, b) || !version_less(b, c)) continue;
        EXPECT_TRUE(version_less(a, c)) << a << " < " << b << " < " << c;
      }
    }
  }
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
