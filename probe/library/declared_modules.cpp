#include "probe/library/declared_modules.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

/// Whether an annotation speaks of a tensor: Tensor, torch.Tensor, "Optional[torch.Tensor]".
bool speaks_of_tensor(std::string_view annotation) {
  constexpr std::string_view word = "Tensor";
  for (auto at = annotation.find(word); at != annotation.npos; at = annotation.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_word(annotation[at - 1])) &&
        (end == annotation.size() || !is_word(annotation[end]))) {
      return true;
    }
  }
  return false;
}

bool takes_tensor(const Function& function) {
  return std::any_of(
      function.parameters.begin(), function.parameters.end(),
      [](const Parameter& p) { return p.annotation && speaks_of_tensor(*p.annotation); });
}

DeclaredFunction declared_function(const Function& function, const std::string& symbol) {
  DeclaredFunction declared{symbol, {}};
  const bool is_annotated =
      std::any_of(function.parameters.begin(), function.parameters.end(),
                  [](const Parameter& p) { return p.annotation.has_value(); });
  if (!is_annotated) return declared;
  for (const auto& parameter : function.parameters) {
    const bool is_variadic = parameter.kind == ParameterKind::var_positional ||
                             parameter.kind == ParameterKind::var_keyword;
    if (!is_variadic) declared.parameters.push_back(parameter.name);
  }
  return declared;
}

/// Gathers declarations by module, kind of call and tensors.
class Collector {
 public:
  void add(const Function& function, const Binding& binding) {
    const bool is_ctypes = binding.ffi == "ctypes";
    if (binding.module.empty() || binding.symbol.empty()) return;
    if (!is_ctypes && binding.ffi != "pybind") return;
    auto tensors = PassedTensors::none;
    if (!is_ctypes && binding.develop) {
      tensors = PassedTensors::own;
    } else if (!is_ctypes && takes_tensor(function)) {
      tensors = PassedTensors::torch;
    }
    const auto ffi = is_ctypes ? ForeignInterface::ctypes : ForeignInterface::pybind;
    functions_[{binding.module, ffi, tensors}].push_back(
        declared_function(function, binding.symbol));
  }

  std::vector<DeclaredModule> run() {
    std::vector<DeclaredModule> modules;
    for (auto& [key, functions] : functions_) {
      const auto& [name, ffi, tensors] = key;
      // Those without tensors come first.
      const bool joins = !modules.empty() && modules.back().name == name &&
                         modules.back().ffi == ffi && modules.back().tensors == PassedTensors::none;
      if (!joins) modules.push_back({name, {}, ffi, tensors, {}, {}});
      auto& module = modules.back();
      module.tensors = tensors;
      std::move(functions.begin(), functions.end(), std::back_inserter(module.functions));
    }
    return modules;
  }

 private:
  std::map<std::tuple<std::string, ForeignInterface, PassedTensors>, std::vector<DeclaredFunction>>
      functions_;
};

}  // namespace

std::vector<DeclaredModule> declared_modules(Surface& surface, const SurfaceRules& rules) {
  Collector collector;
  for (const auto& [name, module] : surface.modules()) {
    if (module.facts == nullptr) continue;
    for (const auto& [local_name, locals] : surface.names_of(module).by_name) {
      if (locals.size() != 1 || locals.front().statement == nullptr) continue;
      const auto* function = std::get_if<Function>(&locals.front().statement->what);
      if (function == nullptr) continue;
      const auto binding = binding_of(*function, module, surface, rules.bindings);
      if (binding) collector.add(*function, *binding);
    }
  }
  return collector.run();
}

}  // namespace fusegate::probe
