#include "probe/library/entry_points.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

Definition definition(const std::string& file, const std::string& name, int line,
                      std::vector<Condition> conditions = {},
                      std::vector<std::string> decorators = {}) {
  Definition made;
  made.file = file;
  made.qualified_name = name;
  made.kind = "function";
  made.line = line;
  made.signature = "()";
  made.conditions = std::move(conditions);
  made.decorators = std::move(decorators);
  return made;
}

std::vector<int> lines_of(const std::vector<Definition>& definitions) {
  std::vector<int> lines;
  for (const auto& found : find_entry_points(toy_contract(), definitions)) {
    lines.push_back(found.line);
  }
  return lines;
}

TEST(FindEntryPoints, SaysWhereEachIsDefinedAndWhatItMeans) {
  const auto found = find_entry_points(
      toy_contract(), {definition("toylib/dist/ar.py", "Group.add_norm", 7),
                       definition("toylib/__init__.py", "norm", 3, {{"if", "A"}, {"else", "B"}})});
  ASSERT_EQ(found.size(), 2u);
  const char* expected = R"json({"name":"norm","op":"rms_norm","defined_in":"toylib",)json"
                         R"json("kind":"function","file":"toylib/__init__.py","line":3,)json"
                         R"json("signature":"()","condition":"if A, else of B"})json";
  EXPECT_EQ(to_json(found[0]).dump(), expected);
  EXPECT_EQ(found[1].op, "add_rms_norm");
  EXPECT_EQ(found[1].defined_in, "toylib.dist.ar");
  EXPECT_EQ(to_json(found[1])["condition"], nullptr);
}

TEST(FindEntryPoints, KeepsTheDefinitionThatRunsLast) {
  EXPECT_EQ(lines_of({definition("toylib/a.py", "norm", 1), definition("toylib/a.py", "norm", 5)}),
            std::vector<int>{5});
}

TEST(FindEntryPoints, KeepsEachConditionalDefinition) {
  EXPECT_EQ(lines_of({definition("toylib/a.py", "norm", 1, {{"if", "A"}}),
                      definition("toylib/a.py", "norm", 5, {{"else", "A"}})}),
            (std::vector<int>{1, 5}));
}

TEST(FindEntryPoints, LeavesOutOverloads) {
  EXPECT_EQ(lines_of({definition("toylib/a.py", "norm", 1, {}, {"overload"}),
                      definition("toylib/a.py", "norm", 2, {}, {"typing.overload"}),
                      definition("toylib/a.py", "norm", 5, {{"try", ""}}, {"jit"})}),
            std::vector<int>{5});
}

TEST(FindEntryPoints, KeepsModulesApart) {
  EXPECT_EQ(lines_of({definition("toylib/b.py", "norm", 1), definition("toylib/a.py", "norm", 2)}),
            (std::vector<int>{2, 1}));
}

TEST(FindEntryPoints, LeavesOutFoldersThatTheContractRulesOut) {
  EXPECT_EQ(lines_of({definition("toylib/reference/a.py", "norm", 1),
                      definition("toylib/reference_free.py", "norm", 2)}),
            std::vector<int>{2});
}

}  // namespace
}  // namespace fusegate::probe
