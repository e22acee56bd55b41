#include "probe/library/distributions.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"
#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

const std::string own_record = "toylib/__init__.py,sha256=x,1\ntoylib/core.py,,\n";

TEST(FindDistributions, ReadsNameAndVersionOfTheOwner) {
  const TemporaryFolder folder;
  write_dist_info(folder.path(), "toy_lib", "1.2+rocm7.2", own_record);
  const auto found = find_distributions(folder.path(), toy_contract(), false).distributions;
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "toy_lib");
  EXPECT_EQ(found[0].version, "1.2+rocm7.2");
  EXPECT_EQ(found[0].form, Distribution::Form::installed);
}

TEST(FindDistributions, LeavesOutOneThatDoesNotListThePackage) {
  const TemporaryFolder folder;
  write_dist_info(folder.path(), "toy_lib", "1.0", "toylib_extras/__init__.py,,\n");
  write_dist_info(folder.path(), "numpy", "2.0", "numpy/__init__.py,,\n");
  EXPECT_TRUE(find_distributions(folder.path(), toy_contract(), false).distributions.empty());
}

TEST(FindDistributions, FindsAnotherNameThatBringsThePackage) {
  const TemporaryFolder folder;
  write_dist_info(folder.path(), "a_fork", "9.0", "a.py,,\n" + own_record);
  write_dist_info(folder.path(), "old_toy", "0.1", own_record);
  const auto found = find_distributions(folder.path(), toy_contract(), false).distributions;
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "old_toy") << "a name that the contract knows comes first";
  EXPECT_EQ(found[1].name, "a_fork");
}

TEST(FindDistributions, ReadsWhereAnEditableOneLies) {
  const TemporaryFolder folder;
  write_dist_info(folder.path(), "toy_lib", "1.0", "__editable__.toy.pth,,\n");
  write_file(folder.path() / "toy_lib-1.0.dist-info/direct_url.json",
             R"({"url": "file:///home/me/my%20toy", "dir_info": {"editable": true}})");
  const auto found = find_distributions(folder.path(), toy_contract(), false).distributions;
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].form, Distribution::Form::editable);
  EXPECT_EQ(found[0].location, "/home/me/my toy");
}

TEST(FindDistributions, ReadsASourceRelease) {
  const TemporaryFolder folder;
  write_file(folder.path() / "PKG-INFO", "Name: toy-lib\r\nVersion: 0.9\r\n\r\nText\r\n");
  const auto found = find_distributions(folder.path(), toy_contract(), true).distributions;
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].version, "0.9");
  EXPECT_EQ(found[0].form, Distribution::Form::sources);
}

TEST(FindDistributions, ReadsAnEggInfoThatIsAFile) {
  const TemporaryFolder folder;
  write_file(folder.path() / "toy_lib-0.7.egg-info", "Name: toy-lib\nVersion: 0.7\n");
  const auto found = find_distributions(folder.path(), toy_contract(), false).distributions;
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].version, "0.7");
}

struct Hostile {
  const char* name;
  std::string metadata;
};

class HostileMetadata : public testing::TestWithParam<Hostile> {};

TEST_P(HostileMetadata, IsReportedNotTrusted) {
  const TemporaryFolder folder;
  write_file(folder.path() / "toy_lib-1.dist-info/METADATA", GetParam().metadata);
  write_file(folder.path() / "toy_lib-1.dist-info/RECORD", own_record);
  const auto list = find_distributions(folder.path(), toy_contract(), false);
  EXPECT_EQ(list.problems.size(), 1u);
  for (const auto& found : list.distributions) EXPECT_EQ(found.version, "");
  // Everything that is printed can be printed.
  EXPECT_NO_THROW(std::ignore = to_json(list.problems).dump());
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileMetadata,
    testing::Values(Hostile{"Escapes", "Name: toy\x1b[2J\nVersion: 1\n"},
                    Hostile{"LongVersion", "Name: toy-lib\nVersion: " + std::string(5000, '1')},
                    Hostile{"Path", "Name: ../../etc/passwd\nVersion: 1\n"},
                    Hostile{"Bytes", "Name: toy-lib\nVersion: 1\xff\xfe\n"},
                    Hostile{"Markup", "Name: toy-lib\nVersion: <script>\n"},
                    Hostile{"Huge", "Name: toy-lib\nVersion: 1\n" + std::string(5u << 20, 'x')},
                    Hostile{"Empty", ""}, Hostile{"BodyOnly", "\nName: toy-lib\nVersion: 1\n"}),
    [](const auto& test) { return test.param.name; });

TEST(FindDistributions, SurvivesADirectUrlThatIsNot) {
  for (const char* text : {"", "[]", "{\"url\": 1, \"dir_info\": {\"editable\": true}}",
                           "{\"dir_info\": []}", "{\"url\": \"file://%\", \"dir_info\": {}}"}) {
    const TemporaryFolder folder;
    write_dist_info(folder.path(), "toy_lib", "1.0", own_record);
    write_file(folder.path() / "toy_lib-1.0.dist-info/direct_url.json", text);
    const auto found = find_distributions(folder.path(), toy_contract(), false).distributions;
    ASSERT_EQ(found.size(), 1u) << text;
    EXPECT_EQ(found[0].form, Distribution::Form::installed) << text;
  }
}

TEST(FindDistributions, IsNotHeldUpByADevice) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "toy_lib-1.dist-info");
  fs::create_symlink("/dev/zero", folder.path() / "toy_lib-1.dist-info/METADATA");
  EXPECT_EQ(find_distributions(folder.path(), toy_contract(), false).problems.size(), 1u);
}

TEST(NormalisedName, FollowsThePackageIndex) {
  EXPECT_EQ(normalised_name("Amd__AITER.x"), "amd-aiter-x");
}

}  // namespace
}  // namespace fusegate::probe
