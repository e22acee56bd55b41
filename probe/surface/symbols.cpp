#include "probe/surface/symbols.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/json.hpp"

namespace fusegate::probe {
namespace {

using Kind = Meaning::Kind;
using nlohmann::ordered_json;

// Nested classes: no library is known with more than three.
constexpr int class_depth_limit = 8;
constexpr std::size_t ancestor_limit = 200;

bool is_enum_at(const Meaning& meaning, Surface& surface, std::set<const Statement*>& visited) {
  constexpr std::array enums{"enum.Enum", "enum.IntEnum", "enum.Flag", "enum.IntFlag",
                             "enum.StrEnum"};
  for (const auto& base : std::get<Class>(meaning.statement->what).bases) {
    for (const auto& found : surface.resolve_expression(*meaning.module, base_name(base))) {
      if (found.kind == Kind::foreign &&
          std::find(enums.begin(), enums.end(), found.name) != enums.end()) {
        return true;
      }
      const bool is_new = found.kind == Kind::class_ && visited.size() < ancestor_limit &&
                          visited.insert(found.statement).second;
      if (is_new && is_enum_at(found, surface, visited)) return true;
    }
  }
  return false;
}

const Assignment* assignment_of(const Meaning& meaning) {
  return meaning.statement == nullptr ? nullptr : std::get_if<Assignment>(&meaning.statement->what);
}

/// Collects the names of modules and classes.
class Collector {
 public:
  explicit Collector(LoadedSurface& loaded) : loaded_(loaded), surface_(loaded.surface) {}

  std::vector<Symbol> all() {
    for (const auto& [name, module] : surface_.modules()) add_names_of(module, name);
    for (const auto& [alias, target] : surface_.aliases()) {
      const Module* module = surface_.find_module(alias);
      if (module != nullptr && module->name != alias) add_names_of(*module, alias);
    }
    std::stable_sort(symbols_.begin(), symbols_.end(),
                     [](const Symbol& a, const Symbol& b) { return a.name < b.name; });
    return std::move(symbols_);
  }

  std::vector<Symbol> named(const std::string& dotted) {
    for (const auto& meaning : surface_.lookup(dotted)) add(dotted, meaning, class_depth_limit);
    return std::move(symbols_);
  }

 private:
  void add_names_of(const Module& module, const std::string& prefix) {
    for (const auto& [name, locals] : surface_.names_of(module).by_name) {
      for (const auto& meaning : surface_.resolve(module, name)) {
        add(prefix + "." + name, meaning, 0);
      }
    }
  }

  void add(const std::string& name, const Meaning& meaning, int depth) {
    if (meaning.kind == Kind::module || meaning.kind == Kind::foreign) return;
    symbols_.push_back({name, meaning, kind_of(meaning)});
    if (meaning.kind == Kind::class_ && depth < class_depth_limit)
      add_members(name, meaning, depth);
  }

  void add_members(const std::string& name, const Meaning& owner, int depth) {
    for (const auto& [member, locals] :
         surface_.names_of(*owner.module, *owner.statement).by_name) {
      for (auto meaning : surface_.member(owner, member)) {
        meaning.conditions.insert(meaning.conditions.begin(), owner.conditions.begin(),
                                  owner.conditions.end());
        add(name + "." + member, meaning, depth + 1);
      }
    }
  }

  SymbolKind kind_of(const Meaning& meaning) {
    if (meaning.kind == Kind::class_) {
      return is_enum(meaning, surface_) ? SymbolKind::enum_ : SymbolKind::class_;
    }
    if (meaning.kind == Kind::function) {
      return meaning.name.find('.') == std::string::npos ? SymbolKind::function
                                                         : SymbolKind::method;
    }
    const bool is_native = meaning.kind == Kind::value && native(meaning);
    return is_native ? SymbolKind::enum_ : SymbolKind::constant;
  }

  [[nodiscard]] bool native(const Meaning& meaning) const {
    return loaded_.native_enums.contains(meaning.module->name + "." + meaning.name);
  }

