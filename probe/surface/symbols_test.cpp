#include "probe/surface/symbols.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/test_support.hpp"
#include "probe/surface/test_package.hpp"

namespace fusegate::probe {
namespace {

class SymbolsTest : public PackageTest {
 protected:
  /// The one symbol of that name.
  static nlohmann::ordered_json json_of(TestPackage& package, const std::string& name) {
    const auto symbols = symbols_named(package.loaded(), name);
    EXPECT_EQ(symbols.size(), 1u) << name;
    if (symbols.empty()) return nullptr;
    return to_json(symbols.front(), package.loaded(), toy_rules().bindings);
  }

  /// What makes an instance of p.A in a file of this text; "unknown" where that is not known.
  static std::string signature_in(const std::string& text) {
    TestPackage package(text);
    const auto json = json_of(package, "p.A");
    return json["signature"].is_null() ? "unknown" : json["signature"].get<std::string>();
  }

  /// "kind name=value, ..." of p.A in a file of this text.
  static std::string members_in(const std::string& text) {
    TestPackage package(text);
    const auto json = json_of(package, "p.A");
    std::string all = json["kind"].get<std::string>();
    if (!json.contains("members")) return all;
    for (const auto& [name, value] : json["members"].items()) {
      all += fmt::format(" {}={}", name, value.get<std::string>());
    }
    return all;
  }
};

std::vector<std::string> names_of(const std::vector<Symbol>& symbols) {
  std::vector<std::string> names;
  for (const auto& symbol : symbols) {
    names.push_back(fmt::format("{} {}", name_of(symbol.kind), symbol.name));
  }
  return names;
}

TEST_F(SymbolsTest, AreAllNamesOfAllModules) {
  TestPackage package(
      {{"p/__init__.py", "from .a import *\nfrom . import old\nimport os\nfrom .gone import g\n"},
       {"p/a.py", "def f(): ...\nX = 1\nclass A:\n  def m(self): ...\n  class B:\n    Y = 1\n"},
       {"p/old/__init__.py", "_MOVED = {'b': 'new'}\n"},
       {"p/old/new.py", "def h(): ...\n"}});
  const std::vector<std::string> expected{
      "class p.A",      "class p.A.B",           "constant p.A.B.Y",   "method p.A.m",
      "constant p.X",   "class p.a.A",           "class p.a.A.B",      "constant p.a.A.B.Y",
      "method p.a.A.m", "constant p.a.X",        "function p.a.f",     "function p.f",
      "constant p.g",   "constant p.old._MOVED", "function p.old.b.h", "function p.old.new.h"};
  EXPECT_EQ(names_of(symbols_of(package.loaded())), expected);
}

TEST_F(SymbolsTest, OfOneNameAreItsAlternatives) {
  TestPackage package("if A:\n  def f(): ...\nelse:\n  f = None\nclass B:\n  def m(self): ...\n");
  EXPECT_EQ(names_of(symbols_named(package.loaded(), "p.f")),
            (std::vector<std::string>{"function p.f", "constant p.f"}));
  EXPECT_EQ(names_of(symbols_named(package.loaded(), "p.B")),
            std::vector<std::string>{"class p.B"});
  EXPECT_TRUE(symbols_named(package.loaded(), "p").empty());
  EXPECT_TRUE(symbols_named(package.loaded(), "p.g").empty());
  EXPECT_TRUE(symbols_named(package.loaded(), "").empty());
}

TEST_F(SymbolsTest, TellAllOfAFunction) {
  TestPackage package({{"p/__init__.py", "if A:\n  from .a import f as g\n"},
                       {"p/a.py",
                        "@compile_ops('module_a', fc_name='f_fwd', develop=True)\n"
                        "@other\ndef f(a: int, *, b=None) -> Tensor: ...\n"}});
  const std::string expected =
      R"json({"name":"p.g","condition":"if A","defined_in":"p.a","kind":"function",)json"
      R"json("file":"p/a.py","line":3,"signature":"(a: int, *, b=None) -> Tensor",)json"
      R"json("parameters":[{"name":"a","kind":"positional_or_keyword","default":null,)json"
      R"json("annotation":"int"},{"name":"b","kind":"keyword_only","default":"None",)json"
      R"json("annotation":null}],"returns":"Tensor","binding":{"module":"module_a",)json"
      R"json("symbol":"f_fwd","ffi":"pybind","generation":"pybind_develop",)json"
      R"json("erases_signature":false},"decorators":)json"
      R"json(["compile_ops('module_a', fc_name='f_fwd', develop=True)","other"],"overloads":[]})json";
  EXPECT_EQ(json_of(package, "p.g").dump(), expected);
}

TEST_F(SymbolsTest, TellOverloadsOfFunctionsAndMethods) {
  TestPackage package(
      "@overload\ndef f(a: int): ...\n@overload\ndef f(a: str) -> str: ...\ndef f(a): ...\n"
      "class A:\n  @overload\n  def f(self): ...\n  def f(self, x=0): ...\n");
  EXPECT_EQ(json_of(package, "p.f").at("overloads").dump(),
            R"json(["(a: int)","(a: str) -> str"])json");
  EXPECT_EQ(json_of(package, "p.A.f").at("overloads").dump(), R"json(["(self)"])json");
}

TEST_F(SymbolsTest, TellWhereADecoratorHidesTheSignature) {
  const Files files{{"p/__init__.py", "@compile_ops('m')\ndef f(a): ...\n"},
                    {"p/core.py", "def wrapper(*args): ...\n"}};
  auto rules = toy_rules();
  rules.bindings[0].erasing_files = {"p/absent.py", "p/core.py"};
  for (const bool hides : {true, false}) {
    rules.bindings[0].erasing_text = hides ? "def wrapper(*args)" : "wraps";
    TestPackage package(files, rules);
    EXPECT_EQ(json_of(package, "p.f").at("binding").at("erases_signature"), hides);
  }
}

TEST_F(SymbolsTest, TellAllOfAConstant) {
  TestPackage package("A: int = 1024 * 1024\nB = ['a', 'b']\nC = {'d': 'e'}\n");
  EXPECT_EQ(json_of(package, "p.A").dump(),
            R"({"name":"p.A","condition":null,"defined_in":"p","kind":"constant",)"
            R"("file":"p/__init__.py","line":1,"annotation":"int","value":"1024 * 1024"})");
  EXPECT_EQ(json_of(package, "p.B")["value"], R"(["a", "b"])");
  EXPECT_EQ(json_of(package, "p.C")["value"], R"({"d": "e"})");
}

TEST_F(SymbolsTest, TellWhyNothingIsKnown) {
  TestPackage package("from .gone import f\n");
  EXPECT_EQ(json_of(package, "p.f").dump(),
            R"({"name":"p.f","condition":null,"defined_in":null,"kind":"constant","file":null,)"
            R"("line":null,"unknown":"there is no module p.gone"})");
}

TEST_F(SymbolsTest, HaveTheSignatureThatMakesAnInstance) {
  EXPECT_EQ(signature_in("class A:\n  def __init__(self, a, b=1) -> None: ...\n"), "(a, b=1)");
  EXPECT_EQ(signature_in("class A: ...\n"), "()");
  EXPECT_EQ(signature_in("class B:\n  def __init__(self, a): ...\nclass A(B): ...\n"), "(a)");
  EXPECT_EQ(signature_in("class B: ...\nclass C:\n  def __init__(self, a): ...\n"
                         "class A(ABC, B, Generic[T], C): ...\n"),
            "(a)");
  EXPECT_EQ(signature_in("class A(torch.Module): ...\n"), "unknown");
  EXPECT_EQ(signature_in("class A:\n  def __new__(cls, a): ...\n"), "(a)");
  EXPECT_EQ(signature_in("class A:\n  __init__ = make()\n"), "unknown");
  EXPECT_EQ(signature_in("class A:\n  if B:\n    def __init__(self, a): ...\n  else:\n"
                         "    def __init__(self): ...\n"),
            "unknown");
  EXPECT_EQ(signature_in("@register\nclass A: ...\n"), "()");
  EXPECT_EQ(signature_in("@attr.define\nclass A:\n  a: int\n"), "unknown");
  EXPECT_EQ(signature_in("class B(A): ...\nclass A(B): ...\n"), "unknown");
}

TEST_F(SymbolsTest, HaveTheFieldsOfADataclassForItsSignature) {
  EXPECT_EQ(signature_in("@dataclass\nclass A:\n  a: int\n  b: str = 'x'\n  c: ClassVar[int] = 1\n"
                         "  d = 2\n  e: list = field(default_factory=list)\n"
                         "  f: int = field(init=False)\n  def m(self): ...\n"),
            "(a: int, b: str = 'x', e: list = field(default_factory=list))");
  EXPECT_EQ(signature_in("@dataclasses.dataclass(frozen=True)\nclass A:\n  a: int\n"), "(a: int)");
  EXPECT_EQ(signature_in("@dataclass\nclass A:\n  a: int\n  def __init__(self, b): ...\n"), "(b)");
  EXPECT_EQ(signature_in("@dataclass(init=False)\nclass A:\n  a: int\n"), "()");
  EXPECT_EQ(signature_in("@dataclass\nclass A:\n  a: tuple = ('x', 'y')\n"), "(a: tuple = ...)");
  EXPECT_EQ(signature_in("@dataclass(kw_only=True)\nclass A:\n  a: int\n"), "(*, a: int)");
  EXPECT_EQ(signature_in("@dataclass\nclass A:\n  a: int\n  _: KW_ONLY\n  b: int\n"),
            "(a: int, *, b: int)");
}

TEST_F(SymbolsTest, HaveTheFieldsOfAllDataclassesBehindADataclass) {
  const std::string base = "@dataclass\nclass B:\n  a: int\n  b: int = 1\n";
  EXPECT_EQ(signature_in(base + "@dataclass\nclass A(B):\n  c: int = 2\n"),
            "(a: int, b: int = 1, c: int = 2)");
  EXPECT_EQ(signature_in(base + "@dataclass\nclass A(B):\n  a: str\n"), "(a: str, b: int = 1)");
  EXPECT_EQ(signature_in(base + "class A(B):\n  c: int\n"), "(a: int, b: int = 1)");
  EXPECT_EQ(signature_in("class B:\n  a: int\n@dataclass\nclass A(B):\n  c: int\n"), "(c: int)");
}

TEST_F(SymbolsTest, AreEnumerationsWhateverTheirBaseIsCalled) {
  EXPECT_EQ(members_in("from enum import Enum\nclass A(Enum):\n  X = 0\n  Y = auto()\n  _Z = 1\n"
                       "  def m(self): ...\n"),
            "enum X=0 Y=auto()");
  EXPECT_EQ(members_in("import enum as e\nclass A(e.IntFlag):\n  X = Y = 1\n"), "enum X=1 Y=1");
  EXPECT_EQ(members_in("from enum import IntEnum as I\nclass B(I):\n  def m(self): ...\n"
                       "class A(str, B):\n  X = 'x'\n"),
            "enum X='x'");
  EXPECT_EQ(members_in("class A(Enum):\n  X = 0\n"), "class");
}

TEST_F(SymbolsTest, HaveNoSignatureAsEnumerations) {
  TestPackage package("from enum import Enum\nclass A(Enum):\n  X = 0\n");
  EXPECT_FALSE(json_of(package, "p.A").contains("signature"));
}

const Files with_native_enum{
    {"p/__init__.py", "from .enum import *\nfrom .enum import Kind as K\n"},
    {"p/enum.py", "Kind = type(_load())\nOther = type(_load())\n"},
    {"meta/kind.h", "enum class Kind : int { none = -1, some, all = 0x10, };\n"}};

TEST_F(SymbolsTest, HaveTheValuesThatAHeaderGivesANativeEnumeration) {
  TestPackage package(with_native_enum);
  for (const char* name : {"p.enum.Kind", "p.Kind", "p.K"}) {
    const auto json = json_of(package, name);
    EXPECT_EQ(json["kind"], "enum") << name;
    EXPECT_EQ(json["members"].dump(), R"({"none":"-1","some":"0","all":"16"})") << name;
    EXPECT_EQ(json["file"], "p/enum.py") << name;
  }
  EXPECT_EQ(json_of(package, "p.Other")["kind"], "constant");
  EXPECT_EQ(package.loaded().native_enums.at("p.enum.Kind").file, "meta/kind.h");
}

TEST_F(SymbolsTest, TakeTheFirstHeaderThatIsThere) {
  auto files = with_native_enum;
  files["csrc/kind.h"] = "enum Kind { one = 1 };\n";
  TestPackage package(files);
  EXPECT_EQ(json_of(package, "p.Kind")["members"].dump(), R"({"one":"1"})");
}

TEST_F(SymbolsTest, AreConstantsWithoutAHeaderOfTheirs) {
  auto files = with_native_enum;
  files.erase("meta/kind.h");
  TestPackage package(files);
  EXPECT_EQ(json_of(package, "p.Kind")["kind"], "constant");
  EXPECT_TRUE(package.loaded().problems.empty());
}

TEST_F(SymbolsTest, ReportAHeaderOfAnotherForm) {
  auto files = with_native_enum;
  files["meta/kind.h"] = "enum class Kind { none = BASE + 1 };\n";
  TestPackage package(files);
  EXPECT_EQ(json_of(package, "p.Kind")["kind"], "constant");
  ASSERT_EQ(package.loaded().problems.size(), 1u);
  EXPECT_EQ(package.loaded().problems[0].where, "meta/kind.h");
  expect_contains(package.loaded().problems[0].what, "does not list the values of Kind");
}

TEST_F(SymbolsTest, AreWrittenAsToJsonHasThem) {
  auto files = with_native_enum;
  files["p/enum.py"] = "Kind = Twin = type(_load())\n";
  files["p/a.py"] =
      "from .gone import f, g\nfrom .... import h, i\na = b = 1\nif A:\n  def j(): ...\n"
      "else:\n  j = None\nk = j\nl = \"\\u00e9 \\\" \\\\\"\nclass M:\n  def n(self): ...\n  o = n\n"
      "def __getattr__(name):\n  if name in ('q', 'r'): return 1\n";
  TestPackage package(files);
  SymbolWriter writer(package.loaded(), toy_rules().bindings);
  for (const auto& symbol : symbols_of(package.loaded())) {
    EXPECT_EQ(writer.write(symbol), to_json(symbol, package.loaded(), toy_rules().bindings).dump());
  }
}

}  // namespace
}  // namespace fusegate::probe
