#include "probe/engine/call_reach.hpp"

#include <gtest/gtest.h>

#include "probe/engine/test_engine.hpp"

namespace fusegate::probe {
namespace {

class CallReachTest : public EngineTest {
 protected:
  /// "file:line function <- name", of the use that breaks.
  Texts callers() {
    Texts found;
    for (const auto& judged : check_.uses) {
      if (!breaks(judged)) continue;
      for (const auto& caller : callers_of(judged.use, engine_->tree(), engine_->files())) {
        found.push_back(
            fmt::format("{}:{} {} <- {}", caller.file, caller.line, caller.function, caller.of));
      }
    }
    return found;
  }
};

TEST_F(CallReachTest, FollowsNamesThroughModulesThatImportThem) {
  check({{"ops.py", "def fused(x):\n  from lib import gone\n"},
         {"layers.py",
          "from eng.ops import fused\nclass Norm:\n  def forward(\n      self, x\n  ) -> int:\n    "
          "return fused(x)\n"},
         {"model.py",
          "from eng import layers\nclass Model:\n  def __init__(self):\n"
          "    self.norm = layers.Norm()\n"},
         {"other.py", "def fused(x):\n  return x\ndef f():\n  return fused(1)\n"}},
        {});
  EXPECT_EQ(callers(), (Texts{"eng/layers.py:6 Norm.forward <- fused",
                              "eng/model.py:4 Model.__init__ <- Norm"}));
}

TEST_F(CallReachTest, FollowsAnOperatorByTheNameItIsRegisteredUnder) {
  check({{"ops.py",
          "def _impl(x):\n  from lib import gone\n\n\nregister(\n  op_name=\"fused_norm\",\n"
          "  op_func=_impl,\n)\n"},
         {"fusion.py",
          "import eng.ops\nclass Pass:\n  def replace(self):\n"
          "    return torch.ops.eng.fused_norm\n"}},
        {});
  EXPECT_EQ(callers(),
            (Texts{"eng/ops.py:7  <- _impl", "eng/fusion.py:4 Pass.replace <- fused_norm"}));
}

TEST_F(CallReachTest, EndsWhereFunctionsCallEachOther) {
  check({{"ops.py", "def one(x):\n  from lib import gone\n  two(x)\ndef two(x):\n  one(x)\n"}}, {});
  EXPECT_EQ(callers(), (Texts{"eng/ops.py:5 two <- one", "eng/ops.py:3 one <- two"}));
}

}  // namespace
}  // namespace fusegate::probe
