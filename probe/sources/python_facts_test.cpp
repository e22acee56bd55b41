#include "probe/sources/python_facts.hpp"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/sources/module_facts.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

/// The facts of one file of this text; none where it does not parse.
ModuleFacts facts_of(std::string_view text, const std::string& python = test_python()) {
  const TemporaryFolder folder;
  write_file(folder.path() / "p/a.py", text);
  const auto facts = read_python_facts(folder.path(), {"p/a.py"}, python);
  for (const auto& problem : facts.problems) ADD_FAILURE() << problem.where << " " << problem.what;
  const auto it = facts.lines.find("p/a.py");
  return it == facts.lines.end() ? ModuleFacts{} : parse_module_facts(it->second);
}

/// The first statement of this kind.
template <class What>
const What& first(const ModuleFacts& facts) {
  for (const auto& statement : facts.body) {
    if (const auto* what = std::get_if<What>(&statement.what)) return *what;
  }
  static const What none;
  ADD_FAILURE() << "there is no such statement";
  return none;
}

/// The signature of the first function in the text.
std::string signature_of(std::string_view text) {
  const auto facts = facts_of(text);
  const auto& function = first<Function>(facts);
  return signature_text(function.parameters, function.returns);
}

class PythonFactsTest : public testing::Test {
 protected:
  void SetUp() override { FUSEGATE_NEEDS_PYTHON(); }
};

TEST_F(PythonFactsTest, WritesASignatureOnOneLine) {
  EXPECT_EQ(signature_of("def f(\n    a,  # first, of (two\n    b: int=1,\n)->None: ...\n"),
            "(a, b: int = 1) -> None");
  EXPECT_EQ(signature_of("def f(a, b = 2, /, c=3, *, d: 'T', e=[], **k): ...\n"),
            "(a, b=2, /, c=3, *, d: 'T', e=[], **k)");
  EXPECT_EQ(signature_of("async def f(a, /, *rest: int): ...\n"), "(a, /, *rest: int)");
  EXPECT_EQ(signature_of("def f(a, /): ...\n"), "(a, /)");
}

TEST_F(PythonFactsTest, PutsExpressionsOnOneLineWithoutChangingThem) {
  EXPECT_EQ(signature_of(
                "def f(a: Tuple[\n    int,  # one\n    Dict[str,\n      int],\n] = (1,)): ...\n"),
            "(a: Tuple[int, Dict[str, int]] = (1,))");
  EXPECT_EQ(signature_of("def f(a=g(  1,\\\n  x = '#  (,',)): ...\n"), "(a=g(1, x = '#  (,'))");
  EXPECT_EQ(signature_of("def f(a='''x\n  y''', b=\"\\\"'\"): ...\n"),
            "(a='''x\\n  y''', b=\"\\\"'\")");
  EXPECT_EQ(signature_of("def f(a=lambda x, *y: [i for i in y  if i]): ...\n"),
            "(a=lambda x, *y: [i for i in y if i])");
}

TEST_F(PythonFactsTest, CutsAfterCharactersOfSeveralBytes) {
  EXPECT_EQ(signature_of("def f(é='ü€𝄞', b: int = 1): ...\n"), "(é='ü€𝄞', b: int = 1)");
}

TEST_F(PythonFactsTest, TellsParametersApart) {
  const auto facts = facts_of("def f(a, /, b: int, *c, d=1, **e) -> R: ...\n");
  const auto& function = first<Function>(facts);
  std::vector<std::string> kinds;
  for (const auto& parameter : function.parameters) kinds.emplace_back(name_of(parameter.kind));
  EXPECT_EQ(kinds, (std::vector<std::string>{"positional_only", "positional_or_keyword",
                                             "var_positional", "keyword_only", "var_keyword"}));
  EXPECT_EQ(function.parameters.at(1).annotation, "int");
  EXPECT_EQ(function.parameters.at(3).default_value, "1");
  EXPECT_EQ(function.returns, "R");
}

TEST_F(PythonFactsTest, KeepsTheMembersOfAClassInIt) {
  const auto facts = facts_of(
      "class A(B, c.D, metaclass=M):\n  class E:\n    @staticmethod\n    def f(x): ...\n"
      "  def f(self): ...\n  g: int\ndef f():\n  def h(): ...\n");
  ASSERT_EQ(facts.body.size(), 2u) << "a function in a function has no name of its own";
  const auto& outer = first<Class>(facts);
  EXPECT_EQ(outer.bases, (std::vector<std::string>{"B", "c.D"}));
  EXPECT_EQ(outer.end_line, 6);
  ASSERT_EQ(outer.body.size(), 3u);
  const auto& inner = std::get<Class>(outer.body[0].what);
  EXPECT_EQ(inner.body.at(0).line, 4) << "the line of def, not of the decorator";
  EXPECT_EQ(text_of(std::get<Function>(inner.body.at(0).what).decorators.at(0)), "staticmethod");
  EXPECT_EQ(first<Function>(facts).end_line, 8);
}

