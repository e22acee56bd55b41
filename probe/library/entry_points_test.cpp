#include "probe/library/entry_points.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

/// A function without parameters.
Function function(const std::string& name, const std::string& decorator = "") {
  Function made{name, 0, {}, {}, {}, false};
  if (!decorator.empty()) made.decorators.push_back({decorator, false, {}, {}});
  return made;
}

/// Statements of one file, as they are written.
class File {
 public:
  explicit File(std::string name) : module_{module_of(name), std::move(name), nullptr} {}

  template <class What>
  File& has(int line, What what, const Conditions& conditions = {}) {
    facts_.conditions.push_back(conditions);
    const int under = static_cast<int>(facts_.conditions.size()) - 1;
    facts_.body.push_back({line, under, std::move(what)});
    return *this;
  }

  [[nodiscard]] Module module() const {
    return {module_.name, module_.file, std::make_shared<ModuleFacts>(facts_)};
  }

 private:
  Module module_;
  ModuleFacts facts_;
};

std::vector<EntryPoint> entry_points_in(const std::vector<File>& files) {
  std::vector<Module> modules;
  for (const auto& file : files) modules.push_back(file.module());
  Surface surface("toylib", std::move(modules), {});
  return find_entry_points(toy_contract(), surface);
}

std::vector<std::string> places_in(const std::vector<File>& files) {
  std::vector<std::string> places;
  for (const auto& found : entry_points_in(files)) {
    places.push_back(fmt::format("{}:{}", found.file, found.line));
  }
  return places;
}

using Places = std::vector<std::string>;

TEST(FindEntryPoints, SaysWhereEachIsDefinedAndWhatItMeans) {
  Class group{"Group", 9, {}, {}, {{7, 0, function("add_norm")}}};
  const auto found = entry_points_in(
      {File("toylib/dist/ar.py").has(5, group),
       File("toylib/__init__.py").has(3, function("norm"), {{"if", "A"}, {"else", "B"}})});
  ASSERT_EQ(found.size(), 2u);
  const char* expected = R"json({"name":"norm","op":"rms_norm","defined_in":"toylib",)json"
                         R"json("kind":"function","file":"toylib/__init__.py","line":3,)json"
                         R"json("signature":"()","condition":"if A, else of B"})json";
  EXPECT_EQ(to_json(found[0]).dump(), expected);
  EXPECT_EQ(found[1].op, "add_rms_norm");
  EXPECT_EQ(found[1].defined_in, "toylib.dist.ar");
  EXPECT_EQ(found[1].kind, "method");
  EXPECT_EQ(found[1].line, 7);
  EXPECT_EQ(to_json(found[1])["condition"], nullptr);
}

TEST(FindEntryPoints, KeepsTheDefinitionThatRunsLast) {
  EXPECT_EQ(places_in({File("toylib/a.py").has(1, function("norm")).has(5, function("norm"))}),
            Places{"toylib/a.py:5"});
}

TEST(FindEntryPoints, KeepsEachConditionalDefinition) {
  EXPECT_EQ(places_in({File("toylib/a.py")
                           .has(1, function("norm"), {{"if", "A"}})
                           .has(5, function("norm"), {{"else", "A"}})}),
            (Places{"toylib/a.py:1", "toylib/a.py:5"}));
}

TEST(FindEntryPoints, LeavesOutOverloads) {
  EXPECT_EQ(places_in({File("toylib/a.py")
                           .has(1, function("norm", "overload"))
                           .has(2, function("norm", "typing.overload"))
                           .has(5, function("norm", "jit"), {{"try", ""}})}),
            Places{"toylib/a.py:5"});
}

TEST(FindEntryPoints, KeepsModulesApart) {
  EXPECT_EQ(places_in({File("toylib/b.py").has(1, function("norm")),
                       File("toylib/a.py").has(2, function("norm"))}),
            (Places{"toylib/a.py:2", "toylib/b.py:1"}));
}

TEST(FindEntryPoints, LeavesOutWhatAModuleOnlyImports) {
  EXPECT_EQ(places_in({File("toylib/a.py").has(1, function("norm")),
                       File("toylib/b.py").has(1, ImportFrom{1, "a", {{"norm", ""}}})}),
            Places{"toylib/a.py:1"});
}

TEST(FindEntryPoints, LeavesOutWhatIsNoFunction) {
  Value value;
  value.kind = Value::Kind::literal;
  EXPECT_EQ(places_in({File("toylib/a.py").has(1, Assignment{{"norm"}, {}, value}),
                       File("toylib/b.py").has(1, Class{"norm", 2, {}, {}, {}})}),
            Places{});
}

TEST(FindEntryPoints, FollowsAnotherNameOfAFunctionInItsModule) {
  Value alias;
  alias.kind = Value::Kind::name;
  alias.text = "_norm";
  EXPECT_EQ(
      places_in(
          {File("toylib/a.py").has(1, function("_norm")).has(4, Assignment{{"norm"}, {}, alias})}),
      Places{"toylib/a.py:1"});
}

TEST(FindEntryPoints, LeavesOutFoldersThatTheContractRulesOut) {
  EXPECT_EQ(places_in({File("toylib/reference/a.py").has(1, function("norm")),
                       File("toylib/reference_free.py").has(2, function("norm"))}),
            Places{"toylib/reference_free.py:2"});
}

TEST(TrackedNames, AreTheContractsInItsOrder) {
  EXPECT_EQ(tracked_names(toy_contract()), (std::vector<std::string>{"norm", "Group.add_norm"}));
}

}  // namespace
}  // namespace fusegate::probe