  LoadedSurface& loaded_;
  Surface& surface_;
  std::vector<Symbol> symbols_;
};

ordered_json parameters_json(const std::vector<Parameter>& parameters) {
  auto list = ordered_json::array();
  for (const auto& [name, kind, default_value, annotation] : parameters) {
    list.push_back({{"name", name},
                    {"kind", name_of(kind)},
                    {"default", text_or_null(default_value)},
                    {"annotation", text_or_null(annotation)}});
  }
  return list;
}

ordered_json binding_json(const std::optional<Binding>& binding, const LoadedSurface& loaded) {
  if (!binding) return nullptr;
  ordered_json json{{"module", nullptr},
                    {"symbol", nullptr},
                    {"ffi", binding->ffi},
                    {"generation", binding->generation()},
                    {"erases_signature", loaded.erasing_decorators.contains(binding->decorator)}};
  if (!binding->module.empty()) json["module"] = binding->module;
  if (!binding->symbol.empty()) json["symbol"] = binding->symbol;
  return json;
}

}  // namespace

bool is_enum(const Meaning& meaning, Surface& surface) {
  std::set<const Statement*> visited;
  return is_enum_at(meaning, surface, visited);
}

std::vector<std::pair<std::string, std::string>> enum_members(const Class& definition) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& statement : definition.body) {
    const auto* set = std::get_if<Assignment>(&statement.what);
    if (set == nullptr || set->value.kind == Value::Kind::none) continue;
    for (const auto& target : set->targets) {
      if (is_public(target)) members.emplace_back(target, value_text(set->value));
    }
  }
  return members;
}

std::string value_text(const Value& value) {
  std::vector<std::string> parts;
  for (const auto& item : value.strings) parts.push_back('"' + item + '"');
  for (const auto& [key, item] : value.map)
    parts.push_back(fmt::format("\"{}\": \"{}\"", key, item));
  if (value.kind == Value::Kind::strings) return fmt::format("[{}]", fmt::join(parts, ", "));
  if (value.kind == Value::Kind::map) return fmt::format("{{{}}}", fmt::join(parts, ", "));
  return value.text;
}

const char* name_of(SymbolKind kind) {
  constexpr std::array names{"function", "method", "class", "enum", "constant"};
  return names[static_cast<std::size_t>(kind)];
}

std::vector<Symbol> symbols_of(LoadedSurface& loaded) {
  return Collector(loaded).all();
}

std::vector<Symbol> symbols_named(LoadedSurface& loaded, const std::string& dotted) {
  return Collector(loaded).named(dotted);
}

std::optional<Signature> signature_of(const Meaning& meaning, Surface& surface) {
  if (meaning.kind == Kind::class_) {
    return is_enum(meaning, surface) ? std::nullopt : constructor_of(meaning, surface);
  }
  if (meaning.kind != Kind::function) return std::nullopt;
  const auto& function = std::get<Function>(meaning.statement->what);
  return Signature{function.parameters, function.returns,
                   signature_text(function.parameters, function.returns)};
}

std::vector<std::pair<std::string, std::string>> members_of(const Symbol& symbol,
                                                            LoadedSurface& loaded) {
  std::vector<std::pair<std::string, std::string>> members;
  if (symbol.kind != SymbolKind::enum_) return members;
  const auto& meaning = symbol.meaning;
  if (meaning.kind == Kind::value) {
    for (const auto& [name, value] :
         loaded.native_enums.at(meaning.module->name + "." + meaning.name).values.members) {
      members.emplace_back(name, std::to_string(value));
    }
    return members;
  }
  return enum_members(std::get<Class>(meaning.statement->what));
}