TEST_F(PythonFactsTest, GivesTheConditionsOfADefinition) {
  const auto facts = facts_of(
      "if HIP and \\\n   X:\n  def a(): ...\nelif CUDA:\n  def b(): ...\nelse:\n"
      "  try:\n    import x\n  except (ImportError,\n          OSError):\n    def c(): ...\n"
      "  else:\n    def d(): ...\n  finally:\n    def e(): ...\nwith open(x):\n  def g(): ...\n");
  std::vector<Conditions> conditions;
  for (const auto& statement : facts.body) {
    if (std::holds_alternative<Function>(statement.what)) {
      conditions.push_back(facts.conditions.at(static_cast<std::size_t>(statement.under)));
    }
  }
  const Condition no_hip{"else", "HIP and X"}, no_cuda{"else", "CUDA"};
  const std::vector<Conditions> expected{{{"if", "HIP and X"}},
                                         {no_hip, {"if", "CUDA"}},
                                         {no_hip, no_cuda, {"except", "(ImportError, OSError)"}},
                                         {no_hip, no_cuda, {"try", ""}},
                                         {no_hip, no_cuda},
                                         {}};
  EXPECT_EQ(conditions, expected);
}

TEST_F(PythonFactsTest, ReadsImports) {
  const auto facts = facts_of("import a.b, c as d\nfrom ...e import f as g, h\nfrom . import *\n");
  const auto& modules = first<Import>(facts).modules;
  ASSERT_EQ(modules.size(), 2u);
  EXPECT_EQ(modules[0].name + "," + modules[0].bound_as, "a.b,");
  EXPECT_EQ(modules[1].name + "," + modules[1].bound_as, "c,d");
  const auto& from = first<ImportFrom>(facts);
  EXPECT_EQ(from.level, 3);
  EXPECT_EQ(from.module, "e");
  EXPECT_EQ(from.names.at(0).bound_as, "g");
  EXPECT_EQ(from.names.at(1).bound_as, "");
  const auto& star = std::get<ImportFrom>(facts.body.at(2).what);
  EXPECT_EQ(star.module, "");
  EXPECT_EQ(star.names.at(0).name, "*");
}

/// What the first assignment of a text sets its targets to.
std::string value_of(std::string_view text) {
  const auto facts = facts_of(text);
  const auto& value = first<Assignment>(facts).value;
  std::string all = fmt::format("{} {}", static_cast<int>(value.kind), value.text);
  for (const auto& item : value.strings) all += item + ";";
  for (const auto& [key, item] : value.map) all += key + ":" + item + ";";
  return all;
}

std::string expected_value(Value::Kind kind, std::string_view text) {
  return fmt::format("{} {}", static_cast<int>(kind), text);
}

TEST_F(PythonFactsTest, TellsValuesApart) {
  using enum Value::Kind;
  EXPECT_EQ(value_of("x: int\n"), expected_value(none, ""));
  EXPECT_EQ(value_of("x = -1024 * 1024\n"), expected_value(literal, "-1024 * 1024"));
  EXPECT_EQ(value_of("x = {'a': (1,\n 2)}\n"), expected_value(literal, "{'a': (1, 2)}"));
  EXPECT_EQ(value_of("x = a.b\n"), expected_value(name, "a.b"));
  EXPECT_EQ(value_of("x = a.b( 1 )\n"), expected_value(call, "a.b(1)"));
  EXPECT_EQ(value_of("x = a + 1\n"), expected_value(other, "a + 1"));
  EXPECT_EQ(value_of("x = ['a', 'b']\n"), expected_value(strings, "a;b;"));
  EXPECT_EQ(value_of("x = ['a'] + ('b',)\n"), expected_value(strings, "a;b;"));
  EXPECT_EQ(value_of("x = {'a': 'b'}\n"), expected_value(map, "a:b;"));
  EXPECT_EQ(value_of("x = {'a': 'b', **c}\n"), expected_value(other, "{'a': 'b', **c}"));
  EXPECT_EQ(value_of("x, y = 1, 2\n"), expected_value(other, ""));
  EXPECT_EQ(value_of("x += 1\n"), expected_value(other, "x += 1"));
}

