#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/test_files.hpp"
#include "probe/surface/load.hpp"

namespace fusegate::probe {

/// The files of a made-up library: text by name.
using Files = std::map<std::string, std::string>;

/// Those of a library whose package is called p.
inline SurfaceRules toy_rules() {
  SurfaceRules rules;
  rules.package = "p";
  rules.bindings = {{"compile_ops", "fc_name", "ffi_type", "pybind", "develop"}};
  rules.import_hooks = {{"p.old", "_MOVED"}};
  rules.native_enums = {{"p.enum.Kind", "Kind", {"csrc/kind.h", "meta/kind.h"}}};
  return rules;
}

/// "function p.a.f:3 [if A]", "missing: p.a does not define g".
inline std::string text_of(const Meaning& meaning) {
  constexpr std::array kinds{"function", "class",    "value",   "module",
                             "foreign",  "computed", "missing", "attribute"};
  std::string text = kinds[static_cast<std::size_t>(meaning.kind)];
  if (meaning.is_definition()) {
    text += fmt::format(" {}.{}:{}", meaning.module->name, meaning.name, meaning.statement->line);
  } else {
    text += meaning.reason.empty() ? " " + meaning.name : ": " + meaning.reason;
  }
  if (!meaning.conditions.empty()) text += " [" + condition_text(meaning.conditions) + "]";
  return text;
}

/// The meanings, separated by " | "; "nothing" where there is none.
inline std::string text_of(const std::vector<Meaning>& meanings) {
  std::vector<std::string> texts;
  for (const auto& meaning : meanings) texts.push_back(text_of(meaning));
  return texts.empty() ? "nothing" : join(texts, " | ");
}

/// A made-up library, read as a real one is: parsed by the script, from a folder.
class TestPackage {
 public:
  explicit TestPackage(const Files& files, const SurfaceRules& rules = toy_rules())
      : store_(test_python(), FactsCache("", "")) {
    for (const auto& [name, text] : files) write_file(folder_.path() / name, text);
    tree_ = open_folder(folder_.path(), rules.package, rules.ignored);
    loaded_.emplace(load_surface(*tree_, store_, rules));
  }

  /// One of a single file.
  explicit TestPackage(const std::string& init) : TestPackage(Files{{"p/__init__.py", init}}) {}

  [[nodiscard]] LoadedSurface& loaded() { return *loaded_; }
  [[nodiscard]] Surface& surface() { return loaded_->surface; }
  [[nodiscard]] SourceTree& tree() { return *tree_; }
  [[nodiscard]] FactsStore& store() { return store_; }

  /// What a dotted name means.
  [[nodiscard]] std::string operator[](const std::string& dotted) {
    return text_of(surface().lookup(dotted));
  }
  /// What a module's own statements bind.
  [[nodiscard]] const Names& names_of(const std::string& module) {
    static const Names none;
    const Module* found = surface().find_module(module);
    if (found == nullptr) ADD_FAILURE() << "there is no module " << module;
    return found == nullptr ? none : surface().names_of(*found);
  }

 private:
  TemporaryFolder folder_;
  FactsStore store_;
  std::unique_ptr<SourceTree> tree_;
  std::optional<LoadedSurface> loaded_;
};

/// Tests that read such a library.
class PackageTest : public testing::Test {
 protected:
  void SetUp() override { FUSEGATE_NEEDS_PYTHON(); }
};

/// What each of some names means, so that a failure names the name.
inline void expect_meanings(TestPackage& package, const Files& expected) {
  for (const auto& [name, meaning] : expected) EXPECT_EQ(package[name], meaning) << name;
}

}  // namespace fusegate::probe
