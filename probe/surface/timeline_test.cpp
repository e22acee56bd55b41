#include "probe/surface/timeline.hpp"

#include <optional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/test_support.hpp"
#include "probe/sources/test_repository.hpp"
#include "probe/surface/test_package.hpp"

namespace fusegate::probe {
namespace {

/// A repository of releases v1, v2, ... of package p.
class TimelineTest : public testing::Test {
 protected:
  void SetUp() override {
    FUSEGATE_NEEDS_GIT();
    FUSEGATE_NEEDS_PYTHON();
    repository_.emplace();
  }

  void release(const Files& files) {
    const auto name = fmt::format("v{}", tags_.size() + 1);
    repository_->release(name, files);
    tags_.push_back({name, repository_->git({"rev-parse", name + "^{commit}"})});
  }
  /// Releases whose p/a.py are these texts.
  void releases(const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
      release({{"p/__init__.py", ""}, {"p/a.py", text}});
    }
  }

  [[nodiscard]] Timeline timeline(const std::vector<std::string>& symbols) const {
    GitHistory history(repository_->root());
    FactsStore store(test_python(), FactsCache("", ""));
    return timeline_of(history, tags_, symbols, toy_rules(), store);
  }

  /// "NAME FIRST..LAST MODULE SIGNATURE {BINDING}" of each range.
  [[nodiscard]] std::vector<std::string> ranges(const std::vector<std::string>& symbols) const {
    std::vector<std::string> texts;
    for (const auto& [name, ranges] : timeline(symbols).symbols) {
      for (const auto& range : ranges) {
        texts.push_back(fmt::format("{} {}..{} {} {}", name, range.first, range.last,
                                    range.defined_in, range.signature));
        if (!range.binding.empty()) texts.back() += fmt::format(" {{{}}}", range.binding);
      }
    }
    return texts;
  }

