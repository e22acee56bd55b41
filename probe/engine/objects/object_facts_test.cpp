// The facts about classes and attributes: what the script takes, and facts that are none.

#include "probe/engine/objects/object_facts.hpp"

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/damaged_facts.hpp"
#include "probe/sources/python_facts.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

using Strings = std::vector<std::string>;

const std::string whole = R"json({"classes":[["A.B",2,["C","d.E[F]"],["x"],["y"],["z"],true]],
"calls":[[3,"a.f",[["x"],["A","B"],[""]],[["k",["C"]],["**",[""]]]]],
"reads":[[4,"f.g",0,["x","y"],"required",[[true,["A"]],[false,["b.B",""]]]],
[5,"",0,["x"],"asked",[]],[5,"",0,["x"],"optional",[]]]})json";

TEST(ParseObjectFacts, ReadsAllKinds) {
  const auto facts = parse_object_facts(whole);
  ASSERT_EQ(facts.classes.size(), 1u);
  EXPECT_TRUE(facts.classes[0].is_open);
  EXPECT_EQ(facts.classes[0].bases, (Strings{"C", "d.E[F]"}));
  ASSERT_EQ(facts.calls.size(), 1u);
  EXPECT_EQ(facts.calls[0].arguments[1], (Strings{"A", "B"}));
  EXPECT_EQ(facts.calls[0].keywords[0].first, "k");
  ASSERT_EQ(facts.reads.size(), 3u);
  EXPECT_EQ(facts.reads[0].alternatives, (Strings{"x", "y"}));
  EXPECT_FALSE(facts.reads[0].tests[1].is_instance);
  EXPECT_EQ(facts.reads[2].kind, AttributeRead::Kind::optional);
}

TEST(ParseObjectFacts, SurvivesWhatIsDamaged) {
  expect_survives_damage(whole, parse_object_facts);
}

TEST(ParseObjectFacts, RefusesWhatIsOtherwise) {
  const auto with_read = [](const std::string& read) {
    return R"({"classes":[],"calls":[[1,"f",[],[]]],"reads":[)" + read + "]}";
  };
  EXPECT_TRUE(is_taken(with_read(R"([1,"",0,["x"],"asked",[]])"), parse_object_facts));
  for (const std::string read :
       {"1", "[]", R"([1,"",1,["x"],"asked",[]])", R"([1,"",-1,["x"],"asked",[]])",
        R"([1,"",0,[],"asked",[]])", R"([1,"",0,["x"],"begged",[]])", R"([1,"",0,"x","asked",[]])",
        R"([1,"",0,[1],"asked",[]])", R"([1,"",0,["x"],"asked",[[1,[]]]])",
        R"([1,"",0,["x"],"asked",[[true,"A"]]])", R"([-1,"",0,["x"],"asked",[]])",
        R"([1,"",0,["x"],"asked",[[true,[[[]]]]]])"}) {
    EXPECT_FALSE(is_taken(with_read(read), parse_object_facts)) << read;
  }
  for (const char* text :
       {R"({"classes":[]})", R"({"classes":[["",1,[],[],[],[],false]],"calls":[],"reads":[]})",
        R"({"classes":[["A",1,[],[],[],[]]],"calls":[],"reads":[]})",
        R"({"classes":{},"calls":[],"reads":[]})", "[]", "null", ""}) {
    EXPECT_FALSE(is_taken(text, parse_object_facts)) << text;
  }
  EXPECT_FALSE(is_taken(std::string(1'000'000, '['), parse_object_facts));
}

class ObjectFactsOfSources : public testing::Test {
 protected:
  void SetUp() override { FUSEGATE_NEEDS_PYTHON(); }

  static ObjectFacts facts_of(const std::string& text, const std::string& python) {
    const TemporaryFolder folder;
    write_file(folder.path() / "a.py", text);
    auto facts = read_python_facts(folder.path(), {"a.py"}, python, python_run_limit,
                                   FactsFormat<ObjectFacts>::script);
    EXPECT_EQ(facts.lines.count("a.py"), 1u) << python << " of " << text.substr(0, 200);
    return facts.lines.contains("a.py") ? parse_object_facts(facts.lines["a.py"]) : ObjectFacts{};
  }
  /// The attributes of the class C, whose body this is.
  static std::string attributes_of(const std::string& body) {
    const auto facts = facts_of("class C:\n" + body, test_python());
    for (const auto& one : facts.classes) {
      const Strings names(one.attributes.begin(), one.attributes.end());
      if (one.name == "C") return join(names, " ") + (one.is_open ? " ..." : "");
    }
    return "no class";
  }
};

