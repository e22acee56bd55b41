#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probe/engine/conditions/profile.hpp"
#include "probe/engine/sources/engine_rules.hpp"

namespace fusegate::probe {
namespace {

using Kind = Expression::Kind;
using Items = std::vector<Expression>;
using Texts = std::vector<std::string>;

Expression make(Kind kind, std::string text, std::string value, Items items = {}) {
  Expression expression;
  expression.kind = kind;
  expression.text = std::move(text);
  expression.value = std::move(value);
  expression.items = std::move(items);
  return expression;
}

Expression name(const std::string& text) {
  return make(Kind::name, text, text);
}
Expression number(const std::string& text) {
  return make(Kind::constant, text, text);
}
Expression quoted(const std::string& text) {
  auto expression = make(Kind::constant, fmt::format("\"{}\"", text), text);
  expression.is_string = true;
  return expression;
}
std::string listed(const Items& items, const char* separator) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : separator) + item.text;
  return text;
}
Expression call(Expression callee, Items arguments = {}) {
  const auto text = fmt::format("{}({})", callee.text, listed(arguments, ", "));
  arguments.insert(arguments.begin(), std::move(callee));
  return make(Kind::call, text, "", std::move(arguments));
}
Expression call(const char* callee, Items arguments = {}) {
  return call(name(callee), std::move(arguments));
}
Expression attribute(Expression object, const std::string& value) {
  const auto text = object.text + "." + value;
  return make(Kind::attribute, text, value, {std::move(object)});
}
Expression all_of(Items items) {
  const auto text = listed(items, " and ");
  return make(Kind::all_of, text, "", std::move(items));
}
Expression any_of(Items items) {
  const auto text = listed(items, " or ");
  return make(Kind::any_of, text, "", std::move(items));
}
Expression negated(Expression item) {
  const auto text = "not " + item.text;
  return make(Kind::negation, text, "", {std::move(item)});
}
Expression list(Items items) {
  const auto text = fmt::format("({})", listed(items, ", "));
  return make(Kind::list, text, "", std::move(items));
}
Expression compared(Expression a, const std::string& comparison, Expression b) {
  const auto text = fmt::format("{} {} {}", a.text, comparison, b.text);
  return make(Kind::comparison, text, comparison, {std::move(a), std::move(b)});
}

/// A profile and what an engine's names are bound to.
struct Fixture {
  explicit Fixture(const char* engine, const Texts& assumptions = {})
      : rules(find_engine(engines, engine)) {
    for (const auto& text : assumptions) parse_assumption(profile, text);
  }

  Evaluation operator()(const Expression& expression) const {
    const auto resolve = [this](const std::string& wanted, int scope) {
      const auto it = bound.find(wanted);
      return it == bound.end() ? std::nullopt : std::optional(BoundExpression{it->second, scope});
    };
    const auto probe = [this](const Expression& asked, int) {
      const auto it = answers.find(asked.text);
      return it == answers.end() ? Truth::open : it->second;
    };
    return evaluate(expression, 0, {profile, rules, resolve, probe});
  }
  Truth truth(const Expression& expression) const { return (*this)(expression).truth; }

  std::vector<EngineRules> engines = known_engines();
  const EngineRules& rules;
  Profile profile;
  std::map<std::string, Expression> bound;
  std::map<std::string, Truth> answers;
};

Expression use_aiter() {
  return all_of({call("get_bool_env_var", {quoted("SGLANG_USE_AITER")}), name("_is_hip")});
}

TEST(Evaluate, FollowsWhatNamesAreBoundTo) {
  Fixture amd("sglang", {"gfx942", "SGLANG_USE_AITER=1"});
  amd.bound = {{"_use_aiter", use_aiter()}, {"_is_hip", call("is_hip")}};
  const auto found = amd(name("_use_aiter"));
  EXPECT_EQ(found.truth, Truth::yes);
  EXPECT_EQ(found.because, (Texts{"SGLANG_USE_AITER=1 is assumed", "gfx942 is assumed"}));
}

TEST(Evaluate, SaysWhatIsNotKnown) {
  Fixture unknown("sglang", {"SGLANG_USE_AITER=1"});
  unknown.bound = {{"_use_aiter", use_aiter()}, {"_is_hip", call("is_hip")}};
  const auto found = unknown(name("_use_aiter"));
  EXPECT_EQ(found.truth, Truth::open);
  EXPECT_EQ(found.open, Texts{"is_hip()"});
}

TEST(Evaluate, NeedsNoMoreThanWhatDecides) {
  const Fixture nvidia("sglang", {"sm_90"});
  EXPECT_EQ(nvidia.truth(all_of({name("unknown"), call("is_hip")})), Truth::no);
  EXPECT_EQ(nvidia.truth(any_of({name("unknown"), call("is_cuda")})), Truth::yes);
  EXPECT_EQ(nvidia.truth(any_of({name("unknown"), call("is_hip")})), Truth::open);
  EXPECT_EQ(nvidia.truth(negated(name("unknown"))), Truth::open);
  EXPECT_TRUE(nvidia(all_of({name("unknown"), call("is_hip")})).open.empty());
}

