#include "probe/library/python_facts.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/library/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

using Wanted = std::optional<std::vector<std::string>>;

/// The facts of one file of this text.
PythonFacts facts_of(std::string_view text, const Wanted& wanted = std::nullopt,
                     const std::string& python = test_python()) {
  const TemporaryFolder folder;
  write_file(folder.path() / "p/a.py", text);
  return read_python_facts({folder.path(), {"p/a.py"}, {}}, wanted, python);
}

/// The signature of the only function in the text; otherwise what came instead.
std::string signature_of(std::string_view text) {
  const auto facts = facts_of(text);
  if (facts.definitions.size() == 1) return facts.definitions[0].signature;
  return facts.problems.empty() ? "nothing" : facts.problems[0].what;
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
  ASSERT_EQ(facts.definitions.size(), 1u);
  std::vector<std::string> kinds;
  for (const auto& parameter : facts.definitions[0].parameters) kinds.push_back(parameter.kind);
  EXPECT_EQ(kinds, (std::vector<std::string>{"positional_only", "positional_or_keyword",
                                             "var_positional", "keyword_only", "var_keyword"}));
  EXPECT_EQ(facts.definitions[0].parameters[1].annotation, "int");
  EXPECT_EQ(facts.definitions[0].parameters[3].default_value, "1");
  EXPECT_EQ(facts.definitions[0].returns, "R");
}

TEST_F(PythonFactsTest, NamesMethodsByTheirClass) {
  const auto facts = facts_of(
      "class A:\n  class B:\n    @staticmethod\n    def f(x): ...\n  def f(self): ...\n"
      "def f():\n  def g(): ...\n");
  ASSERT_EQ(facts.definitions.size(), 3u) << "a function in a function is no entry point";
  EXPECT_EQ(facts.definitions[0].qualified_name, "A.B.f");
  EXPECT_EQ(facts.definitions[0].kind, "method");
  EXPECT_EQ(facts.definitions[0].line, 4) << "the line of def, not of the decorator";
  EXPECT_EQ(facts.definitions[0].decorators, std::vector<std::string>{"staticmethod"});
  EXPECT_EQ(facts.definitions[1].qualified_name, "A.f");
  EXPECT_EQ(facts.definitions[2].kind, "function");
  EXPECT_EQ(facts.definitions[2].end_line, 7);
}

TEST_F(PythonFactsTest, GivesTheConditionsOfADefinition) {
  const auto facts = facts_of(
      "if HIP and \\\n   X:\n  def a(): ...\nelif CUDA:\n  def b(): ...\nelse:\n"
      "  try:\n    import x\n  except (ImportError,\n          OSError):\n    def c(): ...\n"
      "  else:\n    def d(): ...\n  finally:\n    def e(): ...\nwith open(x):\n  def g(): ...\n");
  std::vector<std::vector<Condition>> conditions;
  for (const auto& definition : facts.definitions) conditions.push_back(definition.conditions);
  const Condition no_hip{"else", "HIP and X"}, no_cuda{"else", "CUDA"};
  const std::vector<std::vector<Condition>> expected{
      {{"if", "HIP and X"}},
      {no_hip, {"if", "CUDA"}},
      {no_hip, no_cuda, {"except", "(ImportError, OSError)"}},
      {no_hip, no_cuda, {"try", ""}},
      {no_hip, no_cuda},
      {}};
  EXPECT_EQ(conditions, expected);
}

TEST_F(PythonFactsTest, ReadsOnlyWhatIsWanted) {
  const auto facts =
      facts_of("def f(): ...\ndef fg(): ...\nclass A:\n  def f(self): ...\n", Wanted({"f"}));
  ASSERT_EQ(facts.definitions.size(), 1u);
  EXPECT_EQ(facts.definitions[0].kind, "function");
}

TEST_F(PythonFactsTest, DoesNotParseAFileThatDefinesNothingWanted) {
  EXPECT_TRUE(facts_of("this is not Python, it only says f\n", Wanted({"f"})).problems.empty());
}

TEST_F(PythonFactsTest, AcceptsAByteOrderMark) {
  EXPECT_EQ(signature_of("\xef\xbb\xbf"
                         "def f(a): ...\n"),
            "(a)");
}

TEST_F(PythonFactsTest, DecodesWhatTheFileDeclares) {
  EXPECT_EQ(signature_of("# -*- coding: latin-1 -*-\ndef f(a='\xe9'): ...\n"), "(a='é')");
}

