#include "probe/surface/diff.hpp"

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "probe/surface/test_package.hpp"

namespace fusegate::probe {
namespace {

class DiffTest : public PackageTest {
 protected:
  /// "symbol: kind [who breaks]" of every change.
  std::string diff(const Files& before, const Files& after) {
    TestPackage old_one(before), new_one(after);
    const auto rules = toy_rules();
    changes_ = compare_surfaces(old_one.loaded(), new_one.loaded(), rules.bindings);
    std::string text;
    for (const auto& change : changes_) {
      text += fmt::format("{}: {} [{}]\n", change.symbol, name_of(change.kind),
                          join(change.breaks, " "));
    }
    return text;
  }
  /// Of two versions of one module.
  std::string diff(const std::string& before, const std::string& after) {
    return diff(Files{{"p/__init__.py", before}}, Files{{"p/__init__.py", after}});
  }

  std::vector<Change> changes_;
};

TEST_F(DiffTest, FindsNothingBetweenEqualVersions) {
  const Files files{{"p/__init__.py", "from .a import *\n"}, {"p/a.py", "def f(x): ...\nA = 1\n"}};
  EXPECT_EQ(diff(files, files), "");
}

TEST_F(DiffTest, FindsNothingInFormattingBodiesAndSpelling) {
  EXPECT_EQ(diff("from typing import Optional\ndef f(x: Optional[int], e=1e-6): return 1\n",
                 "def f(\n  x: int | None,  # here\n  e=0.000001,\n): return 2\n"),
            "");
}

TEST_F(DiffTest, ComparesADefinitionOnceForAllItsNames) {
  const std::string init = "from .a import *\n";
  EXPECT_EQ(diff({{"p/__init__.py", init}, {"p/a.py", "def f(x): ...\n"}},
                 {{"p/__init__.py", init}, {"p/a.py", "def f(x, y): ...\n"}}),
            "p.f: parameter_added_required [call]\n");
  EXPECT_EQ(changes_.at(0).also, std::vector<std::string>{"p.a.f"});
  EXPECT_EQ(changes_.at(0).where_before, "p/a.py:1");
}

TEST_F(DiffTest, FindsThatSomethingIsAwaitedOrReadOtherwise) {
  EXPECT_EQ(diff("def f(): ...\n", "async def f(): ...\n"), "p.f: kind_changed [call value]\n");
  EXPECT_EQ(diff("class A:\n  @property\n  def p(self): ...\n", "class A:\n  def p(self): ...\n"),
            "p.A.p: kind_changed [call value]\n");
}

TEST_F(DiffTest, KeepsTheChangesOfAFunctionThatStayedWhereItWas) {
  EXPECT_EQ(diff("def f(*args): ...\n", "def f(a): ...\n"),
            "p.f: parameter_removed [positional]\np.f: parameter_added_required [call]\n");
}

TEST_F(DiffTest, TakesADefinitionBesideAnImportForANewOne) {
  EXPECT_EQ(
      diff("A = 1\n", "A = 1\ntry:\n  from torch import f\nexcept ImportError:\n  def f(x): ...\n"),
      "p.f: added []\n");
}

TEST_F(DiffTest, FindsARename) {
  EXPECT_EQ(diff("def qk_norm(q, k, eps): ...\n", "def _qk_norm(out, q, k, eps): ...\n"),
            "p._qk_norm: added []\np.qk_norm: renamed [import]\n");
  EXPECT_EQ(changes_.at(1).reason, "qk_norm is p._qk_norm now");
}

TEST_F(DiffTest, TakesNoUnrelatedFunctionForARename) {
  EXPECT_EQ(diff("def qk_norm(q, k, eps): ...\n", "def qk_norms(a, b, c, d): ...\n"),
            "p.qk_norm: removed [import]\np.qk_norms: added []\n");
}

TEST_F(DiffTest, FindsAMove) {
  EXPECT_EQ(diff({{"p/__init__.py", ""}, {"p/a.py", "def f(x, y): ...\n"}, {"p/b.py", ""}},
                 {{"p/__init__.py", ""}, {"p/a.py", ""}, {"p/b.py", "def f(x, y): ...\n"}}),
            "p.a.f: moved [import]\np.b.f: added []\n");
  EXPECT_EQ(changes_.at(0).reason, "f is p.b.f now");
}

TEST_F(DiffTest, KeepsANameThatIsStillReExported) {
  EXPECT_EQ(diff({{"p/__init__.py", "from .a import f\n"}, {"p/a.py", "def f(x): ...\n"}},
                 {{"p/__init__.py", "from .b import f\n"},
                  {"p/a.py", "from .b import f\n"},
                  {"p/b.py", "def f(x): ...\n"}}),
            "p.b.f: added []\n");
}

TEST_F(DiffTest, SeesAnotherFunctionUnderTheSameName) {
  EXPECT_EQ(diff({{"p/__init__.py", "from .a import *\n"},
                  {"p/a.py", "def norm(q, k, eps): ...\n"},
                  {"p/b.py", ""}},
                 {{"p/__init__.py", "from .a import *\nfrom .b import *\n"},
                  {"p/a.py", "def _norm(out, q, k, eps): ...\n"},
                  {"p/b.py", "def norm(q_out, q_scale, q=None, weight=None, mode=0): ...\n"}}),
            "p.a._norm: added []\np.a.norm: renamed [import]\np.b.norm: added []\n"
            "p.norm: same_name_different_function [positional keyword value]\n");
  EXPECT_EQ(changes_.at(3).reason,
            "norm was p.a.norm and is p.b.norm; what it was is p.a._norm now; a check for the name "
            "says yes to both");
}

TEST_F(DiffTest, SeesThatPositionsShiftAndBindingsChange) {
  EXPECT_EQ(diff("@compile_ops('m')\ndef f(x, flag=0): ...\n",
                 "@compile_ops('m', ffi_type='ctypes')\ndef f(x, gemma=False, flag=0): ...\n"),
            "p.f: positional_meaning_shifted [positional]\np.f: parameter_moved [positional]\n"
            "p.f: parameter_added_optional []\np.f: binding_changed []\n");
}

TEST_F(DiffTest, ReportsAClassWithoutItsMembers) {
  EXPECT_EQ(diff("class A:\n  x = 1\n  def f(self): ...\n", ""), "p.A: removed [import]\n");
  EXPECT_EQ(diff("", "class A:\n  def f(self): ...\n"), "p.A: added []\n");
}

TEST_F(DiffTest, ComparesMembersAndInheritedOnes) {
  EXPECT_EQ(diff("class A:\n  def f(self): ...\n  def g(self, x): ...\n",
                 "class B:\n  def f(self): ...\nclass A(B):\n  def g(self): ...\n"),
            "p.A.g: parameter_removed [positional keyword]\np.B: added []\n");
}

TEST_F(DiffTest, ComparesConstructorsOfDataclasses) {
  const std::string head = "from dataclasses import dataclass\n@dataclass\nclass A:\n";
  EXPECT_EQ(
      diff(head + "  x: int\n  y: int = 0\n", head + "  x: int\n  z: int = 1\n  y: int = 0\n"),
      "p.A: positional_meaning_shifted [positional]\np.A: parameter_moved [positional]\n"
      "p.A: parameter_added_optional []\np.A.z: added []\n");
}

TEST_F(DiffTest, ComparesValues) {
  EXPECT_EQ(diff("A = 1\nB = [1, 2]\nC = 'x'\n", "A = 2\nB = [1,2]\nC = \"x\"\n"),
            "p.A: value_changed [value]\n");
  EXPECT_EQ(diff("from enum import Enum\nclass K(Enum):\n  A = 0\n  B = 1\n",
                 "from enum import Enum\nclass K(Enum):\n  A = 0\n  N = 1\n  B = 2\n"),
            "p.K: value_changed [value]\np.K.B: value_changed [value]\np.K.N: added []\n");
}

TEST_F(DiffTest, ComparesBasesKindsAndConditions) {
  EXPECT_EQ(diff("class B: ...\nclass A(B): ...\n", "class B: ...\nclass A: ...\n"),
            "p.A: base_removed [value]\n");
  EXPECT_EQ(diff("def f(): ...\n", "f = 1\n"), "p.f: kind_changed [call]\n");
  EXPECT_EQ(diff("def f(): ...\n", "if A:\n  def f(): ...\n"), "p.f: condition_changed []\n");
}

TEST_F(DiffTest, MissesAttributesOfInstances) {
  EXPECT_EQ(diff("class A:\n  def __init__(self):\n    self.pool = self.size = 1\n",
                 "class B:\n  def grow(self): self.size = 2\nclass A(B):\n"
                 "  def __init__(self): ...\n"),
            "p.A.pool: removed [value]\np.B: added []\n")
      << "size is set by the base class";
  EXPECT_EQ(changes_.at(0).where_before, "p/__init__.py:3");
}

TEST_F(DiffTest, ReportsAModuleThatIsGone) {
  EXPECT_EQ(diff({{"p/__init__.py", ""}, {"p/a.py", ""}}, {{"p/__init__.py", ""}}),
            "p.a: removed [import]\n");
}

TEST_F(DiffTest, KeepsAModuleThatAnImportHookAnswersFor) {
  EXPECT_EQ(
      diff({{"p/__init__.py", ""}, {"p/old/__init__.py", ""}, {"p/old/norm.py", "def f(x): ...\n"}},
           {{"p/__init__.py", ""},
            {"p/old/__init__.py", "_MOVED = {'norm': 'new.norm'}\n"},
            {"p/old/new/__init__.py", ""},
            {"p/old/new/norm.py", "def f(x): ...\n"}}),
      "p.old._MOVED: added []\np.old.new.norm.f: added []\n");
}

TEST_F(DiffTest, SaysWhyANameCannotBeImportedAnyMore) {
  EXPECT_EQ(diff({{"p/__init__.py", "from .a import f\n"}, {"p/a.py", "def f(): ...\n"}},
                 {{"p/__init__.py", "from .a import f\n"}, {"p/a.py", ""}}),
            "p.a.f: removed [import]\np.f: removed [import]\n");
}

TEST_F(DiffTest, WritesAChange) {
  diff("def f(x): ...\n", "def f(x, y): ...\n");
  const auto json = to_json(changes_.at(0));
  EXPECT_EQ(json.at("breaking"), true);
  EXPECT_EQ(json.at("kind"), "parameter_added_required");
  EXPECT_TRUE(json.at("before").is_null());
  EXPECT_EQ(json.at("where").at("after"), "p/__init__.py:1");
}

}  // namespace
}  // namespace fusegate::probe
