#include "probe/surface/surface.hpp"

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "probe/surface/test_package.hpp"

namespace fusegate::probe {
namespace {

using SurfaceTest = PackageTest;

TEST_F(SurfaceTest, FollowsStarImports) {
  TestPackage package({{"p/__init__.py", "from .a import *\nfrom .b import *\n"},
                       {"p/a.py", "def f(): ...\ndef _g(): ...\nimport os\n"},
                       {"p/b.py", "__all__ = ['h', '_i', 'gone']\nh = 1\n_i = 2\nj = 3\n"}});
  expect_meanings(package, {{"p.f", "function p.a.f:1"},
                            {"p._g", "nothing"},
                            {"p.os", "foreign os"},
                            {"p.h", "value p.b.h:2"},
                            {"p._i", "value p.b._i:3"},
                            {"p.j", "nothing"},
                            {"p.gone", "missing: p.b does not define gone"}});
}

TEST_F(SurfaceTest, LetsTheLastStarWin) {
  TestPackage package({{"p/__init__.py", "from .a import *\nfrom .b import *\ng = 1\n"},
                       {"p/a.py", "def f(): ...\ndef g(): ...\n"},
                       {"p/b.py", "from .a import *\ndef f(): ...\n"}});
  expect_meanings(package, {{"p.f", "function p.b.f:2"}, {"p.g", "value p.g:3"}});
}

TEST_F(SurfaceTest, FollowsStarsUnderConditions) {
  TestPackage package({{"p/__init__.py",
                        "try:\n  from .a import *\nexcept ImportError:\n  from .b import f\nif A:\n"
                        "  from .b import *\n"},
                       {"p/a.py", "if B:\n  def f(): ...\n"},
                       {"p/b.py", "def f(): ...\n"}});
  EXPECT_EQ(package["p.f"],
            "function p.a.f:2 [try, if B] | function p.b.f:1 [except ImportError] | "
            "function p.b.f:1 [if A]");
}

TEST_F(SurfaceTest, SaysThatAStarOfAnotherPackageIsUnknown) {
  TestPackage package({{"p/__init__.py", "from .a import f, g\n"},
                       {"p/a.py", "from torch import *\ndef f(): ...\n"}});
  EXPECT_EQ(package["p.f"], "function p.a.f:2");
  EXPECT_EQ(package["p.g"],
            "computed: what `from torch import *` binds is known only when it runs (p/a.py:1)");
}

TEST_F(SurfaceTest, KnowsThatAStarHandsOnWhatIsUnknown) {
  TestPackage package({{"p/__init__.py", "from .b import g\nfrom .c import h\n"},
                       {"p/a.py", "globals().update(x)\n"},
                       {"p/b.py", "from .a import *\n"},
                       {"p/c.py", "from .b import *\n"}});
  for (const char* name : {"p.g", "p.h"}) {
    EXPECT_EQ(package[name],
              "computed: what `globals().update(x)` binds is known only when it runs (p/a.py:1)")
        << name;
  }
}

TEST_F(SurfaceTest, FollowsAliases) {
  TestPackage package({{"p/__init__.py",
                        "from . import a\nfrom .a import f as g\nh = g\ni = a.f\nj = a.A.m\n"
                        "k = a.X\nl = h\nm = len\nn = a\no = g(1)\n"},
                       {"p/a.py", "def f(): ...\nclass A:\n  def m(self): ...\nX = 1\n"}});
  expect_meanings(package, {{"p.g", "function p.a.f:1"},
                            {"p.h", "function p.a.f:1"},
                            {"p.i", "function p.a.f:1"},
                            {"p.j", "function p.a.A.m:3"},
                            {"p.k", "value p.k:6"},
                            {"p.l", "function p.a.f:1"},
                            {"p.m", "value p.m:8"},
                            {"p.n", "module p.a"},
                            {"p.n.f", "function p.a.f:1"},
                            {"p.o", "value p.o:10"}});
}

TEST_F(SurfaceTest, FollowsImportsOfModules) {
  TestPackage package({{"p/__init__.py", "import p.a.b as c\nimport os.path as o\nimport p.a.b\n"},
                       {"p/a/__init__.py", ""},
                       {"p/a/b.py", "def f(): ...\n"}});
  expect_meanings(package, {{"p.c", "module p.a.b"},
                            {"p.c.f", "function p.a.b.f:1"},
                            {"p.o", "foreign os.path"},
                            {"p.o.join", "foreign os.path.join"},
                            {"p.a.b.f", "function p.a.b.f:1"},
                            {"p.p", "module p"},
                            {"p.a", "module p.a"}});
}

TEST_F(SurfaceTest, FollowsRelativeImportsOfAnyLevel) {
  TestPackage package({{"p/__init__.py", "def top(): ...\n"},
                       {"p/a/__init__.py", "from .. import top as one\nfrom .b.c import *\n"},
                       {"p/a/b/__init__.py", ""},
                       {"p/a/b/c.py",
                        "from ... import top as two\nfrom ..d import f\nfrom . import e\n"
                        "from .... import beyond\n"},
                       {"p/a/b/e.py", "def g(): ...\n"},
                       {"p/a/d.py", "def f(): ...\n"}});
  expect_meanings(
      package,
      {{"p.a.one", "function p.top:1"},
       {"p.a.two", "function p.top:1"},
       {"p.a.f", "function p.a.d.f:1"},
       {"p.a.e.g", "function p.a.b.e.g:1"},
       {"p.a.beyond", "computed: imported from beyond the top of the package (p/a/b/c.py:4)"}});
}

TEST_F(SurfaceTest, SaysWhatDoesNotExist) {
  TestPackage package({{"p/__init__.py",
                        "from .gone import f\nfrom .a import g\nfrom .a import h as i\n"
                        "import p.gone as j\nfrom . import k\n"},
                       {"p/a.py", "h = 1\ndel h\n"}});
  expect_meanings(package, {{"p.f", "missing: there is no module p.gone"},
                            {"p.g", "missing: p.a does not define g"},
                            {"p.i", "missing: p.a does not define h"},
                            {"p.j", "missing: there is no module p.gone"},
                            {"p.k", "computed: its imports go round in a circle"},
                            {"p.l", "nothing"},
                            {"p.a.l.m", "nothing"},
                            {"q.f", "nothing"}});
}

TEST_F(SurfaceTest, DoesNotCallMissingWhatAFileThatDoesNotParseMayHave) {
  TestPackage package({{"p/__init__.py", "from .a import f\n"}, {"p/a.py", "def f(:\n"}});
  EXPECT_EQ(package["p.f"], "computed: p/a.py was not read");
}

TEST_F(SurfaceTest, FollowsCircularImports) {
  TestPackage package({{"p/__init__.py", "from .a import f\nfrom .b import g\n"},
                       {"p/a.py", "from .b import g\nfrom . import h\ndef f(): ...\n"},
                       {"p/b.py", "from .a import f\ndef g(): ...\n"},
                       {"p/h.py", "from p import f\n"}});
  expect_meanings(package, {{"p.f", "function p.a.f:3"},
                            {"p.g", "function p.b.g:2"},
                            {"p.a.g", "function p.b.g:2"},
                            {"p.b.f", "function p.a.f:3"},
                            {"p.a.h", "module p.h"},
                            {"p.h.f", "function p.a.f:3"}});
}

TEST_F(SurfaceTest, EndsOnNamesThatAreImportedInACircle) {
  TestPackage package({{"p/__init__.py", "from .a import f\nfrom p import g\n"},
                       {"p/a.py", "from .b import f\n"},
                       {"p/b.py", "from .a import f\nx = y\ny = x\n"}});
  expect_meanings(package, {{"p.f", "computed: its imports go round in a circle"},
                            {"p.g", "computed: its imports go round in a circle"},
                            {"p.b.x", "value p.b.x:2"}});
}

TEST_F(SurfaceTest, FollowsStarsInACircle) {
  TestPackage package({{"p/__init__.py", "from .a import *\nfrom .b import *\n"},
                       {"p/a.py", "from p import *\nfrom .b import *\ndef f(): ...\n"},
                       {"p/b.py", "from .a import *\ndef g(): ...\n"}});
  expect_meanings(
      package,
      {{"p.f", "function p.a.f:3"}, {"p.g", "function p.b.g:2"}, {"p.a.g", "function p.b.g:2"}});
}

TEST_F(SurfaceTest, KeepsWhatAnImporterTakesBack) {
  // A submodule that imports a name from the package which stars it back.
  TestPackage package({{"p/__init__.py", "from .a import *\nfrom .b import *\n"},
                       {"p/a.py", "def f(): ...\n"},
                       {"p/b.py", "from p import f\ndef g(): ...\n"}});
  expect_meanings(package, {{"p.f", "function p.a.f:1"}, {"p.b.f", "function p.a.f:1"}});
}

TEST_F(SurfaceTest, TakesAFolderWithoutInitForAPackage) {
  TestPackage package({{"p/__init__.py", "from .a.b import c\nfrom . import a as d\n"},
                       {"p/a/b/c.py", "def f(): ...\n"}});
  expect_meanings(package, {{"p.c", "module p.a.b.c"},
                            {"p.a", "module p.a"},
                            {"p.d.b.c.f", "function p.a.b.c.f:1"},
                            {"p.a.f", "nothing"}});
}

TEST_F(SurfaceTest, PrefersAPackageToAModuleOfItsName) {
  TestPackage package({{"p/__init__.py", "from .a import x\n"},
                       {"p/a.py", "x = 1\n"},
                       {"p/a/__init__.py", "\nx = 2\n"}});
  EXPECT_EQ(package["p.x"], "value p.a.x:2");
}

TEST_F(SurfaceTest, IsNotMisledByAFileThatCannotBeImported) {
  TestPackage package(
      {{"p/a.b.py", "x = 1\n"}, {"p/a/b.py", "\nx = 2\n"}, {"p/c.d.py", "x = 3\n"}});
  EXPECT_EQ(package["p.a.b.x"], "value p.a.b.x:2");
  EXPECT_EQ(package["p.c.d.x"], "nothing");
}

TEST_F(SurfaceTest, GivesModulesTheNamesOfImportHooks) {
  TestPackage package({{"p/__init__.py", "from .old.a import f\nfrom .old import a as g\n"},
                       {"p/old/__init__.py",
                        "_MOVED = {'a': 'new.a', 'b.c': 'new.a', 'real': 'new.a', 'd': 'gone'}\n"},
                       {"p/old/real.py", "def r(): ...\n"},
                       {"p/old/new/a.py", "def f(): ...\n"}});
  expect_meanings(package, {{"p.f", "function p.old.new.a.f:1"},
                            {"p.g", "module p.old.new.a"},
                            {"p.old.a.f", "function p.old.new.a.f:1"},
                            {"p.old.b.c.f", "function p.old.new.a.f:1"},
                            {"p.old.real.r", "function p.old.real.r:1"},
                            {"p.old.d.f", "nothing"}});
}

TEST_F(SurfaceTest, PrefersWhatAPackageBindsToASubmoduleOfTheName) {
  TestPackage package({{"p/__init__.py", "from .norm import norm\nfrom . import plain\n"},
                       {"p/norm.py", "def norm(): ...\ndef other(): ...\n"},
                       {"p/plain.py", ""}});
  expect_meanings(package, {{"p.norm", "function p.norm.norm:1"},
                            {"p.norm.other", "function p.norm.other:2"},
                            {"p.norm.norm", "function p.norm.norm:1"},
                            {"p.plain", "module p.plain"}});
}

TEST_F(SurfaceTest, FindsMembersOfClasses) {
  TestPackage package({{"p/__init__.py",
                        "from .a import Base\nclass A(Base):\n  def own(self): ...\n"
                        "  class B:\n    class C:\n      def deep(self): ...\n      X = 1\n"
                        "class D(A, torch.Module): ...\nclass E(Base[int], Generic[T]): ...\n"
                        "F = A\n"},
                       {"p/a.py",
                        "class Base:\n  def own(self): ...\n  def old(self): ...\n"
                        "  if A:\n    def new(self): ...\n  field: int\n"}});
  expect_meanings(package, {{"p.A.own", "function p.A.own:3"},
                            {"p.A.old", "function p.a.Base.old:3"},
                            {"p.A.new", "function p.a.Base.new:5 [if A]"},
                            {"p.A.field", "value p.a.Base.field:6"},
                            {"p.A.B.C.deep", "function p.A.B.C.deep:6"},
                            {"p.A.B.C.X", "value p.A.B.C.X:7"},
                            {"p.D.old", "function p.a.Base.old:3"},
                            {"p.E.old", "function p.a.Base.old:3"},
                            {"p.F.own", "function p.A.own:3"},
                            {"p.A.none", "nothing"}});
}

TEST_F(SurfaceTest, EndsOnAClassThatInheritsFromItself) {
  TestPackage package("class A(B): ...\nclass B(A): ...\nclass C(C): ...\n");
  expect_meanings(package, {{"p.A.x", "nothing"}, {"p.C.x", "nothing"}});
}

TEST_F(SurfaceTest, KeepsTheConditionsOfTheWholeWay) {
  TestPackage package({{"p/__init__.py", "if A:\n  from .a import f\n  from .a import C\n"},
                       {"p/a.py",
                        "if B:\n  if A:\n    def f(): ...\nif B:\n  class C:\n    if D:\n"
                        "      def m(self): ...\n"}});
  expect_meanings(package, {{"p.f", "function p.a.f:3 [if A, if B]"},
                            {"p.C.m", "function p.a.C.m:7 [if A, if B, if D]"}});
}

}  // namespace
}  // namespace fusegate::probe
