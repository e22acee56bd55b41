#include "probe/sources/module_facts.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "probe/base/text.hpp"
#include "probe/sources/facts_json.hpp"

namespace fusegate::probe {
namespace {

using facts_json::enum_of;
using facts_json::integer;
using facts_json::items;
using facts_json::json;
using facts_json::refuse;

// Statements nest in classes only; no library nests these deeper than five.
constexpr std::size_t class_depth_limit = 64;
// Brackets: a class takes two, a parameter's list three.
constexpr std::size_t json_depth_limit = 2 * class_depth_limit + 16;

std::optional<std::string> text_or_nothing(const json& value) {
  if (value.is_null()) return std::nullopt;
  return value.get<std::string>();
}

std::string text_or_empty(const json& value) {
  return value.is_null() ? std::string() : value.get<std::string>();
}

std::vector<std::pair<std::string, std::string>> pairs_of(const json& object) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [key, value] : object.get_ref<const json::object_t&>()) {
    pairs.emplace_back(key, value.get<std::string>());
  }
  return pairs;
}

Parameter parameter_of(const json& array) {
  const int kind = integer(array.at(1));
  if (kind > static_cast<int>(ParameterKind::var_keyword)) refuse("a parameter's kind");
  return {array.at(0), static_cast<ParameterKind>(kind), text_or_nothing(array.at(2)),
          text_or_nothing(array.at(3))};
}

Decorator decorator_of(const json& value) {
  if (value.is_string()) return {value, false, {}, {}};
  return {value.at(0), true, value.at(1), pairs_of(value.at(2))};
}

std::vector<Decorator> decorators_of(const json& array) {
  std::vector<Decorator> decorators;
  for (const auto& decorator : items(array)) decorators.push_back(decorator_of(decorator));
  return decorators;
}

Value value_of(const json& array) {
  constexpr std::array kinds{"none", "literal", "name", "call", "other", "strings", "map"};
  Value value;
  if (array.is_null()) return value;
  value.kind = enum_of<Value::Kind>(array.at(0), kinds);
  if (value.kind == Value::Kind::strings) {
    value.strings = array.at(1).get<std::vector<std::string>>();
  } else if (value.kind == Value::Kind::map) {
    value.map = pairs_of(array.at(1));
  } else {
    value.text = array.at(1);
  }
  return value;
}

std::vector<ImportedName> imported_names(const json& array) {
  std::vector<ImportedName> names;
  for (const auto& name : items(array)) names.push_back({name.at(0), text_or_empty(name.at(1))});
  return names;
}

Function function_of(const json& fact) {
  Function function{fact.at(4),
                    integer(fact.at(2)),
                    {},
                    text_or_nothing(fact.at(6)),
                    decorators_of(fact.at(7)),
                    fact.at(8).get<bool>()};
  for (const auto& parameter : items(fact.at(5)))
    function.parameters.push_back(parameter_of(parameter));
  return function;
}

std::vector<std::pair<std::string, int>> attributes_of(const json& array) {
  std::vector<std::pair<std::string, int>> attributes;
  for (const auto& attribute : array) {
    attributes.emplace_back(attribute.at(0), integer(attribute.at(1)));
  }
  return attributes;
}

/// Turns arrays into statements, for as many conditions as there are.
class StatementParser {
 public:
  explicit StatementParser(std::size_t conditions) : conditions_(static_cast<int>(conditions)) {}

  std::vector<Statement> body(const json& array, std::size_t depth) {
    if (depth > class_depth_limit) refuse("classes nest too deep");
    std::vector<Statement> statements;
    statements.reserve(array.size());
    for (const auto& fact : items(array)) statements.push_back(statement(fact, depth));
    return statements;
  }