TEST(Evaluate, TakesDefaultsOnlyWhereTheProfileDoes) {
  const auto read = call("get_bool_env_var", {quoted("SOME_SWITCH"), quoted("true")});
  Fixture fixture("sglang");
  EXPECT_EQ(fixture.truth(read), Truth::yes);
  fixture.profile.use_defaults = false;
  EXPECT_EQ(fixture(read).open, Texts{"SOME_SWITCH"});
}

TEST(Evaluate, ReadsTheDefaultAmongTheKeywords) {
  auto read = call("get_bool_env_var", {quoted("SOME_SWITCH")});
  EXPECT_EQ(Fixture("sglang").truth(read), Truth::no);
  read.keywords = {{"default", quoted("true")}};
  EXPECT_EQ(Fixture("sglang").truth(read), Truth::yes);
}

TEST(Evaluate, ReadsFieldsOfEnvs) {
  const Fixture sglang("sglang", {"SGLANG_USE_AITER=true"});
  EXPECT_EQ(sglang.truth(call("envs.SGLANG_USE_AITER.get")), Truth::yes);
  EXPECT_EQ(sglang.truth(call("envs.SGLANG_USE_AITER.is_set")), Truth::yes);
  EXPECT_EQ(sglang.truth(call("envs.SGLANG_OTHER.is_set")), Truth::no);
  EXPECT_EQ(sglang(call("envs.SGLANG_OTHER.get")).open, Texts{"SGLANG_OTHER"});
  const Fixture vllm("vllm", {"VLLM_ROCM_USE_AITER=0"});
  EXPECT_EQ(vllm.truth(name("envs.VLLM_ROCM_USE_AITER")), Truth::no);
  EXPECT_EQ(vllm.truth(name("vllm.envs.VLLM_ROCM_USE_AITER_MLA")), Truth::yes);
}

TEST(Evaluate, ReadsTheEnvironmentItself) {
  const Fixture fixture("vllm", {"MODE=asm"});
  const auto mode = call("os.environ.get", {quoted("MODE"), quoted("auto")});
  EXPECT_EQ(fixture.truth(compared(mode, "==", quoted("asm"))), Truth::yes);
  EXPECT_EQ(fixture.truth(compared(quoted("MODE"), "in", name("os.environ"))), Truth::yes);
  EXPECT_EQ(fixture.truth(compared(quoted("OTHER"), "not in", name("os.environ"))), Truth::yes);
  EXPECT_EQ(fixture.truth(compared(call("os.getenv", {quoted("OTHER")}), "is", number("None"))),
            Truth::yes);
  const auto item =
      make(Kind::subscript, "os.environ[\"MODE\"]", "", {name("os.environ"), quoted("MODE")});
  EXPECT_EQ(fixture.truth(compared(item, "==", quoted("auto"))), Truth::no);
}

TEST(Evaluate, ConvertsTextsAsTheSourceDoes) {
  const Fixture fixture("vllm", {"A=TRUE", "B=0"});
  const auto a = call("os.getenv", {quoted("A"), quoted("False")});
  EXPECT_EQ(fixture.truth(
                compared(call(attribute(a, "lower")), "in", list({quoted("true"), quoted("1")}))),
            Truth::yes);
  const auto b = call("os.getenv", {quoted("B"), quoted("1")});
  EXPECT_EQ(fixture.truth(b), Truth::yes);  // a text that is not empty
  EXPECT_EQ(fixture.truth(call("bool", {call("int", {b})})), Truth::no);
}

TEST(Evaluate, KnowsThePlatformOfEachEngine) {
  const Fixture amd("vllm", {"gfx950"});
  EXPECT_EQ(amd.truth(call("current_platform.is_rocm")), Truth::yes);
  EXPECT_EQ(amd.truth(call("current_platform.is_cuda")), Truth::no);
  EXPECT_EQ(amd.truth(call("current_platform.is_cuda_alike")), Truth::yes);
  EXPECT_EQ(amd.truth(call("current_platform.is_xpu")), Truth::no);
  EXPECT_EQ(amd.truth(call("on_gfx950")), Truth::yes);
  EXPECT_EQ(amd.truth(call("on_gfx1x")), Truth::no);
  EXPECT_EQ(amd.truth(compared(call("get_cdna_version"), ">", number("2"))), Truth::yes);
  EXPECT_EQ(Fixture("sglang", {"gfx950"}).truth(call("is_gfx95_supported")), Truth::yes);
  EXPECT_EQ(Fixture("sglang", {"gfx942"}).truth(call("is_gfx95_supported")), Truth::no);
}

TEST(Evaluate, KnowsTheVersionsThatTorchHas) {
  const auto hip = compared(name("torch.version.hip"), "is not", number("None"));
  EXPECT_EQ(Fixture("vllm", {"gfx942"}).truth(hip), Truth::yes);
  EXPECT_EQ(Fixture("vllm", {"sm_90"}).truth(hip), Truth::no);
  EXPECT_EQ(Fixture("vllm").truth(hip), Truth::open);
}