TEST_F(PythonFactsTest, CountsLinesOfAnyEnding) {
  const auto facts = facts_of("x = 1\r\ny = '\f'\rdef f(): ...\r\n");
  ASSERT_EQ(facts.definitions.size(), 1u);
  EXPECT_EQ(facts.definitions[0].line, 3);
}

struct Unreadable {
  const char* name;
  std::string text;
  std::string where;
  const char* what;
};

class UnreadableSource : public testing::TestWithParam<Unreadable> {};

TEST_P(UnreadableSource, IsReportedWhereItIs) {
  FUSEGATE_NEEDS_PYTHON();
  const auto facts = facts_of(GetParam().text, Wanted({"f"}));
  EXPECT_TRUE(facts.definitions.empty());
  ASSERT_EQ(facts.problems.size(), 1u);
  EXPECT_EQ(facts.problems[0].where, GetParam().where);
  EXPECT_NE(facts.problems[0].what.find(GetParam().what), std::string::npos)
      << facts.problems[0].what;
}

INSTANTIATE_TEST_SUITE_P(
    All, UnreadableSource,
    testing::Values(
        Unreadable{"Syntax", "x = 1\ndef f(:\n  pass\n", "p/a.py:2", "does not parse"},
        Unreadable{"NotUtf8", "def f(a='\xff'): ...\n", "p/a.py", "encoding"},
        Unreadable{"UnknownEncoding", "# coding: klingon\ndef f(): ...\n", "p/a.py", "encoding"},
        Unreadable{"Binary", std::string("x = 1\n\0def f(): ...\n", 20), "p/a.py:2", "parse"},
        Unreadable{"TooLarge", "def f(): ...\n" + std::string(17u << 20, '#'), "p/a.py",
                   "larger than 16 MiB"}),
    [](const auto& test) { return test.param.name; });

TEST_F(PythonFactsTest, GoesOnAfterAFileThatIsMissing) {
  const TemporaryFolder folder;
  write_file(folder.path() / "b.py", "def f(): ...\n");
  const auto facts =
      read_python_facts({folder.path(), {"a.py", "b.py"}, {}}, Wanted({"f"}), test_python());
  EXPECT_EQ(facts.definitions.size(), 1u);
  ASSERT_EQ(facts.problems.size(), 1u);
  EXPECT_EQ(facts.problems[0].where, "a.py");
}

TEST_F(PythonFactsTest, ImportsNothingOfTheLibrary) {
  const TemporaryFolder folder;
  for (const char* name : {"ast.py", "json.py", "p/__init__.py", "sitecustomize.py"}) {
    write_file(folder.path() / name, "raise SystemExit('imported')\n");
  }
  write_file(folder.path() / "p/a.py", "raise SystemExit('executed')\ndef f(): ...\n");
  // As where a person has put the library on the path, or stands in its folder.
  const std::string python = folder.path() / "python";
  write_file(python, "#!/bin/sh\ncd '" + folder.path().native() + "'\nPYTHONPATH=. exec " +
                         test_python() + " \"$@\"\n");
  fs::permissions(python, fs::perms::owner_all);
  const auto facts = read_python_facts({folder.path(), {"p/a.py"}, {}}, Wanted({"f"}), python);
  EXPECT_EQ(facts.definitions.size(), 1u);
}

TEST(PythonFacts, SayHowToMendAMissingInterpreter) {
  const auto facts = facts_of("def f(): ...\n", Wanted({"f"}), "/nonexistent/python3");
  ASSERT_EQ(facts.problems.size(), 1u);
  EXPECT_NE(facts.problems[0].what.find("--python PATH"), std::string::npos);
}

TEST(PythonFacts, GoOnAfterAFileThatKillsTheInterpreter) {
  FUSEGATE_NEEDS_PYTHON();
  // Stands in for a parser with a bug: it dies when it is to read b.py.
  const TemporaryFolder folder;
  const std::string python = folder.path() / "python";
  write_file(python,
             "#!/bin/sh\ninput=$(cat)\ncase $input in\n*'\"a.py\"'*)\n"
             "  echo '{\"python\": \"3.8.0\"}'; echo '{\"reading\": \"b.py\"}'\n"
             "  kill -SEGV $$;;\n*) printf '%s' \"$input\" | exec " +
                 test_python() + " \"$@\";;\nesac\n");
  fs::permissions(python, fs::perms::owner_all);
  for (const char* name : {"a.py", "b.py", "c.py"}) {
    write_file(folder.path() / name, "def f(): ...\n");
  }
  const auto facts =
      read_python_facts({folder.path(), {"a.py", "b.py", "c.py"}, {}}, Wanted({"f"}), python);
  ASSERT_EQ(facts.problems.size(), 1u);
  EXPECT_EQ(facts.problems[0].where, "b.py");
  EXPECT_NE(facts.problems[0].what.find("SIGSEGV"), std::string::npos) << facts.problems[0].what;
  ASSERT_EQ(facts.definitions.size(), 1u);
  EXPECT_EQ(facts.definitions[0].file, "c.py");
}

