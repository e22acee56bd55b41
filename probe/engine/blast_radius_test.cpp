#include "probe/engine/blast_radius.hpp"

#include <gtest/gtest.h>

#include "probe/engine/test_engine.hpp"

namespace fusegate::probe {
namespace {

class BlastRadiusTest : public EngineTest {
 protected:
  Files engine_{
      {"a.py", "from lib import gone\n"},
      {"models/__init__.py", ""},
      {"models/one.py", "from ..a import gone\nclass One: ...\nEntryClass = One\n"},
      {"models/two.py", "import eng.models.one\nEntryClass = [Two, Three]\n"},
      {"models/sound.py", "EntryClass = Sound\n"},
      {"late.py", "def f():\n  import eng.a\n"},
      {"typed.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import eng.a\n"},
      {"caught.py", "try:\n  from . import a\nexcept ImportError:\n  a = None\n"},
      {"reraised.py", "try:\n  from . import a\nexcept ImportError as e:\n  raise RuntimeError\n"},
      {"flagged.py", "if is_hip():\n  from . import a\n"}};
};

TEST_F(BlastRadiusTest, FollowsImportsBackwards) {
  check(engine_, {}, {"sm_90"});
  ASSERT_EQ(check_.blast.size(), 1u);
  const auto& cause = check_.blast[0];
  EXPECT_EQ(cause.modules, (Texts{"eng.a", "eng.models.one", "eng.models.two", "eng.reraised"}));
  EXPECT_EQ(cause.models, (Texts{"eng.models.one", "eng.models.two"}));
  EXPECT_EQ(cause.architectures, (Texts{"One", "Three", "Two"}));
  EXPECT_EQ(cause.symptom, "no such model");
}

TEST_F(BlastRadiusTest, EndsAtAHandler) {
  check(engine_, {});
  ASSERT_EQ(check_.blast.size(), 1u);
  ASSERT_EQ(check_.blast[0].swallowed.size(), 1u);
  const auto& swallowed = check_.blast[0].swallowed[0];
  EXPECT_EQ(swallowed.module, "eng.caught");
  EXPECT_EQ(swallowed.line, 2);
  EXPECT_EQ(swallowed.handler, "ImportError");
}

TEST_F(BlastRadiusTest, GoesByTheProfile) {
  check(engine_, {}, {"gfx942"});
  const auto& with = check_.blast.at(0).modules;
  EXPECT_NE(std::find(with.begin(), with.end(), "eng.flagged"), with.end());
  check(engine_, {});
  EXPECT_EQ(check_.blast.at(0).conditional, Texts{"eng.flagged"});
}

TEST_F(BlastRadiusTest, APackageTakesWhatIsInIt) {
  check(Files{{"p/__init__.py", "from lib import gone\n"},
              {"p/b.py", ""},
              {"c.py", "import eng.p.b\n"}},
        {});
  EXPECT_EQ(check_.blast.at(0).modules, (Texts{"eng.p", "eng.c", "eng.p.b"}));
}

TEST_F(BlastRadiusTest, IsNoneWhereNothingStops) {
  check(Files{{"a.py", "def f():\n  from lib import gone\n"}, {"b.py", "import eng.a\n"}}, {});
  EXPECT_TRUE(check_.blast.empty());
}

}  // namespace
}  // namespace fusegate::probe
