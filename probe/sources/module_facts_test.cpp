#include "probe/sources/module_facts.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "probe/sources/damaged_facts.hpp"

namespace fusegate::probe {
namespace {

/// Facts with every kind of statement and value.
const std::string whole = R"json({"conditions":[[],[["if","A"],["except","E"]]],"body":[
["def",2,3,1,"f",[["a",0,null,"int"],["b",1,"1",null],["c",2,null,null],["d",3,null,null],
["e",4,null,null]],"R",["staticmethod",["a.b",["'x'"],{"k":"v"}]],true],
["getattr",2,0,[["x"],["_V"]]],
["class",4,9,0,"C",["B"],[],[["def",5,6,0,"m",[],null,[],false],["set",7,0,["x"],"int",null]],[["y",6]]],
["import",10,0,[["a.b",null],["c","d"]]],
["from",11,1,2,"",[["*",null]]],
["set",12,0,["x","y.z"],null,["literal","1"]],
["set",13,0,["x"],null,["strings",["a","b"]]],
["set",14,0,["x"],null,["map",{"a":"b"}]],
["all",15,0,"add",["name","x.__all__"]],
["del",16,0,["x"]],
["dynamic",17,0,"exec(x)"]]})json";

TEST(ParseModuleFacts, ReadsEveryKindOfStatement) {
  const auto facts = parse_module_facts(whole);
  ASSERT_EQ(facts.body.size(), 11u);
  EXPECT_TRUE(std::holds_alternative<ModuleGetattr>(facts.body[1].what));
  EXPECT_TRUE(std::holds_alternative<Import>(facts.body[3].what));
  EXPECT_TRUE(std::holds_alternative<ImportFrom>(facts.body[4].what));
  EXPECT_EQ(std::get<Assignment>(facts.body[6].what).value.strings.size(), 2u);
  EXPECT_EQ(std::get<Assignment>(facts.body[7].what).value.map.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Deletion>(facts.body[9].what));
  const auto& function = std::get<Function>(facts.body[0].what);
  EXPECT_EQ(signature_text(function.parameters, function.returns),
            "(a: int, /, b=1, *c, d, **e) -> R");
  EXPECT_TRUE(function.is_async);
  EXPECT_EQ(condition_text(facts.conditions[static_cast<std::size_t>(facts.body[0].under)]),
            "if A, except E");
  EXPECT_EQ(std::get<Class>(facts.body[2].what).body.size(), 2u);
  EXPECT_EQ(std::get<Exports>(facts.body[8].what).operation, Exports::Operation::add);
  EXPECT_EQ(facts.body[10].line, 17);
}

std::string with_body(const std::string& statement) {
  return R"({"conditions":[[]],"body":[)" + statement + "]}";
}

TEST(ParseModuleFacts, RefusesWhatIsNoFacts) {
  for (const std::string& text : std::vector<std::string>{
           "", "x", "{", "[]", "null", "1", "{}", R"({"conditions":[[]]})", R"({"body":[]})",
           R"({"conditions":[],"body":[]})", R"({"conditions":[[["if","A"]]],"body":[]})",
           R"({"conditions":[[],[["if"]]],"body":[]})", R"({"conditions":[[],"x"],"body":[]})",
           R"({"conditions":{},"body":[]})", R"({"conditions":[[]],"body":null})",
           R"({"conditions":[[]],"body":{}})", R"({"conditions":[[]],"body":[]} x)",
           R"({"conditions":[[]],"body":[]}{})", "{\"conditions\":[[]],\"body\":[\"\xff\"]}"}) {
    EXPECT_THROW(std::ignore = parse_module_facts(text), std::runtime_error) << text;
  }
}