TEST(Evaluate, TestsCapabilities) {
  const Fixture hopper("vllm", {"sm_90"});
  EXPECT_EQ(hopper.truth(call("current_platform.has_device_capability", {number("80")})),
            Truth::yes);
  EXPECT_EQ(hopper.truth(
                call("current_platform.is_device_capability", {list({number("10"), number("0")})})),
            Truth::no);
  EXPECT_EQ(hopper.truth(call("current_platform.is_device_capability_family", {number("90")})),
            Truth::yes);
  EXPECT_EQ(hopper.truth(compared(call("current_platform.get_device_capability"),
                                  "==", list({number("9"), number("0")}))),
            Truth::yes);
  EXPECT_EQ(hopper.truth(call("current_platform.has_device_capability", {name("x")})), Truth::open);
}

TEST(Evaluate, NeedsAllThatASwitchStandsFor) {
  const auto enabled = call("rocm_aiter_ops.is_mla_enabled");
  Fixture fixture("vllm", {"gfx942", "VLLM_ROCM_USE_AITER=1"});
  EXPECT_EQ(fixture(enabled).open, Texts{"find_spec(\"aiter\")"});
  fixture.answers = {{"find_spec(\"aiter\")", Truth::yes}};
  EXPECT_EQ(fixture.truth(enabled), Truth::yes);
  parse_assumption(fixture.profile, "VLLM_ROCM_USE_AITER_MLA=0");
  EXPECT_EQ(fixture.truth(enabled), Truth::no);
}

TEST(Evaluate, AsksForWhatItDoesNotKnow) {
  Fixture fixture("vllm");
  const auto probe = call("hasattr", {name("aiter"), quoted("x")});
  fixture.answers = {{probe.text, Truth::yes}, {"find_spec(\"aiter\")", Truth::no}};
  EXPECT_EQ(fixture.truth(probe), Truth::yes);
  EXPECT_EQ(fixture(probe).because, Texts{"hasattr(aiter, \"x\") is true"});
  const auto spec = call("find_spec", {quoted("aiter")});
  EXPECT_EQ(fixture.truth(compared(spec, "is not", number("None"))), Truth::no);
}

TEST(Evaluate, FollowsFunctionsUnderOtherNames) {
  Fixture fixture("sglang", {"gfx942"});
  fixture.bound = {{"_hip", name("is_hip")}, {"enabled()", call("_hip")}};
  EXPECT_EQ(fixture.truth(call("_hip")), Truth::yes);
  EXPECT_EQ(fixture.truth(call("enabled")), Truth::yes);
}

TEST(Evaluate, TakesAssumedNames) {
  const Fixture fixture("sglang", {"_use_aiter=0", "self.use_mla", "is_npu=1"});
  EXPECT_EQ(fixture.truth(name("_use_aiter")), Truth::no);
  EXPECT_EQ(fixture.truth(name("self.use_mla")), Truth::yes);
  EXPECT_EQ(fixture.truth(call("is_npu")), Truth::yes);
}

TEST(Evaluate, ComparesVersions) {
  const Fixture fixture("vllm", {"torch.__version__=2.10.0"});
  const auto version = call("version.parse", {name("torch.__version__")});
  EXPECT_EQ(fixture.truth(compared(version, ">=", call("version.parse", {quoted("2.9")}))),
            Truth::yes);
}

TEST(Evaluate, TakesTheBranchThatIsKnown) {
  const Fixture fixture("sglang", {"gfx942"});
  const auto choice = [](Expression test, Expression a, Expression b) {
    return make(Kind::choice, "a if test else b", "",
                {std::move(test), std::move(a), std::move(b)});
  };
  EXPECT_EQ(fixture.truth(choice(call("is_hip"), number("0"), name("x"))), Truth::no);
  EXPECT_EQ(fixture.truth(choice(name("x"), number("1"), number("2"))), Truth::yes);
  EXPECT_EQ(fixture.truth(choice(name("x"), number("1"), number("0"))), Truth::open);
}

TEST(Evaluate, NeverRunsWhatIsForTypeCheckers) {
  EXPECT_EQ(Fixture("vllm").truth(name("TYPE_CHECKING")), Truth::no);
  EXPECT_EQ(Fixture("vllm").truth(compared(name("__name__"), "==", quoted("__main__"))), Truth::no);
}

TEST(Evaluate, EndsOnNamesThatMeanEachOther) {
  Fixture fixture("sglang");
  fixture.bound = {{"a", name("b")}, {"b", all_of({name("a"), name("a")})}};
  EXPECT_EQ(fixture.truth(name("a")), Truth::open);
}

TEST(Evaluate, EndsOnExpressionsWithoutEnd) {
  Fixture fixture("sglang");
  for (int i = 0; i < 60; ++i) {
    const auto next = name(fmt::format("n{}", i + 1));
    fixture.bound.emplace(fmt::format("n{}", i), all_of({next, next}));
  }
  EXPECT_EQ(fixture.truth(name("n0")), Truth::open);
  auto deep = call("is_hip");
  for (int i = 0; i < 300; ++i) deep = negated(std::move(deep));
  EXPECT_EQ(fixture.truth(deep), Truth::open);
}

}  // namespace
}  // namespace fusegate::probe
