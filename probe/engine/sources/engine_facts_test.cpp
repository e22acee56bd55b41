#include "probe/engine/sources/engine_facts.hpp"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/sources/python_facts.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::probe {
namespace {

using Strings = std::vector<std::string>;

/// What the script says of one file of this text; nothing where it does not parse.
std::string line_of(std::string_view text, const std::string& python) {
  const TemporaryFolder folder;
  write_file(folder.path() / "p/a.py", text);
  auto facts = read_python_facts(folder.path(), {"p/a.py"}, python, python_run_limit,
                                 FactsFormat<EngineFacts>::script);
  return facts.lines["p/a.py"];
}

EngineFacts facts_of(std::string_view text, const std::string& python = test_python()) {
  const auto line = line_of(text, python);
  EXPECT_FALSE(line.empty()) << python << " of " << text;
  return line.empty() ? EngineFacts{} : parse_engine_facts(line);
}

/// "name", "call(2)": an expression without its text, to look at its form.
std::string form_of(const Expression& expression) {
  constexpr std::array kinds{"none",      "constant",  "name",   "call",       "and",
                             "or",        "not",       "choice", "comparison", "list",
                             "subscript", "attribute", "other"};
  std::string form = kinds[static_cast<std::size_t>(expression.kind)];
  if (expression.kind == Expression::Kind::name) return expression.value;
  if (expression.kind == Expression::Kind::constant) {
    return expression.is_string ? "'" + expression.value + "'" : expression.value;
  }
  if (!expression.value.empty()) form += " " + expression.value;
  Strings parts;
  for (const auto& item : expression.items) parts.push_back(form_of(item));
  for (const auto& [name, value] : expression.keywords)
    parts.push_back(name + "=" + form_of(value));
  for (const auto starred : expression.starred) parts.at(starred).insert(0, "*");
  return parts.empty() ? form : form + "(" + join(parts, ", ") + ")";
}

std::string use_text(const ResultUse& use) {
  constexpr std::array kinds{"other",    "discarded", "assigned", "unpacked",
                             "returned", "tested",    "called"};
  std::string text = kinds[static_cast<std::size_t>(use.kind)];
  if (use.kind == ResultUse::Kind::unpacked) text += fmt::format(" {}", use.count);
  return use.names.empty() ? text : text + " " + join(use.names, ",");
}

/// "if T, try ImportError, loop xs"
std::string conditions_text(const EngineFacts& facts, int under) {
  constexpr std::array kinds{"if", "not", "try", "except", "loop", "case", "assert"};
  Strings texts;
  for (const auto* condition : conditions_around(facts, under)) {
    std::string text = kinds[static_cast<std::size_t>(condition->kind)];
    if (!condition->test.text.empty()) text += " " + condition->test.text;
    for (const auto& type : condition->caught) text += " " + type;
    texts.push_back(text);
  }
  return join(texts, ", ");
}

struct EventText {
  std::string operator()(const ImportEvent& e) const {
    return "import " + e.module + (e.alias.empty() ? "" : " as " + e.alias);
  }
  std::string operator()(const FromEvent& e) const {
    return fmt::format("from {}{} import {} as {}",
                       std::string(static_cast<std::size_t>(e.level), '.'), e.module, e.name,
                       e.bound_as);
  }
  std::string operator()(const BindEvent& e) const {
    return join(e.targets, ",") + " = " + form_of(e.value);
  }
  std::string operator()(const CallEvent& e) const {
    return e.call.text + " -> " + use_text(e.result);
  }
  std::string operator()(const NameEvent& e) const { return e.name + " -> " + use_text(e.result); }
  std::string operator()(const ReturnEvent& e) const { return "return " + form_of(e.value); }
};

/// One line for each event but imports: "SCOPE:LINE [CONDITIONS] EVENT".
Strings events_of(const EngineFacts& facts, bool with_imports = false) {
  Strings lines;
  for (const auto& event : facts.events) {
    const bool is_import = event.what.index() < 2;
    if (is_import && !with_imports) continue;
    const auto conditions = conditions_text(facts, event.under);
    const auto& scope = facts.scopes.at(static_cast<std::size_t>(event.scope)).name;
    lines.push_back((scope.empty() ? "" : scope + ": ") +
                    (conditions.empty() ? "" : "[" + conditions + "] ") +
                    std::visit(EventText(), event.what));
  }
  return lines;
}

Strings events_of(std::string_view text) {
  return events_of(facts_of(text));
}

/// The conditions of the calls of `lib.f`, in order, behind `import lib`.
Strings conditions_of_calls(const std::string& text) {
  const auto facts = facts_of("import lib\n" + text);
  Strings found;
  for (const auto& event : facts.events) {
    const auto* call = std::get_if<CallEvent>(&event.what);
    if (call != nullptr && call->call.items.at(0).value == "lib.f") {
      found.push_back(conditions_text(facts, event.under));
    }
  }
  return found;
}

/// The form of what `x` is set to behind `import lib`.
std::string form_of_value(const std::string& text) {
  const auto facts = facts_of("import lib\nx = " + text + "\n");
  for (const auto& event : facts.events) {
    if (const auto* bind = std::get_if<BindEvent>(&event.what)) return form_of(bind->value);
  }
  return "";
}

class EngineFactsTest : public testing::Test {
 protected:
  void SetUp() override { FUSEGATE_NEEDS_PYTHON(); }
};

TEST_F(EngineFactsTest, HasEveryImportWithTheNameThatItBinds) {
  const auto facts = facts_of(
      "import a.b, c.d as e\nimport os\nfrom ..f import g as h, i\ndef k():\n  from . import *\n");
  EXPECT_EQ(events_of(facts, true),
            (Strings{"import a.b", "import c.d as e", "import os", "from ..f import g as h",
                     "from ..f import i as i", "k: from . import * as *"}));
}

TEST_F(EngineFactsTest, HasScopesWithinScopes) {
  const auto facts = facts_of(
      "import lib\nif A:\n  class C(lib.B):\n    @lib.d(1)\n    def f(self, a, /, b=1, *c, d, "
      "**e):\n"
      "      global lib\n      g = lambda x: lib.h(x)\n");
  ASSERT_EQ(facts.scopes.size(), 4u);
  EXPECT_EQ(facts.scopes[0].kind, Scope::Kind::module);
  EXPECT_EQ(facts.scopes[1].bases, Strings{"lib.B"});
  EXPECT_EQ(conditions_text(facts, facts.scopes[1].under), "if A");
  const auto& method = facts.scopes[2];
  EXPECT_EQ(method.name, "C.f");
  EXPECT_EQ(method.parent, 1);
  EXPECT_EQ(method.parameters, (Strings{"self", "a", "b", "c", "d", "e"}));
  EXPECT_EQ(method.decorators, Strings{"lib.d(1)"});
  EXPECT_EQ(method.globals, Strings{"lib"});
  EXPECT_EQ(method.line, 5);
  EXPECT_EQ(method.end_line, 7);
  EXPECT_EQ(facts.scopes[3].kind, Scope::Kind::lambda);
  EXPECT_EQ(events_of(facts), (Strings{"[if A] lib.B -> other", "C: lib.d(1) -> other",
                                       "C.f.<lambda>: lib.h(x) -> returned", "C.f: g = other"}));
}

TEST_F(EngineFactsTest, TellsHowAResultIsUsed) {
  EXPECT_EQ(
      events_of("import lib\nlib.f()\nif not lib.g(): pass\nx = lib.h() is None\n"
                "def w():\n  return await_(lib.k())()\nd[0] = lib.m()\nlib.n()()\n"
                "a, (b, c) = lib.o()\na, *b = lib.p()\na = b = lib.q()\nself.a, d[1] = lib.r()\n"),
      (Strings{"lib.f() -> discarded", "lib.g() -> tested", "lib.h() -> tested",
               "x = comparison is(call(lib.h), None)", "w: lib.k() -> other",
               "w: return call(call(await_, call(lib.k)))", "lib.m() -> other",
               "lib.n()() -> discarded", "lib.n() -> called", "lib.o() -> unpacked 2 a,",
               "a,b,c = none", "lib.p() -> unpacked -1 a,b", "a,b = none",
               "lib.q() -> assigned a,b", "a,b = call(lib.q)", "lib.r() -> unpacked 2 self.a,",
               "self.a = none"}));
}

TEST_F(EngineFactsTest, FollowsAliases) {
  EXPECT_EQ(events_of("def f(q):\n  g(q)\n  y = g(q)\n  y.view(1)\n  return y + 1\n"), Strings{});
  EXPECT_EQ(
      events_of("def f(q):\n  h = lib.g if A else None\n  h(q)\n  h(q).view(1)\nimport lib\n"),
      (Strings{"f: [if A] lib.g -> assigned h", "f: h = choice(A, lib.g, None)",
               "f: h(q) -> discarded", "f: h(q).view(1) -> discarded", "f: h(q) -> other"}));
}

TEST_F(EngineFactsTest, FollowsAttributesOfInstancesInTheWholeFile) {
  EXPECT_EQ(events_of("import lib\nclass C:\n  def f(self):\n    self.w.plan(1)\n"
                      "  def g(self):\n    self.w = lib.Wrapper()\n    self.v = 1 + x\n"),
            (Strings{"C.f: self.w.plan(1) -> discarded", "C.g: lib.Wrapper() -> assigned self.w",
                     "C.g: self.w = call(lib.Wrapper)"}));
}

TEST_F(EngineFactsTest, FollowsWhatFunctionsOfTheFileReturn) {
  EXPECT_EQ(events_of("def load():\n  import lib\n  return lib\ndef f():\n  load().g(1)\n"
                      "  m = load()\n  m.h(2)\n"),
            (Strings{"load: lib -> returned", "load: return lib", "f: load().g(1) -> discarded",
                     "f: load() -> other", "f: load() -> assigned m", "f: m = call(load)",
                     "f: m.h(2) -> discarded"}));
}

TEST_F(EngineFactsTest, HasFlagsAndWhatTheyAreReturnedBy) {
  EXPECT_EQ(
      events_of("HAS = None\ndef f(a):\n  global HAS\n  try:\n    from lib import g\n"
                "    HAS = True\n  except ImportError:\n    HAS = False\n"
                "  b = HAS and a\n  c = a and b\n  d = a + 1\n  return HAS\n"),
      (Strings{"HAS = None", "f: [try ImportError] HAS = True",
               "f: [except ImportError] HAS = False", "f: b = and(HAS, a)", "f: return HAS"}));
}

TEST_F(EngineFactsTest, HasNamesThatAreReadAndNotCalled) {
  EXPECT_EQ(events_of("import lib\nf(lib.Q.per_Token, k=lib.g)\nreturned = f'{lib.v} {lib.h(1)}'\n"
                      "for x in lib.all: x.g()\nz = {'a': lib.a}\n"),
            (Strings{"f(lib.Q.per_Token, k=lib.g) -> discarded", "lib.Q.per_Token -> other",
                     "lib.g -> other", "lib.v -> other", "lib.h -> called", "returned = other",
                     "lib.all -> other", "[loop lib.all] x = none",
                     "[loop lib.all] x.g() -> discarded", "lib.a -> other", "z = other"}));
}

TEST_F(EngineFactsTest, HasProbesOfAnything) {
  EXPECT_EQ(events_of("def f(m, n):\n  hasattr(m, n)\n  isinstance(m, n)\n"
                      "  'a' in inspect.signature(m).parameters\n  torch.ops.aiter.f(m)\n"
                      "  torch.empty(1)\nimport torch, inspect\n"),
            (Strings{"f: hasattr(m, n) -> discarded", "f: inspect.signature(m) -> other",
                     "f: torch.ops.aiter.f(m) -> discarded"}));
}

TEST_F(EngineFactsTest, LeavesOutAnnotations) {
  EXPECT_EQ(
      events_of("import lib\ndef f(a: lib.T = lib.d()) -> lib.U:\n  b: lib.V\n  c: lib.W = 1\n"),
      (Strings{"lib.d() -> other", "f: c = 1"}));
}

TEST_F(EngineFactsTest, HasWhatTakesANameAway) {
  EXPECT_EQ(events_of("import lib\ndef f():\n  with open() as lib: pass\n  del lib\n  lib += 1\n"
                      "  (lib := None)\n"),
            (Strings{"f: lib = none", "f: lib = none", "f: lib = none", "f: lib = None"}));
}

TEST_F(EngineFactsTest, CountsTheNamesOfAStarAsImported) {
  EXPECT_EQ(events_of("from lib import *\ndef f(a):\n  g(1)\n  a(1)\n"),
            Strings{"f: g(1) -> discarded"});
}

TEST_F(EngineFactsTest, GivesAnExpressionItsForm) {
  EXPECT_EQ(form_of_value("lib.a.b(1, *c, d='e', **f)"), "call(lib.a.b, 1, *c, d='e', **=f)");
  EXPECT_EQ(form_of_value("a and (b or not c)"), "and(a, or(b, not(c)))");
  EXPECT_EQ(form_of_value("1 < a <= -2"), "and(comparison <(1, a), comparison <=(a, -2))");
  EXPECT_EQ(form_of_value("a is not None"), "comparison is not(a, None)");
  EXPECT_EQ(form_of_value("a if b else (c, [d])"), "choice(b, a, list(c, list(d)))");
  EXPECT_EQ(form_of_value("a[0]['b'].c"), "attribute c(subscript(subscript(a, 0), 'b'))");
  EXPECT_EQ(form_of_value("a[1:2]"), "other");
  EXPECT_EQ(form_of_value("a[b, 1:]"), "other");
  EXPECT_EQ(form_of_value("(y := f'{a}')"), "other");
  EXPECT_EQ(form_of_value("a + 1"), "other");
}

TEST_F(EngineFactsTest, PutsTextsOnOneLineAndBoundsThem) {
  const auto facts =
      facts_of("import lib\nlib.f(a,  # one\n  b)\nlib.f(" + std::string(500, 'x') + ")\n");
  EXPECT_EQ(std::get<CallEvent>(facts.events.at(1).what).call.text, "lib.f(a, b)");
  EXPECT_EQ(std::get<CallEvent>(facts.events.at(2).what).call.text.size(), 300u);
}

TEST_F(EngineFactsTest, BoundsTheDepthOfExpressions) {
  std::string deep = "1";
  for (int i = 0; i < 40; ++i) deep = "(0 < lib.f(k=" + deep + ") < 2)";
  const auto facts = facts_of("import lib\nx = " + deep + "\n");
  EXPECT_EQ(facts.events.size(), 42u);
}

TEST_F(EngineFactsTest, KnowsTheBranchesOfAnIf) {
  EXPECT_EQ(conditions_of_calls(
                "if a:\n  lib.f()\nelif lib.f():\n  lib.f()\nelse:\n  lib.f()\nlib.f()\n"),
            (Strings{"if a", "not a", "not a, if lib.f()", "not a, not lib.f()", ""}));
}

TEST_F(EngineFactsTest, KnowsThatABlockAlwaysLeaves) {
  EXPECT_EQ(
      conditions_of_calls("def g():\n  if a: return 1\n  lib.f()\n  if b:\n    if c: raise X\n"
                          "    else: return\n  elif d: pass\n  else: return\n  lib.f()\n"),
      (Strings{"not a", "not a, not b, if d"}));
  EXPECT_EQ(conditions_of_calls("for x in y:\n  if a: continue\n  lib.f()\nlib.f()\n"),
            (Strings{"loop y, not a", ""}));
  EXPECT_EQ(conditions_of_calls("def g():\n  if a:\n    with b: return\n  lib.f()\n"
                                "  if c:\n    try: return 1\n    except E: raise\n  lib.f()\n"
                                "  if d:\n    try: return 1\n    except E: pass\n  lib.f()\n"),
            (Strings{"not a", "not a, not c", "not a, not c"}));
  EXPECT_EQ(conditions_of_calls("if not a: sys.exit(1)\nlib.f()\n"), Strings{"not not a"});
}

TEST_F(EngineFactsTest, KnowsAssertionsAndLoops) {
  EXPECT_EQ(
      conditions_of_calls("assert a, lib.f()\nlib.f()\nwhile b:\n  lib.f()\nelse:\n  lib.f()\n"),
      (Strings{"not a", "assert a", "assert a, if b", "assert a, not b"}));
}

TEST_F(EngineFactsTest, KnowsWhatATryCatches) {
  EXPECT_EQ(conditions_of_calls("try:\n  lib.f()\nexcept (ImportError, a.E):\n  lib.f()\n"
                                "except KeyError:\n  raise\nexcept:\n  pass\nelse:\n  lib.f()\n"
                                "finally:\n  lib.f()\n"),
            (Strings{"try ImportError a.E BaseException", "except ImportError a.E", "", ""}));
  EXPECT_EQ(conditions_of_calls("try:\n  lib.f()\nexcept E:\n  raise X from None\n"), Strings{""});
  EXPECT_EQ(conditions_of_calls("try:\n  lib.f()\nexcept E:\n  if a: raise\n"), Strings{"try E"});
  EXPECT_EQ(conditions_of_calls("with contextlib.suppress(ImportError, E):\n  lib.f()\n"),
            Strings{"try ImportError E"});
}

TEST_F(EngineFactsTest, KnowsConditionsWithinExpressions) {
  EXPECT_EQ(conditions_of_calls("a and lib.f() and lib.f()\n"),
            (Strings{"if a", "if a, if lib.f()"}));
  EXPECT_EQ(conditions_of_calls("a or lib.f()\n"), Strings{"not a"});
  EXPECT_EQ(conditions_of_calls("lib.f(1) if a else lib.f(2)\n"), (Strings{"if a", "not a"}));
  EXPECT_EQ(conditions_of_calls("[lib.f(x) for x in lib.f() if a]\n"),
            (Strings{"", "loop lib.f(), if a"}));
}

TEST_F(EngineFactsTest, KnowsWhatItsOwnPythonAdded) {
  const std::string_view text =
      "import lib\nmatch a:\n  case [1, b] if b:\n    lib.f()\n  case lib.E.x: pass\n"
      "try: pass\nexcept* E: lib.g()\ntype X = lib.X\ndef h[T](a: T): lib.h(f'{f'{lib.v}'}')\n";
  for (const auto& python : test_pythons()) {
    const auto line = line_of(text, python);
    if (line.empty()) continue;  // before 3.12
    EXPECT_EQ(events_of(parse_engine_facts(line)),
              (Strings{"[case match a: case [1, b], if b] lib.f() -> discarded", "lib.E.x -> other",
                       "[except E] lib.g() -> discarded", "lib.X -> other",
                       "h: lib.h(f'{f'{lib.v}'}') -> discarded", "h: lib.v -> other"}))
        << python;
  }
}

TEST_F(EngineFactsTest, SetsTheConditionsOfAFunctionApartFromItsOwn) {
  EXPECT_EQ(conditions_of_calls("if a:\n  def g():\n    if b: lib.f()\n"), Strings{"if b"});
}

TEST_F(EngineFactsTest, SurvivesALongChain) {
  std::string chain = "import lib\nif a: pass\n";
  for (int i = 0; i < 1000; ++i) chain += "elif b: lib.f()\n";
  const auto facts = facts_of(chain);
  EXPECT_EQ(facts.events.size(), 1001u);
  EXPECT_EQ(conditions_around(facts, facts.events.back().under).size(), 200u);
}

TEST_F(EngineFactsTest, IsTheSameFromEveryPython) {
  const std::string text =
      "import lib, os\n@lib.d\nclass A(lib.B, metaclass=lib.M):\n  a = lib.a[1:2, 0]\n"
      "  b = [lib.f(i, *j) for i in lib.g('é', k=-1) if not i]\n"
      "async def f(x, *, y=lib.y):\n  async with lib.c() as c, d: await "
      "c.g(f'{lib.e!r:>{lib.w}}')\n"
      "  return (z := lib.h(x)) and lib.t[0]\ntry:\n  lib = lib.i['x', 2]\nexcept* E: pass\n";
  const auto old = text.substr(0, text.find("except*")) + "except E: pass\n";
  const auto expected = events_of(facts_of(old), true);
  EXPECT_GT(expected.size(), 20u);
  for (const auto& python : test_pythons()) {
    EXPECT_EQ(events_of(facts_of(old, python), true), expected) << python;
  }
}

}  // namespace
}  // namespace fusegate::probe
