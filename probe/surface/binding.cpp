#include "probe/surface/binding.hpp"

#include <algorithm>

namespace fusegate::probe {
namespace {

/// The text of a string literal; nothing of any other expression.
std::optional<std::string> literal_text(const std::string& expression) {
  if (expression.size() < 2) return std::nullopt;
  const char quote = expression.front();
  if ((quote != '"' && quote != '\'') || expression.back() != quote) return std::nullopt;
  auto text = expression.substr(1, expression.size() - 2);
  if (text.find(quote) != text.npos || text.find('\\') != text.npos) return std::nullopt;
  return text;
}

/// The text that an argument has: a literal, or a constant of the module.
std::string text_of_argument(const std::string& expression, const Module& module,
                             Surface& surface) {
  if (const auto text = literal_text(expression)) return *text;
  const auto meanings = surface.resolve_expression(module, expression);
  if (meanings.size() != 1 || meanings[0].kind != Meaning::Kind::value) return "";
  const auto* assignment = std::get_if<Assignment>(&meanings[0].statement->what);
  return assignment == nullptr ? "" : literal_text(assignment->value.text).value_or("");
}

const std::string* keyword(const Decorator& decorator, const std::string& name) {
  for (const auto& [key, value] : decorator.keywords) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace

std::string Binding::generation() const {
  if (ffi != "pybind") return ffi;
  return develop ? "pybind_develop" : "pybind_torch";
}

std::optional<Binding> binding_of(const Function& function, const Module& module, Surface& surface,
                                  const std::vector<BindingRule>& rules) {
  for (const auto& decorator : function.decorators) {
    const auto last = decorator.callee.substr(decorator.callee.rfind('.') + 1);
    const auto rule = std::find_if(rules.begin(), rules.end(),
                                   [&](const BindingRule& r) { return r.decorator == last; });
    if (rule == rules.end() || !decorator.is_call) continue;
    Binding binding{"", function.name, rule->ffi_default, false, last};
    const auto& arguments = decorator.arguments;
    if (!arguments.empty()) binding.module = text_of_argument(arguments[0], module, surface);
    if (const auto* symbol = keyword(decorator, rule->symbol_keyword)) {
      binding.symbol = text_of_argument(*symbol, module, surface);
    } else if (arguments.size() > 1) {
      binding.symbol = text_of_argument(arguments[1], module, surface);
    }
    if (const auto* ffi = keyword(decorator, rule->ffi_keyword)) {
      binding.ffi = text_of_argument(*ffi, module, surface);
    }
    const auto* develop = keyword(decorator, rule->develop_keyword);
    binding.develop = develop != nullptr && *develop == "True";
    return binding;
  }
  return std::nullopt;
}

}  // namespace fusegate::probe
