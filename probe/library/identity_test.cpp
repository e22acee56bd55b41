#include "probe/library/identity.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

const std::string own_record = "toylib/__init__.py,,\n";

class Identity : public testing::Test {
 protected:
  void SetUp() override { write_toy_package(root()); }

  [[nodiscard]] const fs::path& root() const { return folder_.path(); }

  [[nodiscard]] LibraryIdentity identify(LibraryKind kind) const {
    return identify_library({"toy", root(), kind, search_path_}, toy_contract());
  }

  void tag(const std::string& name) const {
    const std::string script =
        "cd \"$1\" && git init -q && git add . && git -c user.name=a "
        "-c user.email=a@b commit -qm x && git tag \"$2\"";
    const auto result = run_command({{"sh", "-c", script, "sh", root().native(), name}, {}, {}}, "",
                                    std::chrono::seconds(20));
    ASSERT_TRUE(result.status && result.status->ok()) << result.errors;
  }

  TemporaryFolder folder_;
  std::vector<fs::path> search_path_;
};

TEST_F(Identity, TrustsTheMetadataOfTheOwnerFirst) {
  write_dist_info(root(), "toy_lib", "1.2", own_record);
  write_file(root() / "toylib/_version.py", "__version__ = '1.2'\n");
  const auto found = identify(LibraryKind::site_packages);
  EXPECT_EQ(found.distribution, "toy_lib");
  EXPECT_EQ(found.version, "1.2");
  EXPECT_EQ(found.version_source, "toy_lib-1.2.dist-info/METADATA");
  EXPECT_TRUE(found.problems.empty());
}

TEST_F(Identity, ReportsAVersionFileThatContradictsTheMetadata) {
  write_dist_info(root(), "toy_lib", "1.2", own_record);
  write_file(root() / "toylib/_version.py", "__version__ = '1.1'\n");
  const auto found = identify(LibraryKind::site_packages);
  EXPECT_EQ(found.version, "1.2");
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_EQ(found.problems[0].where, "toylib/_version.py");
}

TEST_F(Identity, ReportsTwoDistributionsOfThePackage) {
  write_dist_info(root(), "old_toy", "0.1", own_record);
  write_dist_info(root(), "toy_lib", "1.2", own_record);
  const auto found = identify(LibraryKind::site_packages);
  EXPECT_EQ(found.distributions.size(), 2u);
  EXPECT_EQ(found.version, "1.2") << "the present name is the more likely one";
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_NE(found.problems[0].what.find("old_toy 0.1"), std::string::npos);
  EXPECT_FALSE(found.problems[0].fix.empty());
}

TEST_F(Identity, ReadsAVersionFileAsText) {
  write_file(root() / "toylib/_version.py",
             "raise SystemExit('executed')\n"
             "__version_tuple__ = (1, 2)\n__version__: str = version = \"1.2.dev3\"\n");
  const auto found = identify(LibraryKind::checkout);
  EXPECT_EQ(found.version, "1.2.dev3");
  EXPECT_EQ(found.version_source, "toylib/_version.py");
}

TEST_F(Identity, IgnoresAVersionThatIsNone) {
  write_file(root() / "toylib/_version.py", "__version__ = '\x1b[2J'\n");
  const auto found = identify(LibraryKind::checkout);
  EXPECT_EQ(found.version, "");
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_NE(found.problems[0].what.find("toylib/_version.py"), std::string::npos)
      << "it says where it looked";
}

TEST_F(Identity, TrustsGitMoreThanWhatABuildLeftBehind) {
  if (!runs("git")) GTEST_SKIP() << "no git on PATH";
  tag("v2.0");
  write_file(root() / "toylib/_version.py", "__version__ = '1.9'\n");
  const auto found = identify(LibraryKind::checkout);
  EXPECT_EQ(found.version, "2.0");
  EXPECT_EQ(found.version_source, "git describe --tags --always --dirty");
  EXPECT_EQ(found.revision.size(), 40u);
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_NE(found.problems[0].fix.find("build again"), std::string::npos);
}

TEST_F(Identity, UsesABareCommitOnlyWhereNothingElseIsKnown) {
  if (!runs("git")) GTEST_SKIP() << "no git on PATH";
  tag("no-version");
  const auto bare = identify(LibraryKind::checkout);
  EXPECT_TRUE(!bare.version.empty() && bare.revision.starts_with(bare.version)) << bare.version;
  EXPECT_EQ(bare.problems.size(), 1u);
  write_file(root() / "toylib/_version.py", "__version__ = '1.9'\n");
  EXPECT_EQ(identify(LibraryKind::checkout).version, "1.9");
}

TEST_F(Identity, DoesNotAskTheRepositoryThatASitePackagesLiesIn) {
  if (!runs("git")) GTEST_SKIP() << "no git on PATH";
  tag("v2.0");
  EXPECT_EQ(identify(LibraryKind::site_packages).version, "");
}

TEST_F(Identity, NamesTheDistributionOfACheckout) {
  write_file(root() / "setup.py", "import os\nPACKAGE_NAMES = 'x'\nPACKAGE_NAME = \"toy-lib\"\n");
  EXPECT_EQ(identify(LibraryKind::checkout).distribution, "toy-lib");
}

TEST_F(Identity, FindsTheMetadataOfAnEditableInstallation) {
  const TemporaryFolder environment;
  search_path_ = {environment.path()};
  write_dist_info(environment.path(), "toy_lib", "1.5", "__editable__.toy.pth,,\n");
  write_file(environment.path() / "toy_lib-1.5.dist-info/direct_url.json",
             "{\"url\": \"file://" + root().native() + "\", \"dir_info\": {\"editable\": true}}");
  const auto found = identify(LibraryKind::checkout);
  EXPECT_EQ(found.distribution, "toy_lib");
  EXPECT_EQ(found.version, "1.5");
  EXPECT_TRUE(found.problems.empty());
}

TEST_F(Identity, ReportsAnInstallationThatIsShadowed) {
  const TemporaryFolder environment;
  search_path_ = {environment.path()};
  write_dist_info(environment.path(), "toy_lib", "1.5", own_record);
  write_file(root() / "toylib/_version.py", "__version__ = '1.9'\n");
  const auto found = identify(LibraryKind::checkout);
  EXPECT_EQ(found.version, "1.9");
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_NE(found.problems[0].what.find("toy_lib 1.5 is installed too"), std::string::npos);
}

}  // namespace
}  // namespace fusegate::probe
