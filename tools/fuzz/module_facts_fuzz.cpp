// The reader of a Python file's facts (probe/sources/module_facts): what it takes from a damaged
// cache or a strange interpreter must be usable, up to the names that a module has and what they
// mean.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "probe/sources/module_facts.hpp"
#include "probe/surface/definitions.hpp"
#include "probe/surface/names.hpp"

namespace {

using namespace fusegate::probe;

void write_decorators(const std::vector<Decorator>& decorators) {
  for (const auto& decorator : decorators) (void)text_of(decorator);
}

void write_all(const std::vector<Statement>& body, const Module& module) {
  for (const auto& statement : body) {
    const auto under = static_cast<std::size_t>(statement.under);
    (void)condition_text(module.facts->conditions.at(under));
    if (const auto* function = std::get_if<Function>(&statement.what)) {
      (void)signature_text(function->parameters, function->returns);
      for (const auto& parameter : function->parameters) (void)name_of(parameter.kind);
      write_decorators(function->decorators);
    } else if (const auto* definition = std::get_if<Class>(&statement.what)) {
      write_decorators(definition->decorators);
      (void)names_of_class(module, *definition);
      write_all(definition->body, module);
    }
  }
}

SurfaceRules toy_rules() {
  SurfaceRules rules;
  rules.package = "toy";
  rules.bindings = {{"compile_ops", "fc_name", "ffi_type", "pybind", "develop"}};
  return rules;
}

/// Any module has two names to give; one of the package is not known.
std::optional<StarImport> star_names(const std::string& module) {
  if (module == "toy.absent") return std::nullopt;
  return StarImport{{"a", "b"}, {}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto rules = toy_rules();
  std::shared_ptr<const ModuleFacts> facts;
  try {
    facts = std::make_shared<const ModuleFacts>(
        parse_module_facts({reinterpret_cast<const char*>(bytes), size}));
  } catch (const std::runtime_error&) {
    return 0;
  }
  const Module package{"toy", "toy/__init__.py", facts};
  const Module module{"toy.ops", "toy/ops.py", facts};
  write_all(facts->body, module);
  (void)names_of_module(package, star_names);
  Surface surface("toy", {package, module}, {});
  for (const auto& [name, locals] : names_of_module(module, star_names).by_name) {
    (void)surface.lookup("toy.ops." + name);
  }
  for (const auto& [name, read] : surface.modules()) (void)definitions_of(read, surface, rules);
  return 0;
}