TEST(ParseModuleFacts, RefusesStatementsThatAreOtherwise) {
  for (const char* statement : {"1",
                                "null",
                                "[]",
                                "{}",
                                "[\"def\"]",
                                "[\"dance\",1,0,[]]",
                                "[1,1,0,[]]",
                                "[\"del\",\"1\",0,[\"x\"]]",
                                "[\"del\",1.5,0,[\"x\"]]",
                                "[\"del\",true,0,[\"x\"]]",
                                "[\"del\",99999999999,0,[\"x\"]]",
                                "[\"del\",1,1,[\"x\"]]",
                                "[\"del\",1,-1,[\"x\"]]",
                                "[\"del\",1,4294967296,[\"x\"]]",
                                "[\"del\",1,0,[1]]",
                                "[\"del\",1,0,\"x\"]",
                                "[\"del\",1,0,null]",
                                "[\"set\",1,0,[\"x\"],null,[\"poem\",\"1\"]]",
                                "[\"set\",1,0,[\"x\"],null,[\"strings\",[1]]]",
                                "[\"set\",1,0,[\"x\"],null,[\"map\",[]]]",
                                "[\"set\",1,0,[\"x\"],null,[\"map\",{\"a\":1}]]",
                                "[\"set\",1,0,[\"x\"],null]",
                                "[\"all\",1,0,\"double\",null]",
                                "[\"import\",1,0,{}]",
                                "[\"import\",1,0,[[\"a\"]]]",
                                "[\"from\",1,0,0,\"a\",null]",
                                "[\"getattr\",1,0,[[]]]",
                                "[\"dynamic\",1,0,null]",
                                "[\"def\",1,1,0,\"f\",[[\"a\",5,null,null]],null,[],false]",
                                "[\"def\",1,1,0,\"f\",[[\"a\",-1,null,null]],null,[],false]",
                                "[\"def\",1,1,0,\"f\",null,null,[],false]",
                                "[\"def\",1,1,0,\"f\",[],null,{},false]",
                                "[\"def\",1,1,0,\"f\",[],null,[],1]",
                                "[\"class\",1,1,0,\"C\",[],[],null,[]]",
                                "[\"class\",1,1,0,\"C\",[],[],[1],[]]",
                                "[\"class\",1,1,0,\"C\",[],[],[]]",
                                "[\"class\",1,1,0,\"C\",[],[],[],[[1,2]]]"}) {
    EXPECT_THROW(std::ignore = parse_module_facts(with_body(statement)), std::runtime_error)
        << statement;
  }
}

TEST(ParseModuleFacts, RefusesWhatNestsWithoutEnd) {
  std::string classes;
  for (int depth = 0; depth < 70; ++depth) classes += R"(["class",1,1,0,"C",[],[],[)";
  for (int depth = 0; depth < 70; ++depth) classes += "],[]]";
  const auto refusal = [](const std::string& text) {
    return message_of<std::runtime_error>([&] { std::ignore = parse_module_facts(text); });
  };
  expect_contains(refusal(with_body(classes)), "too deep");
  expect_contains(refusal(std::string(1'000'000, '[')), "too deep");
}

TEST(ParseModuleFacts, SurvivesWhatIsDamaged) {
  expect_survives_damage(whole, parse_module_facts);
}

Parameter parameter(ParameterKind kind, std::string name,
                    std::optional<std::string> default_value = {},
                    std::optional<std::string> annotation = {}) {
  return {std::move(name), kind, std::move(default_value), std::move(annotation)};
}

TEST(SignatureText, FollowsPep8) {
  using enum ParameterKind;
  const auto a = parameter(positional_only, "a"), b = parameter(positional_or_keyword, "b", "1"),
             c = parameter(var_positional, "c", {}, "int"), d = parameter(keyword_only, "d"),
             e = parameter(keyword_only, "e", "1", "int"), f = parameter(var_keyword, "f");
  const std::vector<std::pair<std::vector<Parameter>, std::string>> table{
      {{}, "()"},
      {{a}, "(a, /)"},
      {{a, b}, "(a, /, b=1)"},
      {{a, c}, "(a, /, *c: int)"},
      {{a, d}, "(a, /, *, d)"},
      {{a, f}, "(a, /, **f)"},
      {{b, c, d}, "(b=1, *c: int, d)"},
      {{d, e}, "(*, d, e: int = 1)"},
      {{b, d, f}, "(b=1, *, d, **f)"},
      {{f}, "(**f)"}};
  for (const auto& [parameters, text] : table) {
    EXPECT_EQ(signature_text(parameters, std::nullopt), text);
  }
  EXPECT_EQ(signature_text({}, "None"), "() -> None");
}

TEST(TextOf, DecoratorsIsTheirCall) {
  EXPECT_EQ(text_of(Decorator{"a.b", false, {}, {}}), "a.b");
  EXPECT_EQ(text_of(Decorator{"a", true, {}, {}}), "a()");
  EXPECT_EQ(text_of(Decorator{"a", true, {"1", "*b"}, {{"c", "2"}, {"**", "d"}}}),
            "a(1, *b, c=2, **d)");
}

TEST(ConditionText, NamesEachFromTheOutermost) {
  EXPECT_EQ(condition_text({}), "");
  EXPECT_EQ(condition_text({{"if", "A"}, {"else", "B"}, {"try", ""}, {"except", ""}, {"for", "c"}}),
            "if A, else of B, try, except, for c");
}

}  // namespace
}  // namespace fusegate::probe