TEST_F(PythonFactsTest, KeepsOfALongValueTheBeginningAndWhetherItChanged) {
  const std::string items(2000, '1');
  const auto one = value_of("x = " + items + "\n"), other = value_of("x = " + items + "2\n");
  EXPECT_LT(one.size(), 1100u);
  EXPECT_NE(one, other);
}

TEST_F(PythonFactsTest, FindsEveryTargetThatHasAName) {
  const auto targets = [](std::string_view text) {
    const auto facts = facts_of(text);
    return join(first<Assignment>(facts).targets, " ");
  };
  EXPECT_EQ(targets("a = b.c = d[0] = 1\n"), "a b.c");
  EXPECT_EQ(targets("a, (b, *c), d.e = x\n"), "a b c d.e");
  EXPECT_EQ(targets("for a, b in x: pass\n"), "a b");
  EXPECT_EQ(targets("with x as a, y as (b, c): pass\n"), "a");
}

/// The changes of __all__ in a text, one after the other.
std::string exports_of(std::string_view text) {
  const auto facts = facts_of(text);
  std::string all;
  for (const auto& statement : facts.body) {
    const auto* exports = std::get_if<Exports>(&statement.what);
    if (exports == nullptr) continue;
    const auto& [operation, value] = *exports;
    constexpr std::array operations{"set", "add", "remove"};
    all += fmt::format(
        "{} {};", operations.at(static_cast<std::size_t>(operation)),
        value.kind == Value::Kind::strings ? join(value.strings, " ") : "?" + value.text);
  }
  return all;
}

TEST_F(PythonFactsTest, FollowsWhatBecomesOfAll) {
  EXPECT_EQ(exports_of("__all__ = ['a']\n__all__ += ('b',)\n"), "set a;add b;");
  EXPECT_EQ(exports_of("__all__: list = ['a'] + ['b']\n"), "set a b;");
  EXPECT_EQ(exports_of("__all__ = x.__all__ + ['a'] + y.__all__\n"),
            "set ?x.__all__;add a;add ?y.__all__;");
  EXPECT_EQ(exports_of("__all__.extend(x.__all__)\n__all__.append('a')\n__all__.remove('b')\n"),
            "add ?x.__all__;add a;remove b;");
  EXPECT_EQ(exports_of("__all__ = sorted(x)\n"), "set ?sorted(x);");
  EXPECT_EQ(exports_of("__all__.sort()\n"), "");
}

TEST_F(PythonFactsTest, KeepsTheArgumentsOfDecorators) {
  const auto facts = facts_of("@a.b('c', d, *e, f = 'g', **h)\n@i.j\ndef f(): ...\n");
  std::vector<std::string> texts;
  for (const auto& decorator : first<Function>(facts).decorators) {
    texts.push_back(text_of(decorator));
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"a.b('c', d, *e, f='g', **h)", "i.j"}));
}

TEST_F(PythonFactsTest, SeesWhatAModulesGetattrComparesTheNameWith) {
  const auto facts = facts_of(
      "def __getattr__(n):\n  if n == 'a': return 1\n  if n in ('b', 'c'): return 2\n"
      "  if n in _MORE: return 3\n  if n != 'd' and other == 'e': return 4\n");
  const auto& getattr = first<ModuleGetattr>(facts);
  EXPECT_EQ(join(getattr.names, " "), "a b c");
  EXPECT_EQ(join(getattr.variables, " "), "_MORE");
  EXPECT_EQ(first<Function>(facts).name, "__getattr__");
}

TEST_F(PythonFactsTest, NoticesWhatBindsNamesOnlyWhenItRuns) {
  for (const char* text : {"globals().update(x)\n", "globals()['x'] = 1\n", "vars()['x'] = 1\n",
                           "setattr(m, 'x', 1)\n", "exec('x = 1')\n", "sys.modules[n] = x\n",
                           "sys.modules.update(x)\n", "for k in x:\n  globals()[k] = 1\n"}) {
    const auto facts = facts_of(text);
    const bool is_noticed = std::any_of(
        facts.body.begin(), facts.body.end(),
        [](const Statement& statement) { return std::holds_alternative<Dynamic>(statement.what); });
    EXPECT_TRUE(is_noticed) << text;
  }
}

TEST_F(PythonFactsTest, ReadsDeletions) {
  const auto facts = facts_of("del a, b.c, d[0]\n");
  EXPECT_EQ(join(first<Deletion>(facts).names, " "), "a b.c");
}

}  // namespace
}  // namespace fusegate::probe
