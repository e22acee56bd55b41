#include "probe/engine/sources/import_scan.hpp"

#include <gtest/gtest.h>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

using Texts = std::vector<std::string>;

/// "LINE .MODULE:NAME as BOUND in FUNCTION [AROUND; ...] try LINE (HANDLERS | ...)", without what
/// is empty.
std::string text_of(const ScannedImport& import) {
  auto text = fmt::format("{} {}{}", import.line,
                          std::string(static_cast<std::size_t>(import.level), '.'), import.module);
  if (!import.name.empty()) text += ":" + import.name;
  if (!import.bound_as.empty()) text += " as " + import.bound_as;
  if (!import.function.empty()) text += " in " + import.function;
  if (!import.around.empty()) text += " [" + join(import.around, "; ") + "]";
  if (import.try_line != 0) {
    text += fmt::format(" try {} ({})", import.try_line, join(import.handlers, " | "));
  }
  return text;
}

Texts scanned(std::string_view source) {
  Texts texts;
  for (const auto& import : scan_imports(source)) texts.push_back(text_of(import));
  return texts;
}

TEST(ImportScan, ReadsEveryFormOfTheStatement) {
  EXPECT_EQ(scanned("import a.b as c, d\nimport a . b\nfrom . import x\n"
                    "from .. import (a, b as c,)\nfrom x.y import *\nfrom.a import b\n"
                    "from ... import c; import d;\nfrom .import_utils import f\n"),
            (Texts{"1 a.b as c", "1 d", "2 a.b", "3 .:x", "4 ..:a", "4 ..:b as c", "5 x.y:*",
                   "6 .a:b", "7 ...:c", "7 d", "8 .import_utils:f"}));
}

TEST(ImportScan, FollowsAStatementOverLines) {
  EXPECT_EQ(scanned("from a import (  # one\n    b,\n\n  c as d  # )\n)\nimport \\\n  e, \\\n f\n"
                    "from \\\n  .. \\\n g import h\nimport i"),
            (Texts{"1 a:b", "1 a:c as d", "6 e", "6 f", "9 ..g:h", "12 i"}));
}

TEST(ImportScan, TakesNoWordForAStatement) {
  EXPECT_EQ(scanned("important = 1\nfrom_ = 2\nx.import_ = 3\ny = [\nimport a\n]\n"
                    "raise X \\\n from y\n# import b\n'import c'\nimporta = 1\n"),
            Texts{});
}

TEST(ImportScan, SkipsStringsOfEveryKind) {
  EXPECT_EQ(
      scanned("a = '# not \\' (', \"[\"; import a\nb = '''\nimport x\n\\''' '' \n''' ; import b\n"
              "c = R\"\\\"\", bR'''\n\\\\'''; import c\nd = '\\\nimport x'; import d\n"
              "\"\"\"doc \"quoted\" \"\"\"; import e\n'''a''''b'; import f\n"),
      (Texts{"1 a", "5 b", "7 c", "9 d", "10 e", "11 f"}));
}

TEST(ImportScan, SkipsFormattedStrings) {
  EXPECT_EQ(scanned("a = f'{x[\"#\"]:>{w}}{{' ; import a\nb = f\"{x[\"a\"]}\" ; import b\n"
                    "c = rf'{f'{f'{1}'}'}\\\\' ; import c\nd = F'''{\n\"'''\"!r:'}''' ; import d\n"
                    "e = f'{x:%H:%M}#' ; import e\nf = f'\\N{QUOTATION MARK}' ; import f\n"
                    "g = f'\\{x}' if'a'else f'' ; import g\nh = t'{x:\"}' ; import h\n"),
            (Texts{"1 a", "2 b", "3 c", "5 d", "6 e", "7 f", "8 g", "9 h"}));
}

TEST(ImportScan, EndsABrokenStringWithItsLine) {
  EXPECT_EQ(scanned("a = 'not closed\nimport a\nb = f'{x\nimport b\nc = f'{\"'\nimport c\n"),
            (Texts{"2 a", "4 b", "6 c"}));
}

TEST(ImportScan, NamesTheFunctionThatRunsIt) {
  EXPECT_EQ(
      scanned(
          "class A:\n  import a\n  @d(\n   1)\n  async  def f(self, x: int = {1: 2}) -> x[1:2]:\n"
          "    import b\n    def g(): import c\n    class B:\n      import d\n  import e\n"
          "def f[T: int](): return 1; import f\nimport g\n"),
      (Texts{"2 a", "6 b in A.f", "7 c in A.f.g", "9 d in A.f", "10 e", "11 f in f", "12 g"}));
}

TEST(ImportScan, NamesTheConditions) {
  EXPECT_EQ(
      scanned("if a and (b or\n    c):  # d\n  import a\nelif d:\n  import b\n  if e: import c\n"
              "else:\n  import d\nimport e\n"),
      (Texts{"3 a [if a and (b or c)]", "5 b [else of a and (b or c); if d]",
             "6 c [else of a and (b or c); if d; if e]", "8 d [else of a and (b or c); else of d]",
             "9 e"}));
}

TEST(ImportScan, NamesConditionsWithinTheFunctionAlone) {
  EXPECT_EQ(scanned("if a:\n  def f():\n    if b:\n      import a\n  class C:\n    import b\n"),
            (Texts{"4 a in f [if b]", "6 b [if a]"}));
}

TEST(ImportScan, FindsTheColonThatEndsAHead) {
  EXPECT_EQ(
      scanned("if lambda: 1: import a\nif (x := 1): import b\nif x := {1: 2}[1:]: import c\n"
              "while lambda a, b=lambda: 1: 2: import d\nif lambdas: import e\nif(f): import f\n"),
      (Texts{"1 a [if lambda: 1]", "2 b [if x := 1]", "3 c [if x := {1: 2}[1:]]", "4 d [while]",
             "5 e [if lambdas]", "6 f [if f]"}));
}

