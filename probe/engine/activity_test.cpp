// What happens on the machine of a profile: which branches are taken, which try fails, what
// functions of the engine answer.
#include <gtest/gtest.h>

#include "probe/engine/test_engine.hpp"

namespace fusegate::probe {
namespace {

class ActivityTest : public EngineTest {
 protected:
  Files library_{{"__init__.py", "from .ops import norm, pair\n"},
                 {"ops.py", "def norm(x, weight, eps=1e-6): ...\ndef pair(x): ...\n"}};

  [[nodiscard]] std::string detail_of(int line) const {
    for (const auto& judged : check_.uses) {
      if (judged.use.module->name == "eng.a" && judged.use.line == line) return judged.detail;
    }
    return "";
  }
};

TEST_F(ActivityTest, AFunctionThatTriesAnImportAnswersByTheLibrary) {
  const std::string functions =
      "def has(name):\n  try:\n    import lib.gone\n    return True\n"
      "  except ImportError:\n    return False\n";
  check(functions + "if has(1):\n  from lib import gone\n", library_);
  EXPECT_EQ(uses(), (Texts{"3 lib.gone import missing off", "8 lib.gone import missing off"}));
  check(
      "def has():\n  try:\n    import lib.ops\n    return True\n  except ImportError:\n"
      "    return False\nif has():\n  from lib import gone\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"3 lib.ops import ok fine", "8 lib.gone import missing stops_import"}));
}

TEST_F(ActivityTest, AMethodOfAClassAnswersToo) {
  check({{"flags.py",
          "import importlib.util\nclass Ops:\n  _ON = False\n"
          "  @classmethod\n  def ready(cls):\n    if not cls._ON:\n      return False\n"
          "    return importlib.util.find_spec('lib') is not None\n"},
         {"a.py", "from eng.flags import Ops\nif Ops.ready():\n  from lib import gone\n"}},
        library_);
  EXPECT_EQ(uses(), Texts{"3 lib.gone import missing off"});
}

TEST_F(ActivityTest, AFunctionWhoseReturnsDisagreeLeavesItOpen) {
  check(
      "from eng.other import asked\ndef has():\n  if asked:\n    return False\n  return True\n"
      "if has():\n  from lib import gone\n",
      library_);
  EXPECT_EQ(uses(), Texts{"7 lib.gone import missing conditional"});
}

TEST_F(ActivityTest, FunctionsThatAskForEachOtherStayOpen) {
  check(
      "def a():\n  return b()\ndef b():\n  return a()\nx = x and a()\nx = a() or x\n"
      "if a() or x:\n  from lib import gone\n",
      library_);
  EXPECT_EQ(uses(), Texts{"8 lib.gone import missing conditional"});
}

TEST_F(ActivityTest, TheLastBindingCounts) {
  const std::string file =
      "ops = None\ntry:\n  import lib.ops as found\n  if hasattr(found, '%'):\n    ops = found\n"
      "except ImportError:\n  pass\nclass C:\n  def f(self):\n    if ops is None:\n      return\n"
      "    ops.gone(1)\n";
  auto with = [&](const std::string& name) {
    auto text = file;
    return text.replace(text.find('%'), 1, name);
  };
  check(with("gone"), library_);
  EXPECT_EQ(uses().back(), "12 lib.ops.gone call missing off");
  check(with("norm"), library_);
  EXPECT_EQ(uses().back(), "12 lib.ops.gone call missing fails_at_call");
}

TEST_F(ActivityTest, AStarImportBindsWhatIsBehindIt) {
  check({{"more.py", "from lib.ops import pair\n"},
         {"a.py", "from lib import *\nfrom eng.more import *\nnorm(1)\npair(1, 2)\n"}},
        library_);
  EXPECT_EQ(uses(), (Texts{"1 lib import ok fine", "3 lib.norm call mismatch stops_import",
                           "4 lib.pair call mismatch stops_import",
                           "4 lib.ops.pair call mismatch stops_import"}));
}

TEST_F(ActivityTest, AConditionThatChangesItselfIsOpen) {
  check("done = False\nif not done:\n  done = True\n  from lib import gone\n", library_);
  EXPECT_EQ(uses(), Texts{"4 lib.gone import missing conditional"});
}

TEST_F(ActivityTest, BothAlternativesOfAChoiceCount) {
  check(
      "from eng.other import asked\nimport lib\nops = lib if asked else None\n"
      "if ops:\n  from lib import gone\n",
      library_);
  EXPECT_EQ(uses().back(), "5 lib.gone import missing conditional");
}

TEST_F(ActivityTest, WhatAFunctionSetsForTheModuleIsNotSetWhenItIsImported) {
  check("on = False\ndef f():\n  global on\n  on = True\nif on:\n  from lib import gone\n",
        library_);
  EXPECT_EQ(uses(), Texts{"6 lib.gone import missing conditional"});
}

TEST_F(ActivityTest, NoMethodIsTheLastToSetAnAttribute) {
  check(
      "class A:\n  def start(self):\n    if self.on:\n      return\n    self.on = True\n"
      "  def stop(self):\n    self.on = False\n  def run(self):\n    if self.on:\n"
      "      from lib import gone\n",
      library_);
  EXPECT_EQ(uses(), Texts{"10 lib.gone import missing fails_at_call"});
}

TEST_F(ActivityTest, AParameterIsNotTheModulesNameForAnother) {
  check(
      "from eng.platform import current\np = current\ndef f(p):\n  if p.is_cuda():\n"
      "    from lib import gone\n",
      library_, {"gfx942"});
  EXPECT_EQ(uses(), Texts{"5 lib.gone import missing fails_at_call"});
}

TEST_F(ActivityTest, NoHandlerRunsForWhatIsBehindAFailure) {
  check(
      "import lib\ntry:\n  lib.gone(1)\n  from lib import gone_too\nexcept AttributeError:\n"
      "  pass\nexcept ImportError:\n  from lib import gone_three\n",
      library_);
  EXPECT_EQ(uses().back(), "8 lib.gone_three import missing off");
}

TEST_F(ActivityTest, AnAssertionIsTakenAsGivenUnlessItIsFalse) {
  check(
      "from eng.other import asked\ndef f():\n  assert asked\n  from lib import gone\n"
      "def g():\n  assert is_cuda()\n  from lib import gone\n",
      library_, {"gfx942"});
  EXPECT_EQ(uses(),
            (Texts{"4 lib.gone import missing fails_at_call", "7 lib.gone import missing off"}));
}

TEST_F(ActivityTest, AHandlerRunsOnlyForWhatItNames) {
  check(
      "import lib\ntry:\n  lib.gone(1)\nexcept ImportError:\n  from lib import gone\n"
      "except AttributeError:\n  from lib import gone_too\n",
      library_);
  EXPECT_EQ(uses(),
            (Texts{"1 lib import ok fine", "3 lib.gone call missing off",
                   "5 lib.gone import missing off", "7 lib.gone_too import missing stops_import"}));
}

TEST_F(ActivityTest, WhatAnInnerTryTakesDoesNotEndTheOuterOne) {
  check(
      "try:\n  try:\n    from lib import gone\n  except ImportError:\n    gone = None\n"
      "  from lib import gone_too\nexcept ImportError:\n  from lib import gone_three\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"3 lib.gone import missing off", "6 lib.gone_too import missing off",
                           "8 lib.gone_three import missing stops_import"}));
}

TEST_F(ActivityTest, WhatAFunctionDoesThatATryDefinesIsNoFailureOfTheTry) {
  check(
      "try:\n  import lib\n  def f():\n    from lib import gone\nexcept ImportError:\n"
      "  from lib import gone_too\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"2 lib import ok fine", "4 lib.gone import missing fails_at_call",
                           "6 lib.gone_too import missing off"}));
}

