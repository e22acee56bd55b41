#include "probe/surface/names.hpp"

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "probe/surface/test_package.hpp"

namespace fusegate::probe {
namespace {

class NamesTest : public PackageTest {
 protected:
  /// The names that a file of this text binds, sorted.
  static std::string names_in(const std::string& text) {
    TestPackage package(text);
    std::vector<std::string> names;
    for (const auto& [name, locals] : package.names_of("p").by_name) names.push_back(name);
    return join(names, " ");
  }

  /// What p.x means in a file of this text.
  static std::string x_in(const std::string& text) { return TestPackage(text)["p.x"]; }

  /// `__all__` as the file leaves it; "unknown" where it is not known, "" where there is none.
  static std::string exports_in(const std::string& text) {
    TestPackage package({{"p/__init__.py", "from . import sub\nfrom .sub import *\n" + text},
                         {"p/sub.py", "__all__ = ['s', '_t']\n"},
                         {"p/plain.py", "u = 1\n_v = 2\n"}});
    const auto& names = package.names_of("p");
    if (!names.unknowns.empty()) return "unknown";
    return names.exports ? join(*names.exports, " ") : "none";
  }
};

TEST_F(NamesTest, AreBoundByEveryKindOfStatement) {
  EXPECT_EQ(names_in("def a(): ...\nasync def b(): ...\nclass c: ...\nd = e = 1\nf, (g, *h) = x\n"
                     "i: int = 1\nj += 1\nfor k in x:\n  l = 1\nwith x as m: n = 1\n"
                     "import o, q.r, s.t as u\nfrom v import w, x as y\n"),
            "a b c d e f g h i j k l m n o q u w y");
}

TEST_F(NamesTest, AreNotBoundByWhatOnlyLooksLikeIt) {
  EXPECT_EQ(names_in("a: int\nb.c = 1\nd[0] = 1\ndef e():\n  f = 1\n  def g(): ...\nclass h:\n"
                     "  i = 1\n[j for j in x]\nk == 1\n'''\nl = 1\n'''\n"),
            "e h");
}

TEST_F(NamesTest, MeanWhatWasBoundLast) {
  EXPECT_EQ(x_in("def x(): ...\ndef x(): ...\n"), "function p.x:2");
  EXPECT_EQ(x_in("x = 1\nclass x: ...\n"), "class p.x:2");
  EXPECT_EQ(x_in("if A:\n  x = 1\nx = 2\n"), "value p.x:3");
}

TEST_F(NamesTest, MeanAllThatConditionsAllow) {
  EXPECT_EQ(x_in("if A:\n  def x(): ...\nelif B:\n  def x(): ...\nelse:\n  x = None\n"),
            "function p.x:2 [if A] | function p.x:4 [else of A, if B] | "
            "value p.x:6 [else of A, else of B]");
  EXPECT_EQ(x_in("try:\n  from os import x\nexcept ImportError:\n  x = None\n"),
            "foreign os.x [try] | value p.x:4 [except ImportError]");
  EXPECT_EQ(x_in("x = 1\nif A:\n  x = 2\n"), "value p.x:1 | value p.x:3 [if A]");
  EXPECT_EQ(x_in("if A:\n  x = 1\n  x = 2\n"), "value p.x:3 [if A]");
  EXPECT_EQ(x_in("for i in y:\n  if i:\n    x = i\n"), "value p.x:3 [for y, if i]");
  EXPECT_EQ(x_in("while A:\n  x = 1\n"), "value p.x:2 [while A]");
}

TEST_F(NamesTest, DoNotMeanWhatNeverRuns) {
  EXPECT_EQ(x_in("if TYPE_CHECKING:\n  from q import x\nelse:\n  x = 1\n"), "value p.x:4");
  EXPECT_EQ(x_in("if typing.TYPE_CHECKING:\n  from q import x\n"), "nothing");
  EXPECT_EQ(x_in("import typing as t\nif t.TYPE_CHECKING:\n  from q import x\n"), "nothing");
  EXPECT_EQ(x_in("if A and t.TYPE_CHECKING:\n  x = 1\n"), "value p.x:2 [if A and t.TYPE_CHECKING]");
  EXPECT_EQ(x_in("if not TYPE_CHECKING:\n  x = 1\nelse:\n  x = 2\n"), "value p.x:2");
  EXPECT_EQ(x_in("if __name__ == \"__main__\":\n  x = 1\n"), "nothing");
  EXPECT_EQ(x_in("if __name__ == '__main__':\n  x = 1\n"), "nothing");
  EXPECT_EQ(x_in("if False:\n  x = 1\nelif A:\n  x = 2\n"), "value p.x:4 [if A]");
  EXPECT_EQ(x_in("if True:\n  x = 1\nelif A:\n  x = 2\n"), "value p.x:2");
}

TEST_F(NamesTest, EndWhereTheyAreDeleted) {
  EXPECT_EQ(x_in("x = 1\ndel x\n"), "nothing");
  EXPECT_EQ(x_in("x = 1\ndel x\nx = 2\n"), "value p.x:3");
  EXPECT_EQ(x_in("x = 1\ndel x.y, x[0]\n"), "value p.x:1");
  EXPECT_EQ(x_in("x = 1\nif A:\n  del x\n"), "value p.x:1") << "it may be there";
}

TEST_F(NamesTest, MeanTheDefinitionBehindOverloads) {
  EXPECT_EQ(x_in("@overload\ndef x(a: int): ...\n@t.overload\ndef x(a: str): ...\n"
                 "def x(a): ...\n"),
            "function p.x:5");
  EXPECT_EQ(x_in("@overload\ndef x(a: int): ...\n"), "nothing");
}

TEST_F(NamesTest, MeanThePropertyAndNotItsSetter) {
  TestPackage package(
      "class A:\n  @property\n  def x(self) -> int: ...\n"
      "  @x.setter\n  def x(self, v): ...\n  @x.deleter\n  def x(self): ...\n");
  EXPECT_EQ(package["p.A.x"], "function p.A.x:3");
}

TEST_F(NamesTest, ListWhatAStarExports) {
  EXPECT_EQ(exports_in(""), "none");
  EXPECT_EQ(exports_in("__all__ = ['a', '_b']\n"), "a _b");
  EXPECT_EQ(exports_in("__all__ = []\n"), "");
  EXPECT_EQ(exports_in("__all__ = ['a']\n__all__ = ('b',)\n"), "b");
  EXPECT_EQ(exports_in("__all__ = ['a']\n__all__ += ['b']\n"), "a b");
  EXPECT_EQ(exports_in("__all__ = ['a']\n__all__.extend(['b', 'c'])\n__all__.append('d')\n"
                       "__all__.remove('a')\n"),
            "b c d");
  EXPECT_EQ(exports_in("__all__ = ['a'] + sub.__all__\n"), "a s _t");
  EXPECT_EQ(exports_in("__all__ = ['a']\n__all__ += sub.__all__\n"), "a s _t");
  EXPECT_EQ(exports_in("__all__ = ['a']\n__all__.extend(sub.__all__)\n"), "a s _t");
  EXPECT_EQ(exports_in("import p.sub as r\n__all__ = r.__all__\n"), "s _t");
}

TEST_F(NamesTest, ListEachExportOnce) {
  EXPECT_EQ(exports_in("__all__ = ['a', 'b']\n__all__ += ['a']\n"), "b a");
}

TEST_F(NamesTest, ListWhatMayBeExported) {
  EXPECT_EQ(exports_in("try:\n  import q\n  __all__ = ['a', 'b']\nexcept ImportError:\n"
                       "  __all__ = ['a']\n"),
            "b a");
  EXPECT_EQ(exports_in("__all__ = ['a', 'b']\nif A:\n  __all__.remove('b')\n"), "a b");
  EXPECT_EQ(exports_in("__all__ = ['a']\nif A:\n  __all__ += ['b']\n"), "a b");
}

TEST_F(NamesTest, ListExportsOfAVariable) {
  EXPECT_EQ(exports_in("BASE = ['a', 'b']\n__all__ = BASE + ['c']\n"), "a b c");
  EXPECT_EQ(exports_in("if A:\n  BASE = ['a']\n__all__ = BASE + ['c']\n"), "unknown");
}

TEST_F(NamesTest, AreBoundInsideExpressions) {
  EXPECT_EQ(names_in("if (a := 3) > 2 and [b := x for x in y]: pass\nf(lambda: (c := 1))\n"),
            "a b");
}

TEST_F(NamesTest, SayWhereExportsAreNotKnown) {
  for (const char* text : {"__all__ = sorted(x)\n", "__all__ = [n for n in dir()]\n",
                           "__all__ = ['a']\n__all__ += foreign.__all__\n",
                           "import foreign\n__all__ = foreign.__all__\n", "__all__ = ['a', B]\n",
                           "__all__ = ['a']\n__all__.append(b)\n"}) {
    EXPECT_EQ(exports_in(text), "unknown") << text;
  }
}

TEST_F(NamesTest, ThatGetattrAnswersAreComputed) {
  TestPackage package(
      "_MAP = {'c': 'q.c'}\n_LIST = ['d']\n_TUPLES = {'e': ('q', 'e')}\nbound = 1\n"
      "def __getattr__(name):\n  if name == 'a': return 1\n  if name in ('b', 'bound'): return "
      "2\n"
      "  if name in _MAP: return 3\n  if name in _LIST: return 4\n");
  for (const char* name : {"p.a", "p.b", "p.c", "p.d"}) {
    EXPECT_EQ(package[name], "computed: computed by __getattr__ (p/__init__.py:5)") << name;
  }
  EXPECT_EQ(package["p.bound"], "value p.bound:4") << "it is asked only for what is not bound";
  EXPECT_EQ(package["p.e"], "nothing");
  EXPECT_TRUE(package.names_of("p").unknowns.empty());
}

TEST_F(NamesTest, MayBeAnyWhereGetattrDoesNotSay) {
  for (const char* body : {"  return _load(name)\n", "  if name in _TUPLES: return 1\n",
                           "  if name in _unknown(): return 1\n",
                           "  if name != 'a': raise AttributeError\n  return 1\n"}) {
    TestPackage package(std::string("_TUPLES = {'e': ('q', 'e')}\ndef __getattr__(name):\n") +
                        body);
    ASSERT_EQ(package.names_of("p").unknowns.size(), 1u) << body;
    EXPECT_EQ(package.names_of("p").unknowns[0],
              "names are computed by __getattr__ (p/__init__.py:2)");
  }
}

TEST_F(NamesTest, MayBeMoreWhereCodeBindsThem) {
  for (const char* line : {"globals().update(x)", "vars()['a'] = 1", "setattr(m, 'a', 1)",
                           "exec(x)", "sys.modules[__name__] = x"}) {
    TestPackage package(std::string("a = 1\n") + line + "\n");
    ASSERT_EQ(package.names_of("p").unknowns.size(), 1u) << line;
    expect_contains(package.names_of("p").unknowns[0],
                    "is known only when it runs (p/__init__.py:2)");
    EXPECT_EQ(package["p.a"], "value p.a:1") << line;
  }
}

TEST(ModuleOf, TurnsAFileIntoAModule) {
  EXPECT_EQ(module_of("p/__init__.py"), "p");
  EXPECT_EQ(module_of("p/ops/norm.py"), "p.ops.norm");
  EXPECT_EQ(module_of("p/ops/__init__.py"), "p.ops");
  EXPECT_EQ(module_of("p/x__init__.py"), "p.x__init__");
}

TEST(IsImportable, NeedsANameWithoutDots) {
  EXPECT_TRUE(is_importable("p/a.py"));
  EXPECT_TRUE(is_importable("p/a-b/__init__.py"));
  EXPECT_FALSE(is_importable("p/a.b.py"));
  EXPECT_FALSE(is_importable("p/v1.0/a.py"));
}

TEST(AbsoluteModule, CountsDotsFromTheModule) {
  const Module package{"p.q", "p/q/__init__.py", nullptr}, module{"p.q.r", "p/q/r.py", nullptr},
      folder{"p.s", "p/s/", nullptr};
  EXPECT_EQ(absolute_module(module, 0, "x.y"), "x.y");
  EXPECT_EQ(absolute_module(module, 1, ""), "p.q");
  EXPECT_EQ(absolute_module(module, 1, "x"), "p.q.x");
  EXPECT_EQ(absolute_module(module, 2, "x"), "p.x");
  EXPECT_EQ(absolute_module(package, 1, "x"), "p.q.x");
  EXPECT_EQ(absolute_module(package, 2, ""), "p");
  EXPECT_EQ(absolute_module(folder, 1, "x"), "p.s.x");
  EXPECT_EQ(absolute_module(module, 3, "x"), std::nullopt);
  EXPECT_EQ(absolute_module(package, 9, "x"), std::nullopt);
}

}  // namespace
}  // namespace fusegate::probe
