#include "probe/library/locate.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/library/test_files.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

const std::vector<LibraryContract> contracts{toy_contract()};

LibraryLocation locate(const fs::path& path) {
  return locate_library({"", path}, contracts, "/nonexistent/python");
}

/// What a UsageError or CannotRun says.
template <class Error>
std::string refusal(const LibraryRequest& request, const std::string& python = "/nonexistent/py") {
  return message_of<Error>([&] { std::ignore = locate_library(request, contracts, python); });
}

class Locate : public testing::Test {
 protected:
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }

  /// A Python for which nothing is on the search path but what it always has and `path`.
  [[nodiscard]] std::string python_with(const fs::path& path) const {
    const auto script = root() / "python";
    write_file(script, "#!/bin/sh\nPYTHONPATH='" + path.native() + "' PYTHONNOUSERSITE=1 exec " +
                           test_python() + " \"$@\"\n");
    fs::permissions(script, fs::perms::owner_all);
    return script.native();
  }

  TemporaryFolder folder_;
};

TEST_F(Locate, FindsACheckout) {
  write_toy_package(root());
  write_file(root() / "setup.py", "");
  const auto found = locate(root());
  EXPECT_EQ(found.name, "toy");
  EXPECT_EQ(found.root, root());
  EXPECT_EQ(found.kind, LibraryKind::checkout);
}

TEST_F(Locate, FindsTheRootOfThePackageFolder) {
  write_toy_package(root());
  EXPECT_EQ(locate(root() / "toylib/").root, root());
  EXPECT_EQ(locate(root() / "toylib/../toylib").root, root());
}

TEST_F(Locate, KnowsASitePackagesByName) {
  write_toy_package(root() / "site-packages");
  write_file(root() / "site-packages/setup.py", "");
  EXPECT_EQ(locate(root() / "site-packages").kind, LibraryKind::site_packages);
}

TEST_F(Locate, KnowsASitePackagesByWhoInstalledIt) {
  write_toy_package(root());
  write_dist_info(root(), "toy_lib", "1.0", "");
  write_file(root() / "toy_lib-1.0.dist-info/INSTALLER", "pip\n");
  EXPECT_EQ(locate(root()).kind, LibraryKind::site_packages);
}

TEST_F(Locate, FindsAnUnpackedWheel) {
  write_toy_package(root());
  write_dist_info(root(), "toy_lib", "1.0", "");
  EXPECT_EQ(locate(root()).kind, LibraryKind::unpacked_wheel);
}

TEST_F(Locate, KeepsTheNeighboursOfALinkedPackage) {
  write_toy_package(root() / "sources");
  fs::create_directory(root() / "site-packages");
  fs::create_directory_symlink(root() / "sources/toylib", root() / "site-packages/toylib");
  EXPECT_EQ(locate(root() / "site-packages/toylib").root, root() / "site-packages");
}

TEST_F(Locate, TellsToUnpackAWheel) {
  write_file(root() / "toy_lib-1.0-py3-none-any.whl", "PK");
  const auto text = refusal<UsageError>({"", root() / "toy_lib-1.0-py3-none-any.whl"});
  expect_contains(text, "unzip");
}

TEST_F(Locate, NamesTheNeighbourOfAMistypedPath) {
  write_toy_package(root() / "toy-1.0");
  const auto text = refusal<UsageError>({"", root() / "toy-1.1"});
  expect_contains(text, "did you mean 'toy-1.0'?");
}

TEST_F(Locate, SaysWhatItLookedForAndWhereOneIs) {
  write_toy_package(root() / "venv/lib/python3.11/site-packages");
  const auto text = refusal<UsageError>({"", root() / "venv"});
  expect_contains(text, "toylib/__init__.py");
  expect_contains(text, "did you mean " + root().native() + "/venv/lib/python3.11/site-packages?");
}

TEST_F(Locate, SaysWhatToGiveWhereNothingIsNear) {
  fs::create_directory(root() / "empty");
  expect_contains(refusal<UsageError>({"", root() / "empty"}),
                  "; give the folder that holds the package (a checkout, an unpacked wheel or a "
                  "site-packages folder)");
}

TEST_F(Locate, FindsTheCheckoutAboveAFolder) {
  write_toy_package(root());
  fs::create_directories(root() / "tests/ops");
  const auto text = refusal<UsageError>({"", root() / "tests/ops"});
  expect_contains(text, "did you mean " + root().native() + "?");
}

TEST_F(Locate, RefusesAnotherPackageOfThatName) {
  write_file(root() / "toylib/__init__.py", "");
  const auto text = refusal<UsageError>({"toy", root()});
  expect_contains(text, "another package of that name");
}

TEST_F(Locate, RefusesTheRemainsOfAnUninstalledPackage) {
  write_file(root() / "toylib/core.py", "");
  const auto text = refusal<UsageError>({"toy", root()});
  expect_contains(text, "uninstalled");
}