TEST(ImportScan, NamesLoopsAndOthers) {
  EXPECT_EQ(
      scanned("for x in y:\n  import a\nelse:\n  import b\nwhile x: import c\nelse: import d\n"
              "async def f():\n  async with a as b, c: import e\n  async for x in y: import f\n"),
      (Texts{"2 a [for]", "4 b [else of for]", "5 c [while]", "6 d [else of while]",
             "8 e in f [with a as b, c]", "9 f in f [for]"}));
}

TEST(ImportScan, KnowsWhenMatchIsAKeyword) {
  EXPECT_EQ(
      scanned("match x:\n  case {'a': 1}: import a\n  case [b] if lambda: c:\n    import b\n"
              "match = 1; import c\nmatch: int = lambda: 1\nmatch[x]: int = 1; import d\n"
              "match(x); import e\ncase = 1; import f\nmatch (x), y :  # z\n  case _: import g\n"),
      (Texts{"2 a [match]", "4 b [match]", "5 c", "7 d", "8 e", "9 f", "11 g [match]"}));
}

TEST(ImportScan, NamesWhatTheHandlersCatch) {
  EXPECT_EQ(
      scanned("try: import a\nexcept ImportError: import b\ntry:\n  import c\n"
              "except ( A,B, ) as e:\n  import d\nexcept (C)as f: pass\nexcept:\n  import e\n"
              "else:\n  import f\nfinally:\n  import g\ntry: import h\nexcept* D as g: pass\n"),
      (Texts{"1 a [try] try 1 (ImportError)", "2 b [except ImportError]",
             "4 c [try] try 3 ((A, B) | C | )", "6 d [except (A, B)]", "9 e [except]",
             "11 f [else of try]", "13 g", "14 h [try] try 14 (D)"}));
}

TEST(ImportScan, TakesTheInnermostTryThatCatches) {
  EXPECT_EQ(scanned("try:\n  try:\n    import a\n  except A: import b\n  try:\n    import c\n"
                    "  finally:\n    import d\n  def f():\n    import e\n  class C:\n    import f\n"
                    "except B: pass\ntry: import g\nfinally: pass\n"),
            (Texts{"3 a [try; try] try 2 (A)", "4 b [try; except A] try 1 (B)",
                   "6 c [try; try] try 1 (B)", "8 d [try] try 1 (B)", "10 e in f",
                   "12 f [try] try 1 (B)", "14 g [try]"}));
}

TEST(ImportScan, LeavesOutWhatNeverRuns) {
  EXPECT_EQ(scanned("if TYPE_CHECKING:\n  import x\n  def f(): import x\nelse:\n  import a\n"
                    "if typing.TYPE_CHECKING: import x\nelif y: import b\n"
                    "if not (TYPE_CHECKING):\n  import c\nelse: import x\n"
                    "if __name__ == '__main__': import x\nif (False): import x\n"
                    "if TYPE_CHECKING or y: import d\n"),
            (Texts{"5 a", "7 b [if y]", "9 c", "13 d [if TYPE_CHECKING or y]"}));
}

TEST(ImportScan, CountsColumnsAsPythonDoes) {
  EXPECT_EQ(scanned("if a:\n\timport a\n        import b\n\n# c\n  # d\n\timport c\n\fimport d\n"
                    "if b:\n  \\\n import e\nif c:\n  pass\n \t\n  import f\n"),
            (Texts{"2 a [if a]", "3 b [if a]", "7 c [if a]", "8 d", "11 e [if b]", "15 f [if c]"}));
}

TEST(ImportScan, ReadsEveryEndOfLineAndAByteOrderMark) {
  EXPECT_EQ(scanned("\xef\xbb\xbfimport a\r\nif b:\r\n  import b\r\rx = '\\\r\n'; import c\r\n"),
            (Texts{"1 a", "3 b [if b]", "6 c"}));
}

TEST(ImportScan, SurvivesWhatIsNoPython) {
  using namespace std::string_view_literals;
  EXPECT_EQ(scanned(""), Texts{});
  EXPECT_EQ(scanned("\\"), Texts{});
  EXPECT_EQ(scanned("import \0\nimport a\0b\n\xff\xfe\xc3 = 1\nimport c"sv), (Texts{"2 a", "4 c"}));
  EXPECT_EQ(scanned("import\nfrom\nfrom x\nfrom x import\nfrom import y\nfrom . import (a, 5\n"),
            (Texts{"6 .:a"}));
  EXPECT_EQ(scanned("else: import a\nexcept: import b\n) ] }\nelif x\nimport c\nif x\nimport d\n"
                    "for x in y: import e\nelif z: import f\ncase x: import g\n'''"),
            (Texts{"5 c", "7 d", "8 e [for]"}));
}

TEST(ImportScan, BoundsWhatAHostileFileCosts) {
  const std::string name(std::size_t{1} << 20, 'a');
  std::string names = "from " + name + " import b";
  for (int i = 0; i < 10'000; ++i) names += ", b";
  EXPECT_LT(scan_imports(names).size(), 100u);
  std::string chain = "if 0: pass\n";
  for (int i = 0; i < 20'000; ++i) chain += "elif a: import b\n";
  const auto imports = scan_imports(chain);
  EXPECT_FALSE(imports.empty());
  EXPECT_LT(imports.back().around.size(), 200u);
}

}  // namespace
}  // namespace fusegate::probe
