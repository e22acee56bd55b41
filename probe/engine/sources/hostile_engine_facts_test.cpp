// Facts that are none, and sources that ask much.

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/engine/sources/engine_facts.hpp"
#include "probe/sources/damaged_facts.hpp"
#include "probe/sources/package_files.hpp"
#include "probe/sources/python_facts.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

/// Facts with every kind of scope, condition, event, use and expression.
const std::string whole = R"json({"scopes":[["module"],
["class","C",0,1,2,9,[],["d"],["B"],[],[]],["function","C.f",1,0,3,9,["a"],[],[],["g"],["n"]]],
"conditions":[[0,"if_true",2,"a.b",[]],[1,"in_try",3,null,["E"]]],
"events":[["import",0,1,0,"a.b","a"],["from",0,1,1,2,"","*","*"],["bind",2,4,2,["x"],["constant","1"]],
["call",2,5,0,["call","f(*a, k=1)","f",["a",["string","'s'","s"]],[["k",["constant","1"]],["**","b"]],[0]],["unpacked",-1,["x",""]]],
["name",1,6,0,"a.b","tested"],["bind",0,7,0,["x"],["all_of","t",[["negation","t","a"],["any_of","t",[]]]]],
["return",2,8,0,["choice","t","a",["comparison","t","is not","a",null],["list","t",["a"]]]],
["bind",0,9,0,["x","y"],["attribute","t",["subscript","t","a",["other","t"]],"b"]]]})json";

TEST(ParseEngineFacts, ReadsAllKinds) {
  const auto facts = parse_engine_facts(whole);
  ASSERT_EQ(facts.events.size(), 8u);
  ASSERT_EQ(facts.conditions.size(), 3u);
  EXPECT_EQ(facts.conditions[2].outer, 1);
  const auto& call = std::get<CallEvent>(facts.events[3].what);
  EXPECT_EQ(call.call.items.size(), 3u);
  EXPECT_EQ(call.call.starred, std::vector<std::size_t>{1}) << "the callee is the first item";
  EXPECT_EQ(call.result.count, -1);
  EXPECT_EQ(conditions_around(facts, 2).front()->test.value, "a.b");
  EXPECT_TRUE(conditions_around(facts, 0).empty());
}

TEST(ParseEngineFacts, SurvivesWhatIsDamaged) {
  expect_survives_damage(whole, parse_engine_facts);
}

std::string with_event(const std::string& event) {
  return R"({"scopes":[["module"]],"conditions":[[0,"in_loop",1,null,[]]],"events":[)" + event +
         "]}";
}

TEST(ParseEngineFacts, RefusesWhatIsOtherwise) {
  EXPECT_TRUE(is_taken(with_event(R"(["name",0,1,1,"a","other"])"), parse_engine_facts));
  for (const std::string event :
       {"1", "[]", R"(["dance",0,1,0])", R"(["name",1,1,0,"a","other"])",
        R"(["name",0,1,2,"a","other"])", R"(["name",0,1,-1,"a","other"])",
        R"(["name",0,1,0,"a","eaten"])", R"(["name",0,1,0,"a","assigned"])",
        R"(["name",0,1,0,"a",["assigned",-2,[]]])", R"(["name",0,1,0,1,"other"])",
        R"(["call",0,1,0,"a","other"])", R"(["call",0,1,0,null,"other"])",
        R"(["call",0,1,0,["call","t","f",[],[],[0]],"other"])", R"(["bind",0,1,0,"x",null])",
        R"(["bind",0,1,0,["x"],["name","t"]])", R"(["bind",0,1,0,["x"],["none","t"]])",
        R"(["bind",0,1,0,["x"],["poem","t"]])", R"(["bind",0,1,0,["x"],["negation","t"]])"}) {
    EXPECT_FALSE(is_taken(with_event(event), parse_engine_facts)) << event;
  }
  for (
      const char* text :
      {R"({"scopes":[],"conditions":[],"events":[]})",
       R"({"scopes":[["lambda"]],"conditions":[],"events":[]})",
       R"({"scopes":[["module"],["module"]],"conditions":[],"events":[]})",
       R"({"scopes":[["module"],["lambda","l",1,0,1,1,[],[],[],[],[]]],"conditions":[],"events":[]})",
       R"({"scopes":[["module"]],"conditions":[[1,"in_loop",1,null,[]]],"events":[]})"}) {
    EXPECT_FALSE(is_taken(text, parse_engine_facts)) << text;
  }
}

