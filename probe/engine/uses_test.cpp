// One made-up engine for each way in which engines use a library.
#include <gtest/gtest.h>

#include "probe/engine/test_engine.hpp"

namespace fusegate::probe {
namespace {

class UsesTest : public EngineTest {
 protected:
  Files library_{{"__init__.py", "from .ops import norm, Kind\n"},
                 {"ops.py",
                  "import enum\n"
                  "def norm(x, weight, eps=1e-6): ...\n"
                  "def pair(x) -> tuple[Tensor, Tensor]: ...\n"
                  "class Kind(enum.Enum):\n  No = 0\n"
                  "class Group:\n"
                  "  def __init__(self, rank): ...\n"
                  "  def reduce(self, x, out=None): ...\n"}};
};

TEST_F(UsesTest, AnImportAtTheTop) {
  check("import lib\nimport lib.ops as o\nfrom lib import norm, gone\nfrom lib.gone import x\n",
        library_);
  EXPECT_EQ(uses(), (Texts{"1 lib import ok fine", "2 lib.ops import ok fine",
                           "3 lib.norm import ok fine", "3 lib.gone import missing stops_import",
                           "4 lib.gone.x import missing stops_import"}));
}

TEST_F(UsesTest, AnImportInAFunctionFailsWhenItIsCalled) {
  check("def f():\n  from lib import gone\n", library_);
  EXPECT_EQ(uses(), Texts{"2 lib.gone import missing fails_at_call"});
  EXPECT_EQ(check_.uses.at(0).use.function, "f");
}

TEST_F(UsesTest, AnImportWithAFallbackIsOff) {
  check("try:\n  from lib import gone\nexcept ImportError:\n  gone = None\n", library_);
  EXPECT_EQ(uses(), Texts{"2 lib.gone import missing off"});
}

TEST_F(UsesTest, AFallbackThatIsMissingTooStopsTheImport) {
  check("try:\n  from lib import gone\nexcept ImportError:\n  from lib import gone_too as gone\n",
        library_);
  EXPECT_EQ(uses(),
            (Texts{"2 lib.gone import missing off", "4 lib.gone_too import missing stops_import"}));
}

TEST_F(UsesTest, AFallbackIsNotTakenWhereTheFirstIsThere) {
  check("try:\n  from lib import norm\nexcept ImportError:\n  from lib import gone as norm\n",
        library_);
  EXPECT_EQ(uses(), (Texts{"2 lib.norm import ok fine", "4 lib.gone import missing off"}));
}

TEST_F(UsesTest, AHandlerThatRaisesAgainTakesNothing) {
  check("try:\n  from lib import gone\nexcept ImportError as e:\n  raise RuntimeError() from e\n",
        library_);
  EXPECT_EQ(uses(), Texts{"2 lib.gone import missing stops_import"});
}

TEST_F(UsesTest, AHandlerOfAnotherExceptionTakesNothing) {
  check("try:\n  from lib import gone\nexcept ValueError:\n  pass\n", library_);
  EXPECT_EQ(uses(), Texts{"2 lib.gone import missing stops_import"});
}

TEST_F(UsesTest, AnImportUnderAFlagGoesByTheProfile) {
  const char* text = "use = flag('USE_LIB') and is_hip()\nif use:\n  from lib import gone\n";
  check(text, library_, {"USE_LIB=1", "gfx942"});
  EXPECT_EQ(uses(), Texts{"3 lib.gone import missing stops_import"});
  check(text, library_, {"USE_LIB=1", "sm_90"});
  EXPECT_EQ(uses(), Texts{"3 lib.gone import missing off"});
  check(text, library_, {"USE_LIB=1"});
  EXPECT_EQ(uses(), Texts{"3 lib.gone import missing conditional"});
  EXPECT_EQ(check_.uses.at(0).open, Texts{"is_hip()"});
}

TEST_F(UsesTest, AFlagOfAnotherModuleIsFollowed) {
  check(Files{{"flags.py", "from .platform import hip as _hip\nuse = _hip\n"},
              {"platform.py", "hip = is_hip()\n"},
              {"a.py", "from eng.flags import use\nif use:\n  from lib import gone\n"}},
        library_, {"gfx942"});
  EXPECT_EQ(uses(), Texts{"3 lib.gone import missing stops_import"});
}

TEST_F(UsesTest, AFunctionThatReturnsEarlyGuardsWhatFollows) {
  check("def f():\n  if not is_hip():\n    return\n  from lib import gone\n", library_, {"sm_90"});
  EXPECT_EQ(uses(), Texts{"4 lib.gone import missing off"});
}

TEST_F(UsesTest, FindSpecIsAProbe) {
  check("from importlib.util import find_spec\nA = find_spec('lib.ops')\nB = find_spec('lib.x')\n",
        library_);
  EXPECT_EQ(uses(), (Texts{"2 lib.ops probe ok fine", "3 lib.x probe missing off"}));
}

TEST_F(UsesTest, HasattrIsAProbe) {
  check(
      "import lib\nif hasattr(lib, 'gone'):\n  lib.gone(1)\nif hasattr(lib, 'norm'):\n"
      "  lib.norm(1, 2)\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"1 lib import ok fine", "2 lib.gone probe missing off",
                           "3 lib.gone call missing off", "4 lib.norm probe ok fine",
                           "5 lib.norm call ok fine"}));
}