/// Every file of one tree that asks much of a parser, read by one interpreter.
std::string everything(const fs::path& root, const std::string& python) {
  const auto files = list_python_files(root, "p", {});
  const auto facts = read_python_facts(files, std::nullopt, python);
  std::string text;
  for (const auto& d : facts.definitions) {
    text += fmt::format("{}:{}-{} {} {}{} @{} -> {}\n", d.file, d.line, d.end_line, d.kind,
                        d.qualified_name, d.signature, join(d.decorators, " @"),
                        d.returns.value_or("?"));
    for (const auto& c : d.conditions) text += "  " + c.kind + " " + c.text + "\n";
    for (const auto& p : d.parameters) {
      text += fmt::format("  {} {} {} {}\n", p.kind, p.name, p.annotation.value_or("?"),
                          p.default_value.value_or("?"));
    }
  }
  for (const auto& problem : facts.problems) text += problem.where + "\n";
  return text;
}

TEST(EveryPython, GivesTheSameFacts) {
  const auto pythons = test_pythons();
  if (pythons.size() < 2) GTEST_SKIP() << "fewer than two Pythons to compare";
  const TemporaryFolder folder;
  write_file(
      folder.path() / "p/a.py",
      "from x import *\n@overload\ndef f(a: int) -> int: ...\n"
      "@ns.compile_ops(\"module\", fc_name=f'a{1:>{2}}b',\n  ffi=\"c\")\n"
      "def f(a: 'Tensor', b: Optional[Tuple[int, ...]] = None, *,\n"
      "      c: float = -1e-6, d=not x, e=(yield_ := 1), g={**h, 'i': [1, 2,]},\n"
      "      j=lambda: (yield), k=b'a' b'b' if x else 0x10, l=x[1:2, ::3]) -> (int, str):\n"
      "  return a\nwhile x < (1):\n  def w(a=...,): pass\n"
      "for i in range( 3 ):\n  async def v(*a: int, **b): await c\nelse:\n  def u(): pass\n");
  write_file(folder.path() / "p/b.py", "def f(:\n");
  write_file(folder.path() / "p/c.py",
             "\xef\xbb\xbf# coding: utf-8\r\ndef f(a='é',\r\n b=1): ...\r\n");
  write_file(folder.path() / "p/d.py", "def f(): ...\nx = '\\d'\n");
  const auto expected = everything(folder.path(), pythons.front());
  EXPECT_NE(expected.find("p/b.py:1\n"), std::string::npos) << expected;
  for (const auto& python : pythons) {
    EXPECT_EQ(everything(folder.path(), python), expected) << python;
  }
}

TEST(EveryPython, SurvivesASourceThatNestsTooDeep) {
  const TemporaryFolder folder;
  constexpr int depth = 200'000;
  std::string sum = "x = ";
  for (int i = 0; i < depth; ++i) sum += "1+";
  write_file(folder.path() / "p/a.py", sum + "1\ndef f(): ...\n");
  write_file(folder.path() / "p/b.py", "x = " + std::string(depth, '-') + "1\ndef f(): ...\n");
  write_file(folder.path() / "p/c.py", "x = " + std::string(depth, '(') + "\ndef f(): ...\n");
  write_file(folder.path() / "p/d.py", "def f(): ...\n");
  for (const auto& python : test_pythons()) {
    const auto facts =
        read_python_facts(list_python_files(folder.path(), "p", {}), Wanted({"f"}), python);
    EXPECT_EQ(facts.problems.size(), 3u) << python;
    ASSERT_EQ(facts.definitions.size(), 1u) << python;
    EXPECT_EQ(facts.definitions[0].file, "p/d.py") << python;
  }
}

}  // namespace
}  // namespace fusegate::probe