TEST_F(ActivityTest, OneNameOfAStatementThatFailsUnbindsTheOthers) {
  check(
      "try:\n  from lib import norm, gone\nexcept ImportError:\n  pass\n"
      "def f(x):\n  return norm(x, bias=1)\n",
      library_);
  EXPECT_EQ(uses(), (Texts{"2 lib.norm import ok fine", "2 lib.gone import missing off"}));
}

TEST_F(ActivityTest, AModuleImportNeedsAModule) {
  auto library = library_;
  library["more/__init__.py"] = "import sys\nsys.meta_path.insert(0, object())\n";
  check("try:\n  import lib.more.gone\nexcept ImportError:\n  pass\n", library);
  EXPECT_EQ(uses(), Texts{"2 lib.more.gone import missing off"});
}

TEST_F(ActivityTest, ACallThatOnlyItsNamesSpeakAgainstIsConditional) {
  auto library = library_;
  library["ops.py"] += "def shape(x) -> Tensor: ...\n";
  check("from lib.ops import shape\ndef f(x):\n  a, b = shape(x)\n", library);
  EXPECT_EQ(uses().back(), "3 lib.ops.shape call mismatch conditional");
}

TEST_F(ActivityTest, ASignatureIsAskedForAParameter) {
  const std::string asks =
      "import inspect\nfrom lib.ops import norm\ndef has():\n"
      "  parameters = inspect.signature(norm).parameters\n  return '%' in parameters\n"
      "if has():\n  from lib import gone\n";
  const auto with = [&](const std::string& name) {
    auto text = asks;
    return text.replace(text.find('%'), 1, name);
  };
  check(with("bias"), library_);
  EXPECT_EQ(uses().back(), "7 lib.gone import missing off");
  check(with("eps"), library_);
  EXPECT_EQ(uses().back(), "7 lib.gone import missing stops_import");
  auto library = library_;
  library["ops.py"] = "import build\n@build.compiled\ndef norm(x, eps=1): ...\ndef pair(x): ...\n";
  check(with("eps"), library);
  EXPECT_EQ(uses().back(), "7 lib.gone import missing conditional");
}

TEST_F(ActivityTest, WhyAUseIsNotReachedIsSaid) {
  check("use = flag('USE_LIB')\nif use:\n  from lib import gone\n", library_);
  EXPECT_EQ(uses(), Texts{"3 lib.gone import missing off"});
  EXPECT_NE(detail_of(3).find("USE_LIB is not assumed"), std::string::npos) << detail_of(3);
}

TEST_F(ActivityTest, UsesOfNamesThatOtherFilesHandOnAreFound) {
  check({{"compat.py", "from lib.ops import norm as fast_norm\n"},
         {"a.py", "from eng.compat import fast_norm\ndef f(x):\n  return fast_norm(x)\n"}},
        library_);
  EXPECT_EQ(uses(), Texts{"3 lib.ops.norm call mismatch fails_at_call"});
}

TEST_F(ActivityTest, AnAliasOfThePackagesOwnNameIsTheModule) {
  check("import lib.ops as lib\ndef f(x):\n  return lib.norm(x)\n", library_);
  EXPECT_EQ(uses(),
            (Texts{"1 lib.ops import ok fine", "3 lib.ops.norm call mismatch fails_at_call"}));
}

}  // namespace
}  // namespace fusegate::probe