TEST_F(UsesTest, GetattrWithADefaultIsAProbeAndWithoutOneIsNot) {
  check("import lib\na = getattr(lib, 'gone', None)\nb = getattr(lib, 'gone')\n", library_);
  EXPECT_EQ(uses(), (Texts{"1 lib import ok fine", "2 lib.gone probe missing off",
                           "3 lib.gone attribute missing stops_import"}));
}

TEST_F(UsesTest, AProbeThatSaysYesToAnotherFunctionMisleads) {
  check(
      "import lib\ndef f(x):\n  if hasattr(lib, 'norm'):\n    return lib.norm(x, weight=1, "
      "gemma=2)\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"1 lib import ok fine", "3 lib.norm probe ok misled",
                           "4 lib.norm call mismatch misled"}));
}

TEST_F(UsesTest, ASignatureIsAProbe) {
  check("import inspect\nimport lib\np = inspect.signature(lib.norm).parameters\n", library_);
  EXPECT_EQ(uses(), (Texts{"2 lib import ok fine", "3 lib.norm probe ok fine",
                           "3 lib.norm attribute ok fine"}));
}

TEST_F(UsesTest, ACallIsHeldAgainstTheSignature) {
  check(
      "from lib import norm\ndef f(x):\n  norm(x, 1, epsilon=2)\n  norm(x)\n  norm(1, 2, 3, 4)\n"
      "  norm(*x)\n  norm(x, **x)\n  norm(x, weight=1)\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"1 lib.norm import ok fine", "3 lib.norm call mismatch fails_at_call",
                           "4 lib.norm call mismatch fails_at_call",
                           "5 lib.norm call mismatch fails_at_call", "6 lib.norm call ok fine",
                           "7 lib.norm call ok fine", "8 lib.norm call ok fine"}));
}

TEST_F(UsesTest, ACallThroughAliasesIsFound) {
  check(
      "import lib.ops as o\nf = o.norm\nclass A:\n  def __init__(self):\n    self.g = o.norm\n"
      "  def run(self, x):\n    f(x)\n    self.g(x)\n",
      library_);
  EXPECT_EQ(uses(),
            (Texts{"1 lib.ops import ok fine", "2 lib.ops.norm attribute ok fine",
                   "5 lib.ops.norm attribute ok fine", "7 lib.ops.norm call mismatch fails_at_call",
                   "8 lib.ops.norm call mismatch fails_at_call"}));
}

TEST_F(UsesTest, ACallThroughAReExportOfTheEngineIsFound) {
  check(Files{{"wrap.py", "from lib.ops import norm as fast_norm\n"},
              {"a.py", "# lib\nfrom .wrap import fast_norm\ndef f(x):\n  fast_norm(x)\n"}},
        library_);
  EXPECT_EQ(uses(), Texts{"4 lib.ops.norm call mismatch fails_at_call"});
}

