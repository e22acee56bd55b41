#include "tools/fusegate/contract_annotations.hpp"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/sources/test_files.hpp"
#include "tools/fusegate/github_annotation.hpp"

namespace fusegate::tools {
namespace {

TEST(GithubAnnotation, IsAWorkflowCommand) {
  EXPECT_EQ(github_annotation("error", "a/b.py", 12, "misled lib.f", "it is another one"),
            "::error file=a/b.py,line=12,title=misled lib.f::it is another one");
}

TEST(GithubAnnotation, EscapesPropertiesWithColonsAndCommas) {
  EXPECT_EQ(github_annotation("error", "a,b:c%.py", 1, "f: 100%\r\nof, it", "m"),
            "::error file=a%2Cb%3Ac%25.py,line=1,title=f%3A 100%25%0D%0Aof%2C it::m");
}

TEST(GithubAnnotation, EscapesTheMessageWithoutThem) {
  EXPECT_EQ(github_annotation("warning", "a.py", 1, "t", "f(a, b): 100%\r\n::error::x"),
            "::warning file=a.py,line=1,title=t::f(a, b): 100%25%0D%0A::error::x");
}

TEST(GithubAnnotation, ShowsOtherControlsAsText) {
  EXPECT_EQ(github_annotation("error", "a\033.py", 1, "t", "m\033[2J"),
            "::error file=a\\x1b.py,line=1,title=t::m\\x1b[2J");
}

TEST(CheckoutPrefix, LeadsFromTheTopOfTheCheckout) {
  const TemporaryFolder folder;
  const auto top = folder.path() / "top";
  probe::write_file(top / "python/eng/__init__.py", "");
  EXPECT_EQ(checkout_prefix(top / "python"), "") << "no checkout";
  probe::write_file(top / ".git/HEAD", "");
  EXPECT_EQ(checkout_prefix(top / "python"), "python/");
  EXPECT_EQ(checkout_prefix(top / "python/eng"), "python/eng/");
  EXPECT_EQ(checkout_prefix(top), "");
}

}  // namespace
}  // namespace fusegate::tools