TEST_F(ObjectFactsOfSources, TakesEveryTarget) {
  EXPECT_EQ(
      attributes_of("    a = b = 1\n    c, (d, *e) = 1, 2\n    f: int = 1\n    g: int\n"
                    "    if x:\n        import h.i\n        from j import k as l\n"
                    "    for m in n: pass\n    class O: p = 1\n    async def q(self): r = 1\n"),
      "O a b c d e f h l m q");
  EXPECT_EQ(
      attributes_of("    def f(me, x):\n        me.a = me.b = 1\n        me.c, (me.d, *me.e) = x\n"
                    "        me.g: int = 1\n        me.h: int\n        me.i += 1\n"
                    "        for me.j in x: pass\n        with x as me.k: pass\n"
                    "        me.l.m = 1\n        x.n = 1\n        del me.o\n"
                    "        def inner(): me.p = 1\n        me.q[0] = 1\n        print(me.r)\n"),
      "a b c d e f g i j k p");
  EXPECT_EQ(
      attributes_of("    def f(self):\n        setattr(self, 'a', 1)\n"
                    "        object.__setattr__(self, 'b', 1)\n"
                    "        super().__setattr__('c', 1)\n"
                    "        self.register_buffer('d', x)\n"
                    "        self.register_parameter(name='e', param=None)\n"
                    "        self.add_module('g', x)\n        self.h.register_buffer('i', x)\n"
                    "        setattr(x, y, 1)\n"),
      "a b c d e f g");
  EXPECT_EQ(attributes_of("    @staticmethod\n    def f(x): x.a = 1\n"
                          "    @classmethod\n    def g(cls): cls.b = 1\n"),
            "b f g");
}

TEST_F(ObjectFactsOfSources, SeesWhereThereMayBeMore) {
  for (const char* body : {"setattr(self, name, 1)", "self.__dict__.update(x)", "vars(self)[x] = 1",
                           "self.register_buffer(name, x)", "self.__dict__[x] = 1"}) {
    EXPECT_EQ(attributes_of(std::string("    def f(self): ") + body + "\n"), "f ...") << body;
  }
  EXPECT_EQ(attributes_of("    def __getattribute__(self, name): ...\n"), "__getattribute__ ...");
  EXPECT_EQ(attributes_of("    __getattr__ = other\n"), "__getattr__ ...");
}

TEST_F(ObjectFactsOfSources, NamesClassesInside) {
  const auto facts = facts_of(
      "def f():\n    class A: ...\nclass B(x.C[int], D):\n    class E: ...\n"
      "try:\n    class G: ...\nexcept E:\n    class G: ...\n",
      test_python());
  Strings names;
  for (const auto& one : facts.classes) names.push_back(fmt::format("{} {}", one.name, one.line));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (Strings{"B 3", "B.E 4", "G 6", "G 8", "f.A 2"}));
}

TEST_F(ObjectFactsOfSources, AreTheSameFromEveryPython) {
  const std::string text =
      "objects = find(a, B | C, cast(type, D), (E, f.G), key=h())\n"
      "for n, o in objects.items():\n"
      "    if isinstance(o, (I, J)) and not isinstance(objects[n], K): o.x, objects[n].y\n"
      "    print(f'{o.z} {objects[\"a\"].w:>{o.v}}', lambda o: o.u, objects[0:1], objects[-1].t)\n"
      "    while o.s: break\n"
      "    o.r += 1\n";
  for (const auto& python : test_pythons()) {
    const auto facts = facts_of(text, python);
    ASSERT_EQ(facts.calls.size(), 1u) << python;
    EXPECT_EQ(facts.calls[0].arguments,
              (std::vector<Strings>{{"a"}, {"B", "C"}, {"D"}, {"E", "f.G"}}));
    std::set<std::string> reads;
    for (const auto& read : facts.reads) {
      reads.insert(fmt::format("{} {} {}", read.line, read.alternatives[0], read.tests.size()));
    }
    EXPECT_EQ(reads, (std::set<std::string>{"3 x 1", "3 y 1", "4 z 0", "4 w 0", "4 v 0", "4 t 0",
                                            "5 s 0", "6 r 0"}))
        << python;
  }
}

TEST_F(ObjectFactsOfSources, NestTooDeepOrGoOnWithoutEnd) {
  std::string calls = "lib";
  for (int i = 0; i < 5'000; ++i) calls += ".f()";
  std::string branches = "o = f()['a']\n";
  for (int i = 0; i < 300; ++i) branches += fmt::format("if isinstance(o, A{}): o.x = 1\no.y\n", i);
  std::string sums = "x = 1";
  for (int i = 0; i < 600; ++i) sums += " + 1";
  for (const auto& python : test_pythons()) {
    const TemporaryFolder folder;
    write_file(folder.path() / "a.py", calls + "\n");
    const auto facts = read_python_facts(folder.path(), {"a.py"}, python, python_run_limit,
                                         FactsFormat<ObjectFacts>::script);
    ASSERT_EQ(facts.problems.size(), 1u) << python;
    EXPECT_EQ(facts.problems.front().what, "nests too deep to be parsed");
    EXPECT_EQ(facts_of(branches, python).reads.size(), 300u) << python;
    EXPECT_TRUE(facts_of(sums + "\n", python).reads.empty());
  }
}

}  // namespace
}  // namespace fusegate::probe