  std::optional<TestRepository> repository_;
  std::vector<GitTag> tags_;
};

using Ranges = std::vector<std::string>;

TEST_F(TimelineTest, SplitsWhereASignatureChanges) {
  releases({"def f(a): ...\n", "x = 1\ndef f(a): ...\n", "def f(a, b=1): ...\n",
            "def f(a, b=1): ...\n"});
  EXPECT_EQ(ranges({"f"}), (Ranges{"f v1..v2 p.a (a)", "f v3..v4 p.a (a, b=1)"}));
}

TEST_F(TimelineTest, SplitsWhereASymbolIsGoneForAWhile) {
  releases({"def f(a): ...\n", "", "def f(a): ...\n", "def f(a): ...\n"});
  EXPECT_EQ(ranges({"f"}), (Ranges{"f v1..v1 p.a (a)", "f v3..v4 p.a (a)"}));
}

TEST_F(TimelineTest, DoesNotSplitWhereOnlyTheSpellingChanges) {
  releases(
      {"def f(a: Optional[torch.Tensor], b: List[int] = None, c=1e-05, d='x'): ...\n",
       "def f(\n    a: Union[Tensor, None], b: 'list[int]' = None,\n    c=1e-5, d=\"x\"): ...\n",
       "# a comment\ndef f(a: Tensor | None, b: list[int]=None, c=0.00001, d='x'): ...\n"});
  EXPECT_EQ(ranges({"f"}),
            Ranges{"f v1..v3 p.a (a: Tensor | None, b: list[int] = None, c=0.00001, d='x')"})
      << "as the last one spells it";
}

TEST_F(TimelineTest, ComparesConstantsAsItDoesDefaults) {
  releases({"E = 1e-05\nF = 'x'\nL = ['a', 'b']\nM = {'a': 'b'}\nN = 1\n",
            "E = 1e-5\nF = \"x\"\nL = [\n  'a',\n  \"b\",\n]\nM = {'a': \"b\"}\nN = 1.0\n",
            "E = 2e-5\nF = 'y'\nL = ['a, b']\nM = {'a': 'c'}\nN = 1.0\n"});
  EXPECT_EQ(ranges({"E"}), (Ranges{"E v1..v2 p.a = 1e-5", "E v3..v3 p.a = 2e-5"}));
  EXPECT_EQ(ranges({"F"}), (Ranges{"F v1..v2 p.a = \"x\"", "F v3..v3 p.a = 'y'"}));
  EXPECT_EQ(ranges({"L"}).size(), 2u);
  EXPECT_EQ(ranges({"M"}).size(), 2u);
  EXPECT_EQ(ranges({"N"}), (Ranges{"N v1..v1 p.a = 1", "N v2..v3 p.a = 1.0"}));
}

TEST_F(TimelineTest, SplitsWhereTheBindingChanges) {
  releases({"@compile_ops('m')\ndef f(a): ...\n", "@compile_ops('n', fc_name='g')\ndef f(a): ...\n",
            "@compile_ops('m', develop=True)\ndef f(a): ...\n", "def f(a): ...\n"});
  EXPECT_EQ(ranges({"f"}), (Ranges{"f v1..v2 p.a (a) {pybind_torch}",
                                   "f v3..v3 p.a (a) {pybind_develop}", "f v4..v4 p.a (a)"}));
}

TEST_F(TimelineTest, KeepsModulesApart) {
  release({{"p/a.py", "def f(a): ...\n"}});
  release({{"p/a.py", "def f(a): ...\n"}, {"p/sub/b.py", "def f(b): ...\n"}});
  release({{"p/sub/b.py", "def f(b): ...\n"}});
  EXPECT_EQ(ranges({"f"}), (Ranges{"f v1..v2 p.a (a)", "f v2..v3 p.sub.b (b)"}));
}

TEST_F(TimelineTest, ShowsWhatTheTopmostModuleHas) {
  release({{"p/__init__.py", "from .a import f\n"}, {"p/a.py", "def f(a): ...\n"}});
  release({{"p/__init__.py", "from .b import g as f\n"},
           {"p/a.py", "def f(a): ...\n"},
           {"p/b.py", "def g(b): ...\n"}});
  EXPECT_EQ(ranges({"f"}),
            (Ranges{"f v1..v2 p.a (a)", "p.f v1..v1 p.a (a)", "p.f v2..v2 p.b (b)"}));
}

TEST_F(TimelineTest, FollowsADottedName) {
  release({{"p/__init__.py", "from .a import f\n"}, {"p/a.py", "def f(a): ...\n"}});
  release({{"p/__init__.py", "from .old.a import f\n"},
           {"p/old/__init__.py", "_MOVED = {'a': 'new'}\n"},
           {"p/old/new.py", "def f(a): ...\nclass A:\n  def m(self): ...\n"}});
  EXPECT_EQ(ranges({"p.f"}), (Ranges{"p.f v1..v1 p.a (a)", "p.f v2..v2 p.old.new (a)"}));
  EXPECT_EQ(ranges({"p.old.a.A.m"}), Ranges{"p.old.a.A.m v2..v2 p.old.new (self)"});
  EXPECT_EQ(ranges({"p.gone.f"}), Ranges{});
}

TEST_F(TimelineTest, KnowsClassesAndTheirMembers) {
  releases({"class A:\n  def __init__(self, a): ...\n  def m(self): ...\n  X = 1\n",
            "class A:\n  def __init__(self, a, b): ...\n  def m(self): ...\n  X = 2\n"});
  EXPECT_EQ(ranges({"A", "A.m", "A.X"}),
            (Ranges{"A v1..v1 p.a class(a)", "A v2..v2 p.a class(a, b)", "A.X v1..v1 p.a = 1",
                    "A.X v2..v2 p.a = 2", "A.m v1..v2 p.a (self)"}));
}

TEST_F(TimelineTest, ListsAllDefinitionsWhereNoneIsGiven) {
  release({{"p/__init__.py", "from .a import *\n"},
           {"p/a.py", "def f(): ...\nclass A:\n  X = 1\ng = f\nimport os\n"}});
  EXPECT_EQ(ranges({}),
            (Ranges{"p.a.A v1..v1 p.a class()", "p.a.A.X v1..v1 p.a = 1", "p.a.f v1..v1 p.a ()"}));
}

TEST_F(TimelineTest, FollowsTheValuesOfANativeEnumeration) {
  const auto files = [](const std::string& header) {
    return Files{{"p/__init__.py", "from .enum import *\n"},
                 {"p/sub.py", "from .enum import Kind\n"},
                 {"p/enum.py", "Kind = type(_load())\n"},
                 {"csrc/kind.h", header}};
  };
  release(files("enum class Kind { a, b };\n"));
  release(files("// again\nenum class Kind : int { a = 0, b = 1, };\n"));
  release(files("enum class Kind { a, b, c };\n"));
  release(files("enum class Kind { a = X };\n"));
  const std::string two = "enum {a=0, b=1}", three = "enum {a=0, b=1, c=2}",
                    unknown = "= type(_load())";
  EXPECT_EQ(ranges({"Kind"}),
            (Ranges{"Kind v1..v2 p.enum " + two, "Kind v3..v3 p.enum " + three,
                    "Kind v4..v4 p.enum " + unknown, "p.Kind v1..v2 p.enum " + two,
                    "p.Kind v3..v3 p.enum " + three, "p.Kind v4..v4 p.enum " + unknown}));
  for (const char* name : {"p.enum.Kind", "p.Kind", "p.sub.Kind"}) {
    EXPECT_EQ(ranges({name}).size(), 3u) << name;
  }
}

TEST_F(TimelineTest, ReportsAFileThatDoesNotParseAndGoesOn) {
  releases({"def f(a): ...\n", "def f(a:\n", "def f(a): ...\n"});
  EXPECT_EQ(ranges({"f"}), (Ranges{"f v1..v1 p.a (a)", "f v3..v3 p.a (a)"}));
  const auto found = timeline({"f"});
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_EQ(found.problems[0].where, "p/a.py:1");
}

TEST_F(TimelineTest, IsEmptyForASymbolThatNeverWas) {
  releases({"def f(a): ...\n"});
  EXPECT_TRUE(timeline({"g"}).symbols.empty());
  tags_.clear();
  EXPECT_TRUE(timeline({"f"}).symbols.empty());
}

TEST_F(TimelineTest, SurvivesReleasesWithoutThePackage) {
  release({{"q.py", ""}});
  releases({"def f(a): ...\n"});
  release({{"p", "a file"}});
  EXPECT_EQ(ranges({"f"}), Ranges{"f v2..v2 p.a (a)"});
}

TEST_F(TimelineTest, IsWrittenAsJson) {
  releases({"@compile_ops('m')\ndef f(a): ...\n", "def f(a): ...\n"});
  const std::string expected =
      R"json({"repository":"/repository","tags":["v1","v2"],"symbols":[{"name":"f","ranges":[)json"
      R"json({"first":"v1","last":"v1","signature":"(a)","binding":"pybind_torch",)json"
      R"json("defined_in":"p.a"},{"first":"v2","last":"v2","signature":"(a)","binding":null,)json"
      R"json("defined_in":"p.a"}]}],"problems":[]})json";
  EXPECT_EQ(to_json(timeline({"f"}), "/repository").dump(), expected);
}

}  // namespace
}  // namespace fusegate::probe