TEST_F(Locate, SaysWhereAnEditableInstallationHasItsSources) {
  write_dist_info(root(), "toy_lib", "1.0", "x.pth,,\n");
  write_file(root() / "toy_lib-1.0.dist-info/direct_url.json",
             R"({"url": "file:///home/me/toy", "dir_info": {"editable": true}})");
  const auto text = refusal<UsageError>({"", root()});
  expect_contains(text, "give /home/me/toy");
}

TEST_F(Locate, AsksWhichOfSeveralLibraries) {
  write_toy_package(root());
  auto other = toy_contract();
  other.name = other.import_name = "toytwo";
  write_file(root() / "toytwo/__init__.py", "");
  write_file(root() / "toytwo/core.py", "");
  const auto text = message_of<UsageError>([&] {
    std::ignore = locate_library({"", root()}, {toy_contract(), other}, "");
  });
  expect_contains(text, "--library toytwo=");
}

TEST_F(Locate, AsksTheInterpreterWithoutImportingThePackage) {
  FUSEGATE_NEEDS_PYTHON();
  write_toy_package(root() / "env");
  write_file(root() / "env/toylib/__init__.py", "raise SystemExit('imported')\n");
  const auto found = locate_library({"toy", ""}, contracts, python_with(root() / "env"));
  EXPECT_EQ(found.root, root() / "env");
  EXPECT_FALSE(found.search_path.empty());
}

TEST_F(Locate, FollowsAnEditableInstallation) {
  FUSEGATE_NEEDS_PYTHON();
  const auto environment = root() / "venv";
  const auto made =
      run_command({{test_python(), "-m", "venv", "--without-pip", environment.native()}, {}, {}},
                  "", std::chrono::seconds(60));
  if (!made.status || !made.status->ok()) GTEST_SKIP() << "no venv module: " << made.errors;
  const auto site = entries_of(environment / "lib").at(0) / "site-packages";
  write_toy_package(root() / "sources");
  write_file(site / "__editable__.toy.pth", "import __editable___toy_finder\n");
  write_file(site / "__editable___toy_finder.py",
             "MAPPING = {'toylib': '" + (root() / "sources/toylib").native() + "'}\n");
  const auto found = locate_library({"toy", ""}, contracts, environment / "bin/python3");
  EXPECT_EQ(found.root, root() / "sources");
}

TEST_F(Locate, TakesNoModuleOfTheLibrarysFolderForOneOfPythons) {
  FUSEGATE_NEEDS_PYTHON();
  write_toy_package(root() / "env");
  for (const char* name : {"json", "site", "importlib", "os"}) {
    write_file(root() / "env" / (std::string(name) + ".py"), "raise SystemExit('imported')\n");
  }
  EXPECT_EQ(locate_library({"toy", ""}, contracts, python_with(root() / "env")).root,
            root() / "env");
}

TEST_F(Locate, SaysWhereTheInterpreterLooked) {
  FUSEGATE_NEEDS_PYTHON();
  write_file(root() / "env/other.py", "");
  const auto text = refusal<CannotRun>({"toy", ""}, python_with(root() / "env"));
  expect_contains(text, "no package 'toylib'");
  expect_contains(text, (root() / "env").native());
  expect_contains(text, "--python PATH");
}

TEST_F(Locate, SaysThatAnInstallationIsIncomplete) {
  FUSEGATE_NEEDS_PYTHON();
  write_dist_info(root() / "env", "toy_lib", "1.0", "toylib/__init__.py,,\n");
  const auto text = refusal<CannotRun>({"toy", ""}, python_with(root() / "env"));
  expect_contains(text, "reinstall");
}

TEST_F(Locate, SaysHowToMendAMissingInterpreter) {
  const auto text = refusal<CannotRun>({"toy", ""});
  expect_contains(text, "cannot be started");
  expect_contains(text, "--python PATH");
}

TEST_F(Locate, SaysHowAnInterpreterFailed) {
  write_file(root() / "python", "#!/bin/sh\necho command not found >&2\nexit 127\n");
  fs::permissions(root() / "python", fs::perms::owner_all);
  const auto text = refusal<CannotRun>({"toy", ""}, root() / "python");
  expect_contains(text, "exited with status 127: command not found");
}

TEST(LibraryArgument, SplitsNameAndPath) {
  const auto both = parse_library_argument("toy=/opt/a=b", contracts);
  EXPECT_EQ(both.name, "toy");
  EXPECT_EQ(both.path, "/opt/a=b");
  const auto path = parse_library_argument("/opt/toy=x/y", contracts);
  EXPECT_EQ(path.name, "");
  EXPECT_EQ(path.path, "/opt/toy=x/y");
}

TEST(LibraryArgument, TakesAWordForTheNameOrTheDistribution) {
  EXPECT_EQ(parse_library_argument("toy", contracts).name, "toy");
  EXPECT_EQ(parse_library_argument("Toy_Lib", contracts).name, "toy");
  EXPECT_TRUE(parse_library_argument("toy", contracts).path.empty());
}

TEST(LibraryArgument, NamesTheNearest) {
  for (const char* argument : {"tyo", "tyo=/opt"}) {
    SCOPED_TRACE(argument);
    expect_contains(
        message_of<UsageError>([&] { std::ignore = parse_library_argument(argument, contracts); }),
        "did you mean 'toy'?");
  }
}

TEST(LibraryArgument, RefusesAnEmptyOne) {
  EXPECT_THROW(std::ignore = parse_library_argument("", contracts), UsageError);
}

}  // namespace
}  // namespace fusegate::probe
