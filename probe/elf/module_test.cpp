#include "probe/elf/module.hpp"

#include <dlfcn.h>
#include <sys/stat.h>

#include <algorithm>
#include <exception>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/elf/testing/support.hpp"

namespace fusegate::probe {
namespace {

const ExportedSymbol* exported(const BinaryModule& module, std::string_view name) {
  const auto it = std::find_if(module.exported.begin(), module.exported.end(),
                               [&](const auto& symbol) { return symbol.name == name; });
  return it == module.exported.end() ? nullptr : &*it;
}

const UndefinedSymbol* undefined(const BinaryModule& module, std::string_view name) {
  const auto it = std::find_if(module.undefined.begin(), module.undefined.end(),
                               [&](const auto& symbol) { return symbol.name == name; });
  return it == module.undefined.end() ? nullptr : &*it;
}

TEST(Module, TellsWhatTheLoaderNeeds) {
  const auto module = read_test_module("module_torch.so");
  ASSERT_TRUE(module.readable) << to_json(module).dump(2);
  EXPECT_EQ(module.elf, header_of_this_machine());
  EXPECT_EQ(module.soname, "");
  EXPECT_EQ(module.needed.front(), "libtorch.so");
  EXPECT_EQ(module.runpath, std::vector<std::string>{"$ORIGIN/torch"});
  EXPECT_TRUE(module.rpath.empty());
  EXPECT_TRUE(module.problems.empty());
  struct stat status {};
  ASSERT_EQ(::stat(module.path.c_str(), &status), 0);
  EXPECT_EQ(module.modified.count(),
            status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec);
}

TEST(Module, TellsSymbols) {
  const auto module = read_test_module("module_torch.so");
  ASSERT_NE(exported(module, "PyInit_module_torch"), nullptr);
  EXPECT_EQ(exported(module, "PyInit_module_torch")->kind, ElfSymbolKind::function);
  ASSERT_NE(undefined(module, "_ZN2at6TensorD1Ev"), nullptr);
  EXPECT_FALSE(undefined(module, "_ZN2at6TensorD1Ev")->weak);
  ASSERT_NE(undefined(module, "optional_hook"), nullptr);
  EXPECT_TRUE(undefined(module, "optional_hook")->weak);
  EXPECT_EQ(read_test_module("module_develop.so").exported.size(),
            std::size_t(4));  // PyInit_module_develop, norm, set_stream, names
}

TEST(Module, TellsVersionsOfSymbols) {
  const auto library = read_test_module("chain/end/libend.so.1");
  EXPECT_EQ(library.soname, "libend.so.1");
  EXPECT_EQ(library.exported,
            (std::vector<ExportedSymbol>{{"chain_end", "TOY_2", ElfSymbolKind::function}}));
  const auto module = read_test_module("chain/module_versioned.so");
  ASSERT_NE(undefined(module, "chain_end"), nullptr);
  EXPECT_EQ(*undefined(module, "chain_end"),
            (UndefinedSymbol{"chain_end", "TOY_2", "libend.so.1", false}));
}

TEST(Module, KeepsApartRpathAndRunpath) {
  const auto module = read_test_module("chain/module_rpath.so");
  EXPECT_EQ(module.rpath, (std::vector<std::string>{"$ORIGIN/middle", "$ORIGIN/end"}));
  EXPECT_TRUE(module.runpath.empty());
}

TEST(Module, ReadsALibraryOfTheSystem) {
  // The largest one that is surely there: this program's own C++ library.
  Dl_info info{};
  ASSERT_NE(::dladdr(reinterpret_cast<void*>(&std::terminate), &info), 0);
  const auto module = read_module(info.dli_fname, {}, {"basic_string::append", "no such string"});
  ASSERT_TRUE(module.readable) << to_json(module).dump(2);
  EXPECT_EQ(module.soname, "libstdc++.so.6");
  EXPECT_GT(module.exported.size(), 4000u);
  ASSERT_NE(exported(module, "_ZSt9terminatev"), nullptr);
  EXPECT_EQ(exported(module, "_ZSt9terminatev")->version, "GLIBCXX_3.4");
  EXPECT_EQ(exported(module, "GLIBCXX_3.4"), nullptr);
  EXPECT_EQ(module.build_id.size() % 2, 0u);
  EXPECT_GE(module.build_id.size(), 16u);
  EXPECT_EQ(module.strings.at("basic_string::append"), StringPlace::whole);
  EXPECT_EQ(module.strings.at("no such string"), StringPlace::absent);
}

TEST(Module, IsWrittenAsJson) {
  const auto json = to_json(read_test_module("module_ctypes_v2.so"));
  EXPECT_EQ(json["elf"]["type"], "shared library");
  EXPECT_EQ(json["elf"]["byte_order"], "little");
  EXPECT_EQ(json["soname"], nullptr);
  EXPECT_EQ(json["binding"]["kind"], "ctypes_v2");
  EXPECT_EQ(json["binding"]["reason"], nullptr);
  EXPECT_EQ(json["gpu_targets"], nlohmann::ordered_json::array());
  EXPECT_EQ(json["gpu_targets_complete"], true);
  EXPECT_EQ(json["exported_symbols"], 4);
  EXPECT_EQ(json["problems"], nlohmann::ordered_json::array());
}

}  // namespace
}  // namespace fusegate::probe
