// What names a use.
#include "probe/engine/engine_check.hpp"

#include <set>

#include <nlohmann/json.hpp>

#include "probe/engine/test_engine.hpp"

namespace fusegate::probe {
namespace {

class UseId : public EngineTest {
 protected:
  /// The ids of the uses in eng/a.py, in their order.
  [[nodiscard]] Texts ids() const {
    Texts texts;
    for (const auto& judged : check_.uses) {
      if (judged.use.module->name == "eng.a") texts.push_back(judged.id);
    }
    return texts;
  }

  static std::size_t different(const Texts& ids) {
    return std::set<std::string>(ids.begin(), ids.end()).size();
  }

  const Files library_{{"__init__.py", "def f(x): ...\ndef g(x): ...\n"}};
};

TEST_F(UseId, TellsCallsOfOneFunctionApart) {
  check("import lib\ndef run(x):\n    lib.f(x)\n    lib.f(x, 1)\n    lib.f(lib.f(x))\n", library_);
  const auto all = ids();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(different(all), 5u);
}

TEST_F(UseId, OfTheFirstIsTheOneItHasAlone) {
  check("import lib\ndef run(x):\n    lib.f(x)\n", library_);
  const auto alone = ids();
  check("import lib\ndef run(x):\n    lib.f(x)\n    lib.f(x)\n", library_);
  const auto both = ids();
  ASSERT_EQ(both.size(), 3u);
  EXPECT_EQ(both[1], alone.at(1));
  EXPECT_NE(both[2], alone.at(1));
}

TEST_F(UseId, StaysWhenLinesMove) {
  check("import lib\ndef run(x):\n    lib.f(x)\n    lib.f(x)\n", library_);
  const auto before = ids();
  check(
      "# more\nimport lib\n\n\ndef run(x):\n    y = x\n    lib.f(x)\n    if y:\n        lib.f(x)\n",
      library_);
  EXPECT_EQ(ids(), before);
}

TEST_F(UseId, IsTheSameWhateverIsAssumed) {
  // Where the second import happens, the call in line 6 is none of lib.f.
  const std::string source =
      "def run(x):\n  if is_hip():\n    from lib import f\n  else:\n    from lib.other import f\n"
      "  f(x)\n  import lib\n  lib.f(x)\n";
  const Files library{{"__init__.py", "def f(x): ...\n"}, {"other.py", "def f(x): ...\n"}};
  const auto call_of_f = [&](int line) {
    for (const auto& judged : check_.uses) {
      const auto& use = judged.use;
      if (use.line == line && use.kind == Use::Kind::call && use.symbol == "lib.f")
        return judged.id;
    }
    return std::string();
  };
  check(source, library, {"gfx942"});
  EXPECT_NE(call_of_f(6), "");
  const auto last = call_of_f(8);
  check(source, library, {"sm_90"});
  EXPECT_EQ(call_of_f(6), "") << "the test needs one that is not judged";
  EXPECT_EQ(call_of_f(8), last);
}

TEST_F(UseId, StandsInTheDocumentAndInWhatGoesDown) {
  check(Files{{"a.py", "import lib\nlib.gone()\nlib.gone()\n"}}, library_);
  const auto all = ids();
  ASSERT_EQ(check_.blast.size(), 1u);
  EXPECT_EQ(to_json(check_.blast[0]).at("cause"), all.at(1));
  EXPECT_EQ(to_json(check_.uses.at(2)).at("id"), all.at(2));
}

TEST_F(UseId, OfAFileThatCannotBeReadIsMissedAloud) {
  check(Files{{"a.py", "import lib\nlib.f(1)\n"},
              {"large.py", "import lib\n#" + std::string(17u << 20, 'x')}},
        library_);
  EXPECT_EQ(ids().size(), 2u);
  ASSERT_EQ(check_.problems.size(), 1u);
  EXPECT_EQ(check_.problems[0].where, "eng/large.py");
  expect_contains(check_.problems[0].what, "larger than 16 MiB");
}

}  // namespace
}  // namespace fusegate::probe