 private:
  Statement statement(const json& fact, std::size_t depth) {
    const auto& kind = fact.at(0).get_ref<const std::string&>();
    const int line = integer(fact.at(1));
    if (kind == "def") return at(line, integer(fact.at(3)), function_of(fact));
    if (kind == "class") {
      return at(line, integer(fact.at(3)),
                Class{fact.at(4), integer(fact.at(2)), fact.at(5), decorators_of(fact.at(6)),
                      body(fact.at(7), depth + 1), attributes_of(fact.at(8))});
    }
    const int under = integer(fact.at(2));
    if (kind == "import") return at(line, under, Import{imported_names(fact.at(3))});
    if (kind == "from") {
      return at(line, under,
                ImportFrom{integer(fact.at(3)), fact.at(4), imported_names(fact.at(5))});
    }
    if (kind == "set") {
      return at(line, under,
                Assignment{fact.at(3), text_or_nothing(fact.at(4)), value_of(fact.at(5))});
    }
    if (kind == "all") {
      constexpr std::array operations{"set", "add", "remove"};
      return at(line, under,
                Exports{enum_of<Exports::Operation>(fact.at(3), operations), value_of(fact.at(4))});
    }
    if (kind == "del") return at(line, under, Deletion{fact.at(3)});
    if (kind == "dynamic") return at(line, under, Dynamic{fact.at(3)});
    if (kind == "getattr") {
      return at(line, under, ModuleGetattr{fact.at(3).at(0), fact.at(3).at(1)});
    }
    refuse(fmt::format("a statement '{}'", printable(kind, 40)));
  }

  template <class What>
  Statement at(int line, int under, What what) const {
    if (under >= conditions_) refuse("a condition that is not there");
    return {line, under, std::move(what)};
  }

  int conditions_;
};

Conditions conditions_of(const json& array) {
  Conditions conditions;
  for (const auto& condition : items(array))
    conditions.push_back({condition.at(0), condition.at(1)});
  return conditions;
}

ModuleFacts facts_of(const json& object) {
  ModuleFacts facts;
  facts.conditions.clear();
  for (const auto& conditions : items(object.at("conditions"))) {
    facts.conditions.push_back(conditions_of(conditions));
  }
  if (facts.conditions.empty() || !facts.conditions[0].empty()) refuse("no empty condition");
  facts.body = StatementParser(facts.conditions.size()).body(object.at("body"), 0);
  return facts;
}

}  // namespace

ModuleFacts parse_module_facts(std::string_view text) {
  return facts_json::read_facts(text, json_depth_limit, facts_of);
}

std::string signature_text(const std::vector<Parameter>& parameters,
                           const std::optional<std::string>& returns) {
  using enum ParameterKind;
  std::vector<std::string> texts;
  std::optional<ParameterKind> previous;
  for (const auto& [name, kind, default_value, annotation] : parameters) {
    if (previous == positional_only && kind != positional_only) texts.emplace_back("/");
    if (kind == keyword_only && previous != keyword_only && previous != var_positional) {
      texts.emplace_back("*");
    }
    std::string text = kind == var_positional ? "*" : kind == var_keyword ? "**" : "";
    text += name;
    if (annotation) text += ": " + *annotation;
    if (default_value) text += (annotation ? " = " : "=") + *default_value;
    texts.push_back(std::move(text));
    previous = kind;
  }
  if (previous == positional_only) texts.emplace_back("/");
  return "(" + join(texts, ", ") + ")" + (returns ? " -> " + *returns : "");
}

std::string text_of(const Decorator& decorator) {
  if (!decorator.is_call) return decorator.callee;
  auto texts = decorator.arguments;
  for (const auto& [name, value] : decorator.keywords) {
    texts.push_back(name == "**" ? "**" + value : name + "=" + value);
  }
  return decorator.callee + "(" + join(texts, ", ") + ")";
}

std::string condition_text(const Conditions& conditions) {
  std::vector<std::string> texts;
  for (const auto& [kind, text] : conditions) {
    const char* link = text.empty() ? "" : kind == "else" ? " of " : " ";
    texts.push_back(kind + link + text);
  }
  return join(texts, ", ");
}

const char* name_of(ParameterKind kind) {
  constexpr std::array names{"positional_only", "positional_or_keyword", "var_positional",
                             "keyword_only", "var_keyword"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace fusegate::probe
