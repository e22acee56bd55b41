// What every Python must say in the same way.

#include <filesystem>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/sources/package_files.hpp"
#include "probe/sources/python_facts.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

/// All that one interpreter says of the files of a folder, but for its version.
std::string everything(const fs::path& root, const std::string& python) {
  const auto facts = read_python_facts(root, list_python_files(root, "p", {}).names, python);
  std::string text;
  for (const auto& [file, line] : facts.lines) text += file + " " + line + "\n";
  for (const auto& problem : facts.problems) {
    auto what = problem.what;
    if (const auto at = what.find(facts.python_version); at != what.npos) what.resize(at);
    text += problem.where + ": " + what + "\n";
  }
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
  write_file(folder.path() / "p/b.py", "x = 1\ndef f(:\n");
  write_file(folder.path() / "p/c.py",
             "\xef\xbb\xbf# coding: utf-8\r\ndef f(a='é',\r\n b=1): ...\r\n");
  write_file(folder.path() / "p/d.py", "def f(): ...\nx = '\\d'\n");
  write_file(
      folder.path() / "p/e.py",
      "import a.b as c, d\nfrom ..e import (f as g,\n h,)\n__all__: list = ['f'] + c.__all__\n"
      "__all__.extend(('i', \"j\" 'k'))\nclass A(B[int], metaclass=C):\n  x: int = 1,\n"
      "  y = z = -1\n  @property\n  def w(self): ...\n  @w.setter\n  def w(self, v): ...\n"
      "try:\n  l, (m, *n) = 1, (2, 3)\nexcept (E,\n F) as e:\n  o = {'a': 'b', 'c': 'd'}\n"
      "else:\n  del l, d.e\nfinally:\n  p += 1\n"
      "def __getattr__(q):\n  if q in ('r', \"s\") or q == 't' or q in _U: return 1\n"
      "globals()['v'] = f\"{w!r:>{9}} {x[0]}\"\n"
      "with open( 'y' ) as z, a: b = c = [1,\n\n2]  # d\n"
      "e = '''f\n  g''' 'h' \"\"\"i\"j\"\"\"\n");
  write_file(folder.path() / "p/f.py", std::string_view("x = 1\ny = \0 2\n", 13));
  const auto expected = everything(folder.path(), pythons.front());
  expect_contains(expected, "p/b.py:2: does not parse as Python");
  for (const auto& python : pythons) {
    EXPECT_EQ(everything(folder.path(), python), expected) << python;
  }
}

TEST(EveryPython, KnowsWhatItsOwnVersionAdded) {
  FUSEGATE_NEEDS_PYTHON();
  const TemporaryFolder folder;
  write_file(folder.path() / "a.py", "type X[T] = list[T]\ndef f[T](a: T = 1) -> T: ...\n");
  for (const auto& python : test_pythons()) {
    const auto facts = read_python_facts(folder.path(), {"a.py"}, python);
    if (!facts.problems.empty()) continue;  // before 3.12
    expect_contains(facts.lines.at("a.py"),
                    R"json(["set",1,0,["X"],null,["other","list[T]"]])json");
    expect_contains(facts.lines.at("a.py"), R"json("f",[["a",1,"1","T"]],"T")json");
  }
}

TEST(EveryPython, SurvivesASourceThatNestsTooDeep) {
  FUSEGATE_NEEDS_PYTHON();
  const TemporaryFolder folder;
  constexpr int depth = 200'000;
  std::string sum = "x = ";
  for (int i = 0; i < depth; ++i) sum += "1+";
  std::string blocks;
  for (int i = 0; i < 200; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "if x:\n";
  write_file(folder.path() / "p/a.py", sum + "1\ndef f(): ...\n");
  write_file(folder.path() / "p/b.py", "x = " + std::string(depth, '-') + "1\ndef f(): ...\n");
  write_file(folder.path() / "p/c.py", "x = " + std::string(depth, '(') + "\ndef f(): ...\n");
  write_file(folder.path() / "p/d.py", "def f(): ...\n");
  write_file(folder.path() / "p/e.py", blocks + std::string(200, ' ') + "def f(): ...\n");
  for (const auto& python : test_pythons()) {
    const auto files = list_python_files(folder.path(), "p", {}).names;
    const auto facts = read_python_facts(folder.path(), files, python);
    EXPECT_EQ(facts.problems.size(), 4u) << python;
    ASSERT_EQ(facts.lines.size(), 1u) << python;
    EXPECT_EQ(facts.lines.begin()->first, "p/d.py") << python;
  }
}

}  // namespace
}  // namespace fusegate::probe