TEST(ParseEngineFacts, RefusesWhatNestsWithoutEnd) {
  std::string deep = "\"a\"";
  for (int i = 0; i < 30; ++i) deep = R"(["negation","t",)" + deep + "]";
  const auto refusal = [](const std::string& text) {
    return message_of<std::runtime_error>([&] { std::ignore = parse_engine_facts(text); });
  };
  expect_contains(refusal(with_event(R"(["return",0,1,0,)" + deep + "]")), "too deep");
  expect_contains(refusal(std::string(1'000'000, '[')), "too deep");
}

/// "p/a.py: what" of the problems that one source makes between two good ones.
std::string problem_of(std::string_view text, const std::string& python) {
  const TemporaryFolder folder;
  write_file(folder.path() / "a.py", "import lib\n");
  write_file(folder.path() / "b.py", text);
  write_file(folder.path() / "c.py", "import lib\n");
  const auto facts = read_python_facts(folder.path(), {"a.py", "b.py", "c.py"}, python,
                                       python_run_limit, FactsFormat<EngineFacts>::script);
  EXPECT_TRUE(facts.lines.count("a.py") == 1 && facts.lines.count("c.py") == 1) << python;
  for (const auto& [file, line] : facts.lines) {
    EXPECT_TRUE(is_taken(line, parse_engine_facts)) << file;
  }
  return facts.problems.empty() ? "" : facts.problems.front().what;
}

class HostileEngineSource : public testing::Test {
 protected:
  void SetUp() override { FUSEGATE_NEEDS_PYTHON(); }
};

TEST_F(HostileEngineSource, CostsThatFileOnly) {
  const auto python = test_python();
  expect_contains(problem_of("import lib\ndef f(:\n", python), "does not parse");
  expect_contains(problem_of("x = '\xff'\n", python), "encoding");
  EXPECT_EQ(problem_of("\xef\xbb\xbfimport lib\r\nlib.f(\r\n'\\ud800')\r\n", python), "");
}

TEST_F(HostileEngineSource, NestsTooDeep) {
  std::string calls = "lib";
  for (int i = 0; i < 5'000; ++i) calls += ".f()";
  std::string blocks;
  for (int i = 0; i < 99; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "if x:\n";
  const std::string end(99, ' ');
  for (const auto& python : test_pythons()) {
    EXPECT_EQ(problem_of("import lib\n" + calls + "\n", python), "nests too deep to be parsed");
    EXPECT_EQ(problem_of("import lib\nx = " + std::string(5'000, '-') + "lib.f()\n", python),
              "nests too deep to be parsed");
    EXPECT_EQ(problem_of(blocks + end + "import lib; lib.f()\n", python), "");
  }
}

TEST_F(HostileEngineSource, WouldMakeFactsWithoutEnd) {
  std::string calls = "import lib\n";
  std::string line = "1";
  for (int i = 0; i < 60; ++i) line = "lib.f(" + line + ")";
  for (int i = 0; i < 400; ++i) calls += line + "\n";
  EXPECT_EQ(problem_of(calls, test_python()), "nests too deep to be parsed");
}

TEST_F(HostileEngineSource, IsLoadedThroughACacheAsAnyOther) {
  const TemporaryFolder folder;
  write_file(folder.path() / "tree/p/a.py", "import lib\nlib.f()\n");
  write_file(folder.path() / "tree/p/b.py", "def f(:\n");
  const FactsCache cache(folder.path() / "cache", "1");
  const auto tree = open_folder(folder.path() / "tree", "p", {});
  const auto loaded = EngineFactsStore(test_python(), cache).load(*tree, tree->files());
  ASSERT_EQ(loaded.by_key.size(), 1u);
  EXPECT_EQ(loaded.by_key.begin()->second->events.size(), 2u);
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_EQ(loaded.problems.front().where, "p/b.py:1");
  EngineFactsStore without_python("/nonexistent/python", cache);
  EXPECT_EQ(without_python.load(*tree, {tree->files().at(0)}).by_key.size(), 1u);
}

}  // namespace
}  // namespace fusegate::probe
