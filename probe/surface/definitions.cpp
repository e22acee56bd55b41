#include "probe/surface/definitions.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "probe/base/hash.hpp"
#include "probe/surface/spelling.hpp"

namespace fusegate::probe {
namespace {

std::string enum_text(const std::vector<std::pair<std::string, std::string>>& members) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : members) texts.push_back(name + "=" + value);
  return fmt::format("enum {{{}}}", fmt::join(texts, ", "));
}

std::string constant_text(const Value& value) {
  // A table of strings is not a value that one compares by eye.
  if (value.kind == Value::Kind::map) {
    return fmt::format("= a dictionary of {} strings ({})", value.map.size(),
                       hash_text(value_text(value)).substr(0, 8));
  }
  return "= " + value_text(value);
}

class Collector {
 public:
  Collector(const Module& module, Surface& surface, const SurfaceRules& rules)
      : module_(module), surface_(surface), rules_(rules) {}

  std::vector<Definition> run() {
    for (const auto& [name, locals] : surface_.names_of(module_).by_name) {
      add(surface_.resolve(module_, name), name);
    }
    return std::move(definitions_);
  }

 private:
  void add(const std::vector<Meaning>& meanings, const std::string& name) {
    const auto it = std::find_if(meanings.begin(), meanings.end(), [&](const Meaning& meaning) {
      return meaning.is_definition() && meaning.module == &module_ && meaning.name == name;
    });
    if (it == meanings.end()) return;
    definitions_.push_back({name, *it, appearance_of(*it, surface_, rules_)});
    if (it->kind != Meaning::Kind::class_) return;
    for (const auto& [member, locals] : surface_.names_of(module_, *it->statement).by_name) {
      add(surface_.member(*it, member), name + "." + member);
    }
  }

  const Module& module_;
  Surface& surface_;
  const SurfaceRules& rules_;
  std::vector<Definition> definitions_;
};

}  // namespace

Appearance appearance_of(const Meaning& meaning, Surface& surface, const SurfaceRules& rules) {
  if (meaning.kind == Meaning::Kind::value) {
    const auto& value = std::get<Assignment>(meaning.statement->what).value;
    auto text = constant_text(value);
    return {value.text.empty() ? text : "= " + normal_value(value.text), text, ""};
  }
  if (meaning.kind == Meaning::Kind::class_ && is_enum(meaning, surface)) {
    auto text = enum_text(enum_members(std::get<Class>(meaning.statement->what)));
    return {text, text, ""};
  }
  Appearance appearance;
  if (const auto signature = signature_of(meaning, surface)) {
    appearance.signature = signature->text;
    appearance.normal = normal_signature(signature->parameters, signature->returns);
  }
  if (meaning.kind == Meaning::Kind::class_) {
    appearance.signature.insert(0, "class");
    appearance.normal.insert(0, "class");
  }
  if (meaning.kind == Meaning::Kind::function) {
    const auto& function = std::get<Function>(meaning.statement->what);
    const auto binding = binding_of(function, *meaning.module, surface, rules.bindings);
    if (binding) appearance.binding = binding->generation();
  }
  return appearance;
}

Appearance appearance_of(const CppEnum& values) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [name, value] : values.members)
    members.emplace_back(name, std::to_string(value));
  auto text = enum_text(members);
  return {text, text, ""};
}

std::vector<Definition> definitions_of(const Module& module, Surface& surface,
                                       const SurfaceRules& rules) {
  return Collector(module, surface, rules).run();
}

std::string fingerprint_of(const std::vector<const Module*>& modules, LoadedSurface& loaded,
                           const SurfaceRules& rules) {
  Fingerprint fingerprint;
  for (const auto* module : modules) {
    for (const auto& [name, meaning, appearance] : definitions_of(*module, loaded.surface, rules)) {
      const auto dotted = module->name + "." + name;
      const auto native = loaded.native_enums.find(dotted);
      const auto& normal = native == loaded.native_enums.end()
                               ? appearance.normal
                               : appearance_of(native->second.values).normal;
      fingerprint.add(fmt::format("{}\n{}\n{}\n", dotted, normal, appearance.binding));
    }
  }
  return fingerprint.text();
}

}  // namespace fusegate::probe