namespace {

/// The statements among which a definition stands: its module's or its class's.
const std::vector<Statement>* siblings_of(const Meaning& meaning) {
  const auto* body = &meaning.module->facts->body;
  auto rest = std::string_view(meaning.name);
  for (auto dot = rest.find('.'); dot != rest.npos; dot = rest.find('.')) {
    const auto owner = rest.substr(0, dot);
    const auto it = std::find_if(body->begin(), body->end(), [&](const Statement& statement) {
      const auto* definition = std::get_if<Class>(&statement.what);
      return definition != nullptr && definition->name == owner;
    });
    if (it == body->end()) return nullptr;
    body = &std::get<Class>(it->what).body;
    rest.remove_prefix(dot + 1);
  }
  return body;
}

/// What type checkers are told of a function's calls.
std::vector<std::string> overloads_of(const Meaning& meaning) {
  std::vector<std::string> signatures;
  const auto* siblings = siblings_of(meaning);
  if (siblings == nullptr) return signatures;
  for (const auto& statement : *siblings) {
    const auto* function = std::get_if<Function>(&statement.what);
    if (function == nullptr || !is_overload(*function)) continue;
    if (function->name != last_name(meaning.name)) continue;
    signatures.push_back(signature_text(function->parameters, function->returns));
  }
  return signatures;
}

/// What a definition is, under whatever name it is reached.
ordered_json definition_json(const Symbol& symbol, LoadedSurface& loaded,
                             const std::vector<BindingRule>& rules) {
  const auto& meaning = symbol.meaning;
  ordered_json json{{"defined_in", nullptr},
                    {"kind", name_of(symbol.kind)},
                    {"file", nullptr},
                    {"line", nullptr}};
  if (meaning.module != nullptr) {
    json["defined_in"] = meaning.module->name;
    json["file"] = meaning.module->file;
    if (meaning.statement != nullptr) json["line"] = meaning.statement->line;
  }
  if (symbol.kind != SymbolKind::constant && symbol.kind != SymbolKind::enum_) {
    const auto signature = signature_of(meaning, loaded.surface);
    json["signature"] = signature ? ordered_json(signature->text) : ordered_json(nullptr);
    json["parameters"] = signature ? parameters_json(signature->parameters) : ordered_json(nullptr);
    json["returns"] =
        signature && signature->returns ? ordered_json(*signature->returns) : ordered_json(nullptr);
  }
  if (meaning.kind == Kind::function) {
    const auto& function = std::get<Function>(meaning.statement->what);
    json["binding"] =
        binding_json(binding_of(function, *meaning.module, loaded.surface, rules), loaded);
    auto decorators = ordered_json::array();
    for (const auto& decorator : function.decorators) decorators.push_back(text_of(decorator));
    json["decorators"] = std::move(decorators);
    json["overloads"] = overloads_of(meaning);
  }
  if (const auto* set = assignment_of(meaning)) {
    json["annotation"] = set->annotation ? ordered_json(*set->annotation) : ordered_json(nullptr);
    json["value"] = value_text(set->value);
  }
  if (symbol.kind == SymbolKind::enum_) {
    auto members = ordered_json::object();
    for (auto& [name, value] : members_of(symbol, loaded)) members[name] = std::move(value);
    json["members"] = std::move(members);
  }
  if (!meaning.reason.empty()) json["unknown"] = meaning.reason;
  return json;
}

/// How it is reached.
ordered_json name_json(const Symbol& symbol) {
  ordered_json json{{"name", symbol.name}, {"condition", nullptr}};
  const auto& conditions = symbol.meaning.conditions;
  if (!conditions.empty()) json["condition"] = condition_text(conditions);
  return json;
}

/// Sources are UTF-8 as far as Python read them; a path may be anything.
std::string text_of(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

ordered_json to_json(const Symbol& symbol, LoadedSurface& loaded,
                     const std::vector<BindingRule>& rules) {
  auto json = name_json(symbol);
  json.update(definition_json(symbol, loaded, rules));
  return json;
}

std::string SymbolWriter::write(const Symbol& symbol) {
  const auto& meaning = symbol.meaning;
  // A statement may bind several names; of only one may a header have the values.
  const std::tuple key(meaning.statement, symbol.kind, meaning.reason);
  auto it = definitions_.find(key);
  if (it == definitions_.end() || meaning.statement == nullptr ||
      symbol.kind == SymbolKind::enum_) {
    auto text = text_of(definition_json(symbol, loaded_, rules_));
    it = definitions_.insert_or_assign(key, std::move(text)).first;
  }
  const auto& definition = it->second;
  auto text = text_of(name_json(symbol));  // "{...}" and "{...}" are "{..., ...}"
  text.back() = ',';
  return text.append(definition, 1);
}

}  // namespace fusegate::probe
