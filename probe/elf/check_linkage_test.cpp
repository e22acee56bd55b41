#include <gtest/gtest.h>

#include "probe/elf/checks.hpp"
#include "probe/elf/testing/support.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

Linkage link(const fs::path& file) {
  LinkRules rules;
  rules.folders.defaults = default_library_folders();
  return link_modules({read_module(file, {}, {})}, rules).front();
}

TEST(CheckLinkage, FindsALibraryThatIsNotThere) {
  const auto findings = check_linkage("toy", link(test_module("chain/module_runpath.so")));
  ASSERT_EQ(kinds_of(findings), "library_not_found");
  EXPECT_EQ(findings.front().what,
            "it needs libend.so.1, which is in none of the folders where the loader looks");
  EXPECT_EQ(findings.front().evidence.front(),
            test_module("chain/middle/libmiddle.so.1").native() + " needs libend.so.1");
  EXPECT_EQ(kinds_of(check_linkage("toy", link(test_module("chain/module_rpath.so")))), "");
}

TEST(CheckLinkage, FindsAnUndefinedSymbol) {
  const auto findings = check_linkage("toy", link(test_module("module_unlinked.so")));
  ASSERT_EQ(kinds_of(findings), "undefined_symbol");
  EXPECT_EQ(findings.front().what, "it needs what none of its libraries has: _ZN2at6TensorD1Ev");
  EXPECT_EQ(kinds_of(check_linkage("toy", link(test_module("module_torch.so")))), "");
}

TEST(CheckLinkage, FindsASymbolOfAnotherVersion) {
  Linkage linkage;
  linkage.unresolved = {{"chain_end", "TOY_2", "/old/libend.so.1"}, {"other", "", ""}};
  const auto findings = check_linkage("toy", linkage);
  ASSERT_EQ(kinds_of(findings), "undefined_symbol");
  EXPECT_EQ(findings.front().what,
            "it needs what none of its libraries has: chain_end@TOY_2, which /old/libend.so.1 has, "
            "but not in this version; and 1 more");
  EXPECT_EQ(findings.front().evidence.size(), 2u);
}

class CheckRuntimes : public testing::Test {
 protected:
  std::vector<BinaryFinding> check(const fs::path& a, const fs::path& b) {
    const auto first = link(a);
    const auto second = link(b);
    return check_runtimes({{"a", &first}, {"b", &second}});
  }

  /// A copy of the module beside a copy of its runtime.
  fs::path bundle(const std::string& folder) {
    const auto to = folder_.path() / folder;
    fs::create_directories(to);
    fs::copy_file(test_module("hip/libamdhip64.so.6"), to / "libamdhip64.so.6");
    fs::copy_file(test_module("hip/module_hip6.so"), to / "module_hip6.so");
    return to / "module_hip6.so";
  }

  TemporaryFolder folder_;
};

TEST_F(CheckRuntimes, FindsTwoVersions) {
  const auto findings = check(test_module("hip/module_hip5.so"), test_module("hip/module_hip6.so"));
  ASSERT_EQ(kinds_of(findings), "two_hip_runtimes");
  EXPECT_EQ(findings.front().module, "a, b");
  EXPECT_EQ(findings.front().what,
            "modules of one process need different HIP runtimes, side by side");
  EXPECT_EQ(findings.front().evidence,
            (std::vector<std::string>{test_module("hip/libamdhip64.so.5").native() + ": a",
                                      test_module("hip/libamdhip64.so.6").native() + ": b"}));
}

TEST_F(CheckRuntimes, FindsTwoCopiesOfOneVersion) {
  const auto findings = check(bundle("wheel"), test_module("hip/module_hip6.so"));
  ASSERT_EQ(kinds_of(findings), "two_hip_runtimes");
  EXPECT_EQ(findings.front().what,
            "modules find different copies of the HIP runtime; the one that is loaded first serves "
            "all of them");
}

TEST_F(CheckRuntimes, IsContentWithOneUnderSeveralNames) {
  const auto module = bundle("wheel");
  fs::create_directory_symlink(module.parent_path(), folder_.path() / "link");
  EXPECT_EQ(kinds_of(check(module, folder_.path() / "link/module_hip6.so")), "");
  EXPECT_EQ(kinds_of(check(module, test_module("module_torch.so"))), "");
}

}  // namespace
}  // namespace fusegate::probe
