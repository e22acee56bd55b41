#include "probe/surface/signature.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace fusegate::probe {
namespace {

using Kind = Meaning::Kind;

constexpr std::size_t ancestor_limit = 200;

const Decorator* dataclass_decorator(const Class& definition) {
  const auto it = std::find_if(
      definition.decorators.begin(), definition.decorators.end(),
      [](const Decorator& decorator) { return last_name(decorator.callee) == "dataclass"; });
  return it == definition.decorators.end() ? nullptr : &*it;
}

bool has_keyword(const Decorator& decorator, const char* name, const char* value) {
  return std::find(decorator.keywords.begin(), decorator.keywords.end(),
                   std::pair<std::string, std::string>(name, value)) != decorator.keywords.end();
}

/// Sets a parameter in the place of one of that name, else at the end.
void set_parameter(std::vector<Parameter>& parameters, Parameter parameter) {
  const auto it = std::find_if(parameters.begin(), parameters.end(),
                               [&](const Parameter& p) { return p.name == parameter.name; });
  if (it == parameters.end()) {
    parameters.push_back(std::move(parameter));
  } else {
    *it = std::move(parameter);
  }
}

/// Tells what makes an instance of a class.
class Constructors {
 public:
  explicit Constructors(Surface& surface) : surface_(surface) {}

  /// Without its self; nothing where that is not known.
  std::optional<Signature> of(const Meaning& meaning) {
    auto found = signature_of(meaning, 0);
    if (!found) return std::nullopt;
    auto& parameters = found->signature.parameters;
    if (!parameters.empty()) parameters.erase(parameters.begin());
    found->signature.text = signature_text(parameters, std::nullopt);
    return std::move(found->signature);
  }

 private:
  struct Constructor {
    Signature signature;
    bool is_objects = false;  ///< no class has one of its own
  };

  std::optional<Constructor> signature_of(const Meaning& meaning, std::size_t depth) {
    if (depth > ancestor_limit) return std::nullopt;
    const auto& definition = std::get<Class>(meaning.statement->what);
    const auto& names = surface_.names_of(*meaning.module, *meaning.statement).by_name;
    const auto* dataclass = dataclass_decorator(definition);
    if (names.contains("__init__")) return method(meaning, "__init__");
    if (dataclass != nullptr && !has_keyword(*dataclass, "init", "False")) {
      return dataclass_constructor(meaning);
    }
    // What else makes a constructor of fields is not known by name.
    const bool has_fields =
        std::any_of(definition.body.begin(), definition.body.end(), [](const Statement& s) {
          const auto* field = std::get_if<Assignment>(&s.what);
          return field != nullptr && field->annotation;
        });
    if (dataclass == nullptr && !definition.decorators.empty() && has_fields) return std::nullopt;
    if (names.contains("__new__")) return method(meaning, "__new__");
    return inherited(meaning, depth);
  }

  std::optional<Constructor> method(const Meaning& meaning, const char* name) {
    const auto found = surface_.member(meaning, name);
    if (found.size() != 1 || found[0].kind != Kind::function) return std::nullopt;
    const auto& function = std::get<Function>(found[0].statement->what);
    return Constructor{{function.parameters, std::nullopt, ""}, false};
  }

  std::optional<Constructor> inherited(const Meaning& meaning, std::size_t depth) {
    constexpr std::array without{"object", "ABC", "Generic", "Protocol"};
    for (const auto& base : std::get<Class>(meaning.statement->what).bases) {
      const auto name = base_name(base);
      const auto found = surface_.resolve_expression(*meaning.module, name);
      if (found.size() == 1 && found[0].kind == Kind::class_) {
        auto constructor = signature_of(found[0], depth + 1);
        if (!constructor || !constructor->is_objects) return constructor;
      } else if (std::find(without.begin(), without.end(), last_name(name)) == without.end()) {
        return std::nullopt;
      }
    }
    return Constructor{{}, true};
  }

  /// The fields of a dataclass and of those behind it, as parameters.
  std::optional<Constructor> dataclass_constructor(const Meaning& meaning) {
    std::vector<Parameter> parameters;
    std::set<const Statement*> visited;
    add_fields(meaning, parameters, visited);
    std::stable_partition(parameters.begin(), parameters.end(), [](const Parameter& parameter) {
      return parameter.kind != ParameterKind::keyword_only;
    });
    parameters.insert(parameters.begin(),
                      {"self", ParameterKind::positional_or_keyword, std::nullopt, std::nullopt});
    return Constructor{{std::move(parameters), std::nullopt, ""}, false};
  }

  void add_fields(const Meaning& meaning, std::vector<Parameter>& parameters,
                  std::set<const Statement*>& visited) {
    if (visited.size() > ancestor_limit || !visited.insert(meaning.statement).second) return;
    const auto& definition = std::get<Class>(meaning.statement->what);
    for (auto base = definition.bases.rbegin(); base != definition.bases.rend(); ++base) {
      for (const auto& found : surface_.resolve_expression(*meaning.module, base_name(*base))) {
        if (found.kind == Kind::class_) add_fields(found, parameters, visited);
      }
    }
    const auto* dataclass = dataclass_decorator(definition);
    if (dataclass == nullptr) return;
    auto kind = has_keyword(*dataclass, "kw_only", "True") ? ParameterKind::keyword_only
                                                           : ParameterKind::positional_or_keyword;
    for (const auto& statement : definition.body) {
      const auto* field = std::get_if<Assignment>(&statement.what);
      if (field == nullptr || !field->annotation || field->targets.size() != 1) continue;
      if (last_name(*field->annotation) == "KW_ONLY") kind = ParameterKind::keyword_only;
      if (is_field(*field)) {
        set_parameter(parameters,
                      {field->targets[0], kind, default_of(field->value), field->annotation});
      }
    }
  }

  static bool is_field(const Assignment& field) {
    if (field.annotation->find("ClassVar") != std::string::npos) return false;
    if (last_name(*field.annotation) == "KW_ONLY") return false;
    return field.value.kind != Value::Kind::call ||
           field.value.text.find("init=False") == std::string::npos;
  }

  static std::optional<std::string> default_of(const Value& value) {
    if (value.kind == Value::Kind::none) return std::nullopt;
    // Whether it is a list or a tuple is not known.
    const bool is_text = value.kind != Value::Kind::strings && value.kind != Value::Kind::map;
    return is_text ? value.text : "...";
  }

  Surface& surface_;
};

}  // namespace

std::optional<Signature> constructor_of(const Meaning& meaning, Surface& surface) {
  return Constructors(surface).of(meaning);
}

}  // namespace fusegate::probe
