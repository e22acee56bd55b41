#include "probe/engine/sources/engine_facts.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/engine/sources/name_index.hpp"
#include "probe/sources/facts_json.hpp"

namespace fusegate::probe {
namespace {

using facts_json::enum_of;
using facts_json::integer;
using facts_json::items;
using facts_json::json;
using facts_json::refuse;

// The script stops at 12 (DEPTH_LIMIT), but counts the parts of comparisons as one with them.
constexpr std::size_t expression_depth_limit = 16;
// Brackets: a call's keyword takes three.
constexpr std::size_t json_depth_limit = 3 * expression_depth_limit + 8;

using Strings = std::vector<std::string>;

/// The number of something that `count` of are there.
int index(const json& value, std::size_t count) {
  const int number = integer(value);
  if (static_cast<std::size_t>(number) >= count) refuse("a number of what is not there");
  return number;
}

Expression expression_of(const json& value, std::size_t depth = 0);

std::vector<Expression> expressions_of(const json& array, std::size_t depth) {
  std::vector<Expression> expressions;
  expressions.reserve(array.size());
  for (const auto& item : items(array)) expressions.push_back(expression_of(item, depth));
  return expressions;
}

void read_call(const json& array, std::size_t depth, Expression& call) {
  call.items = expressions_of(array.at(3), depth);
  call.items.insert(call.items.begin(), expression_of(array.at(2), depth));
  for (const auto& keyword : items(array.at(4))) {
    call.keywords.push_back({keyword.at(0), expression_of(keyword.at(1), depth)});
  }
  for (const auto& starred : items(array.at(5))) {
    call.starred.push_back(static_cast<std::size_t>(index(starred, call.items.size() - 1)) + 1);
  }
}

/// What comes after the kind and the text.
void read_parts(const json& array, std::size_t depth, Expression& expression) {
  using enum Expression::Kind;
  const auto single = [&](std::size_t at) {
    expression.items.push_back(expression_of(array.at(at), depth));
  };
  switch (expression.kind) {
    case call:
      return read_call(array, depth, expression);
    case all_of:
    case any_of:
    case list:
      expression.items = expressions_of(array.at(2), depth);
      return;
    case choice:
      single(2), single(3), single(4);
      return;
    case comparison:
      expression.value = array.at(2);
      single(3), single(4);
      return;
    case subscript:
      single(2), single(3);
      return;
    case attribute:
      single(2);
      expression.value = array.at(3);
      return;
    case negation:
      return single(2);
    default:
      return;
  }
}

Expression expression_of(const json& value, std::size_t depth) {
  constexpr std::array kinds{"none",      "constant",  "name",   "call",       "all_of",
                             "any_of",    "negation",  "choice", "comparison", "list",
                             "subscript", "attribute", "other"};
  if (depth > expression_depth_limit) refuse("expressions nest too deep");
  Expression expression;
  if (value.is_null()) return expression;
  if (value.is_string()) {
    expression.kind = Expression::Kind::name;
    expression.text = expression.value = value;
    return expression;
  }
  expression.text = value.at(1);
  if (value.at(0) == "string") {
    expression.kind = Expression::Kind::constant;
    expression.is_string = true;
    expression.value = value.at(2);
    return expression;
  }
  expression.kind = enum_of<Expression::Kind>(value.at(0), kinds);
  if (expression.kind == Expression::Kind::none || expression.kind == Expression::Kind::name) {
    refuse("an expression's kind");
  }
  if (expression.kind == Expression::Kind::constant) expression.value = expression.text;
  read_parts(value, depth + 1, expression);
  return expression;
}

EngineCondition condition_of(const json& array, std::size_t earlier) {
  constexpr std::array kinds{"if_true", "if_false", "in_try",  "in_except",
                             "in_loop", "in_case",  "asserted"};
  return {index(array.at(0), earlier), enum_of<EngineCondition::Kind>(array.at(1), kinds),
          expression_of(array.at(3)), array.at(4).get<Strings>(), integer(array.at(2))};
}

Scope scope_of(const json& array, std::size_t earlier, std::size_t conditions) {
  constexpr std::array kinds{"module", "function", "class", "lambda"};
  Scope scope;
  scope.kind = enum_of<Scope::Kind>(array.at(0), kinds);
  if ((scope.kind == Scope::Kind::module) != (earlier == 0)) refuse("a scope's kind");
  if (earlier == 0) return scope;
  scope.name = array.at(1);
  scope.parent = index(array.at(2), earlier);
  scope.under = index(array.at(3), conditions);
  scope.line = integer(array.at(4));
  scope.end_line = integer(array.at(5));
  scope.parameters = array.at(6).get<Strings>();
  scope.decorators = array.at(7).get<Strings>();
  scope.bases = array.at(8).get<Strings>();
  scope.globals = array.at(9).get<Strings>();
  scope.nonlocals = array.at(10).get<Strings>();
  return scope;
}

ResultUse use_of(const json& value) {
  using enum ResultUse::Kind;
  constexpr std::array kinds{"other",    "discarded", "assigned", "unpacked",
                             "returned", "tested",    "called"};
  ResultUse use;
  if (value.is_string()) {
    use.kind = enum_of<ResultUse::Kind>(value, kinds);
    if (use.kind == assigned || use.kind == unpacked) refuse("a use without names");
    return use;
  }
  use.kind = enum_of<ResultUse::Kind>(value.at(0), kinds);
  use.count = value.at(1) == -1 ? -1 : integer(value.at(1));
  use.names = value.at(2).get<Strings>();
  return use;
}

decltype(EngineEvent::what) what_of(const json& array) {
  const auto& kind = array.at(0).get_ref<const std::string&>();
  if (kind == "import") return ImportEvent{array.at(4), array.at(5)};
  if (kind == "from") return FromEvent{integer(array.at(4)), array.at(5), array.at(6), array.at(7)};
  if (kind == "bind") return BindEvent{array.at(4).get<Strings>(), expression_of(array.at(5))};
  if (kind == "name") return NameEvent{array.at(4), use_of(array.at(5))};
  if (kind == "return") return ReturnEvent{expression_of(array.at(4))};
  if (kind != "call") refuse(fmt::format("an event '{}'", printable(kind, 40)));
  CallEvent event{expression_of(array.at(4)), use_of(array.at(5))};
  if (event.call.kind != Expression::Kind::call) refuse("a call that is none");
  return event;
}

EngineFacts facts_of(const json& object) {
  EngineFacts facts;
  for (const auto& condition : items(object.at("conditions"))) {
    facts.conditions.push_back(condition_of(condition, facts.conditions.size()));
  }
  facts.scopes.clear();
  for (const auto& scope : items(object.at("scopes"))) {
    facts.scopes.push_back(scope_of(scope, facts.scopes.size(), facts.conditions.size()));
  }
  if (facts.scopes.empty()) refuse("no module");
  const auto& events = items(object.at("events"));
  facts.events.reserve(events.size());
  for (const auto& event : events) {
    facts.events.push_back({index(event.at(1), facts.scopes.size()), integer(event.at(2)),
                            index(event.at(3), facts.conditions.size()), what_of(event)});
  }
  return facts;
}

}  // namespace

EngineFacts parse_engine_facts(std::string_view text) {
  auto facts = facts_json::read_facts(text, json_depth_limit, facts_of);
  facts.names = index_names(facts);
  return facts;
}

bool takes(const EngineCondition& condition, Failure failure) {
  using Kind = EngineCondition::Kind;
  if (condition.kind != Kind::in_try && condition.kind != Kind::in_except) return false;
  return std::any_of(condition.caught.begin(), condition.caught.end(), [&](std::string_view type) {
    const auto name = type.substr(type.rfind('.') + 1);  // npos + 1 is 0
    if (name == "Exception" || name == "BaseException") return true;
    switch (failure) {
      case Failure::import_error:
        return name == "ImportError" || name == "ModuleNotFoundError";
      case Failure::attribute_error:
        return name == "AttributeError";
      case Failure::type_error:
        return name == "TypeError";
      case Failure::value_error:
        return name == "ValueError";
    }
    return false;
  });
}

std::vector<const EngineCondition*> conditions_around(const EngineFacts& facts, int under) {
  std::vector<const EngineCondition*> around;
  while (under > 0) {
    around.push_back(&facts.conditions.at(static_cast<std::size_t>(under)));
    under = around.back()->outer;
  }
  std::reverse(around.begin(), around.end());
  return around;
}

}  // namespace fusegate::probe