TEST_F(UsesTest, ANameOfAnotherBranchIsAnotherOne) {
  check(
      "def f(x):\n  if x.a:\n    from eng.own import norm\n    return norm(x)\n  elif x.b:\n"
      "    from lib import norm\n    return norm(x, 1)\n  return norm\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"6 lib.norm import ok fine", "7 lib.norm call ok fine"}));
}

TEST_F(UsesTest, ALazyGlobalIsFound) {
  check(
      "global lib\nfast = None\ndef load():\n  global fast\n  from lib import norm as fast\n"
      "def f(x):\n  fast(x)\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"5 lib.norm import ok fine", "7 lib.norm call mismatch fails_at_call"}));
}

TEST_F(UsesTest, APartialCountsItsArguments) {
  check(
      "from functools import partial\nfrom lib import norm\ng = partial(norm, eps=1)\n"
      "def f(x):\n  g(x)\n  g(x, 1)\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"2 lib.norm import ok fine", "5 lib.norm call mismatch fails_at_call",
                           "6 lib.norm call ok fine"}));
}

TEST_F(UsesTest, AMethodOfAnInstanceIsFound) {
  check(
      "from lib.ops import Group\nclass A:\n  def __init__(self):\n    self.g = Group(1)\n"
      "  def run(self, x):\n    self.g.reduce(x, None, 3)\n    self.g.fused(x)\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"1 lib.ops.Group import ok fine", "4 lib.ops.Group call ok fine",
                           "6 lib.ops.Group.reduce call mismatch fails_at_call",
                           "7 lib.ops.Group.fused call missing fails_at_call"}));
}

TEST_F(UsesTest, AResultThatIsUnpackedOtherwiseDoesNotFit) {
  check("from lib.ops import pair\ndef f(x):\n  a, b, c = pair(x)\n  d, e = pair(x)\n", library_);
  EXPECT_EQ(uses(),
            (Texts{"1 lib.ops.pair import ok fine", "3 lib.ops.pair call mismatch fails_at_call",
                   "4 lib.ops.pair call ok fine"}));
}

TEST_F(UsesTest, AMemberOfAnEnumerationIsFound) {
  check("import lib\ndef f(k=lib.Kind.No):\n  return lib.Kind.per_Token\n", library_);
  EXPECT_EQ(uses(), (Texts{"1 lib import ok fine", "2 lib.Kind.No attribute ok fine",
                           "3 lib.Kind.per_Token attribute missing fails_at_call"}));
}

TEST_F(UsesTest, WhatMovedIsNamed) {
  check("from lib.old import norm\n", library_);
  EXPECT_EQ(uses(), Texts{"1 lib.old.norm import moved stops_import"});
  EXPECT_EQ(check_.uses.at(0).resolution.moved_to, "lib.ops.norm");
}

TEST_F(UsesTest, ANameWithAlternativesIsNoObstacle) {
  check("from lib.old import norm\n",
        {{"new.py", "try:\n  from torch import norm\nexcept ImportError:\n  def norm(x): ...\n"}});
  EXPECT_EQ(uses(), Texts{"1 lib.old.norm import moved stops_import"});
}

TEST_F(UsesTest, WhatOnlyRunningTellsIsUnresolved) {
  check("from lib.dyn import x\n", {{"dyn.py", "globals().update(x=1)\n"}});
  EXPECT_EQ(uses(), Texts{"1 lib.dyn.x import unresolved fine"});
}

TEST_F(UsesTest, ANameOfTheEngineIsNone) {
  check(Files{{"a.py", "# lib\nfrom eng.lib import norm\ndef f():\n  norm()\n"}, {"lib.py", ""}},
        library_);
  EXPECT_EQ(uses(), Texts{});
}

TEST_F(UsesTest, AFileThatDoesNotParseCostsItself) {
  check(Files{{"a.py", "from lib import norm\n"}, {"b.py", "import lib\n<<<<<<<\n"}}, library_);
  EXPECT_EQ(uses(), Texts{"1 lib.norm import ok fine"});
  ASSERT_EQ(check_.problems.size(), 1u);
  EXPECT_EQ(check_.problems[0].where, "eng/b.py:2");
}

}  // namespace
}  // namespace fusegate::probe
