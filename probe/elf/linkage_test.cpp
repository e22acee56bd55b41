#include "probe/elf/linkage.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/elf/testing/support.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

LinkRules system_rules() {
  LinkRules rules;
  rules.folders.defaults = default_library_folders();
  return rules;
}

Linkage link(const fs::path& file, const LinkRules& rules = system_rules()) {
  return link_modules({read_module(file, toy_markers(), {})}, rules).front();
}

/// Where the library of that name is; empty: it is not in the linkage, or has no path.
fs::path place_of(const Linkage& linkage, std::string_view name) {
  for (const auto& library : linkage.libraries) {
    if (library.name == name) return library.path;
  }
  return {};
}

TEST(Linkage, OfASoundModuleIsComplete) {
  const auto linkage = link(test_module("module_torch.so"));
  EXPECT_TRUE(linkage.complete) << to_json(linkage).dump(2);
  EXPECT_TRUE(linkage.unresolved.empty()) << to_json(linkage).dump(2);
  EXPECT_EQ(place_of(linkage, "libtorch.so"), test_module("torch/libtorch.so"));
  EXPECT_FALSE(place_of(linkage, "libc.so.6").empty());
}

TEST(Linkage, OfThisProgramIsComplete) {
  const auto linkage = link("/proc/self/exe");
  EXPECT_TRUE(linkage.complete) << to_json(linkage).dump(2);
  EXPECT_TRUE(linkage.unresolved.empty()) << to_json(linkage).dump(2);
}

TEST(Linkage, MissesSymbolsThatNobodyHas) {
  const auto linkage = link(test_module("module_unlinked.so"));
  EXPECT_TRUE(linkage.complete);
  ASSERT_EQ(linkage.unresolved.size(), 1u);
  EXPECT_EQ(linkage.unresolved.front().name, "_ZN2at6TensorD1Ev");
}

TEST(Linkage, LeavesToTheInterpreterWhatIsItsOwn) {
  auto rules = system_rules();
  rules.provided = {"_ZN2at"};
  const auto linkage = link(test_module("module_unlinked.so"), rules);
  ASSERT_EQ(linkage.unresolved.size(), 1u);
  EXPECT_EQ(linkage.unresolved.front().name, "PyModule_Create2");
}

TEST(Linkage, HandsRpathDownButNotRunpath) {
  const auto by_rpath = link(test_module("chain/module_rpath.so"));
  EXPECT_TRUE(by_rpath.complete);
  EXPECT_EQ(place_of(by_rpath, "libend.so.1"), test_module("chain/end/libend.so.1"));
  const auto by_runpath = link(test_module("chain/module_runpath.so"));
  EXPECT_FALSE(by_runpath.complete);
  EXPECT_EQ(place_of(by_runpath, "libmiddle.so.1"), test_module("chain/middle/libmiddle.so.1"));
  EXPECT_EQ(place_of(by_runpath, "libend.so.1"), "");
  EXPECT_TRUE(by_runpath.unresolved.empty());
  const auto it = std::find_if(by_runpath.libraries.begin(), by_runpath.libraries.end(),
                               [](const auto& library) { return library.name == "libend.so.1"; });
  EXPECT_EQ(it->trouble, "is not there");
  EXPECT_EQ(it->needed_by, test_module("chain/middle/libmiddle.so.1"));
}

TEST(Linkage, LooksInFoldersInTheLoadersOrder) {
  const auto end = test_module("chain/end");
  const auto old = test_module("chain/old_end");
  auto rules = system_rules();
  const auto found = [&] {
    return place_of(link(test_module("chain/module_rpath.so"), rules), "libend.so.1").parent_path();
  };
  rules.folders.search = {old};
  EXPECT_EQ(found(), end);  // DT_RPATH goes before LD_LIBRARY_PATH
  rules.folders.loaded = {old};
  EXPECT_EQ(found(), old);
  rules = system_rules();
  const auto found_by_runpath = [&] {
    return place_of(link(test_module("chain/module_runpath.so"), rules), "libend.so.1")
        .parent_path();
  };
  rules.folders.defaults.push_back(old);
  EXPECT_EQ(found_by_runpath(), old);
  rules.folders.search = {end};
  EXPECT_EQ(found_by_runpath(), end);
}

TEST(Linkage, TellsALibraryOfAnotherVersion) {
  auto rules = system_rules();
  rules.folders.search = {test_module("chain/end")};
  EXPECT_TRUE(link(test_module("chain/module_versioned.so"), rules).unresolved.empty());
  rules.folders.search = {test_module("chain/old_end")};
  const auto linkage = link(test_module("chain/module_versioned.so"), rules);
  EXPECT_TRUE(linkage.complete);
  ASSERT_EQ(linkage.unresolved.size(), 1u);
  EXPECT_EQ(linkage.unresolved.front().name, "chain_end");
  EXPECT_EQ(linkage.unresolved.front().version, "TOY_2");
  EXPECT_EQ(linkage.unresolved.front().library, test_module("chain/old_end/libend.so.1"));
}

TEST(Linkage, PassesOverFilesForOtherMachinesButNotBrokenOnes) {
  TemporaryFolder folder;
  Bytes foreign(test_module("chain/end/libend.so.1"));
  foreign.put<std::uint16_t>(18, 8).write(folder.path() / "foreign/libend.so.1");
  Bytes(test_module("chain/end/libend.so.1")).cut(3).write(folder.path() / "cut/libend.so.1");
  auto rules = system_rules();
  rules.folders.search = {folder.path() / "foreign", test_module("chain/end")};
  EXPECT_TRUE(link(test_module("chain/module_versioned.so"), rules).complete);
  rules.folders.search = {folder.path() / "cut", test_module("chain/end")};
  const auto linkage = link(test_module("chain/module_versioned.so"), rules);
  EXPECT_FALSE(linkage.complete);
  EXPECT_EQ(linkage.libraries.front().path, folder.path() / "cut/libend.so.1");
  EXPECT_EQ(linkage.libraries.front().trouble, "is not an ELF file");
}

TEST(Linkage, IsNotMadeForWhatCannotBeLoaded) {
  TemporaryFolder folder;
  Bytes foreign(test_module("chain/module_rpath.so"));
  const auto linkage = link(foreign.put<std::uint16_t>(18, 183).write(folder.path() / "module.so"));
  EXPECT_TRUE(linkage.libraries.empty());
  EXPECT_FALSE(linkage.complete);
}

}  // namespace
}  // namespace fusegate::probe
