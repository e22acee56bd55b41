#include "probe/engine/conditions/question.hpp"

#include "probe/surface/names.hpp"

namespace fusegate::probe {

std::optional<Question> question_of(const Expression& call) {
  using Way = Question::Way;
  const auto& items = call.items;
  if (call.kind != Expression::Kind::call || items.size() < 2) return std::nullopt;
  if (items[0].kind != Expression::Kind::name) return std::nullopt;
  const auto& callee = items[0].value;
  const auto& first = items[1];
  if (last_name(callee) == "find_spec" && first.is_string) {
    return Question{Way::has_module, first.value, ""};
  }
  if (first.kind != Expression::Kind::name) return std::nullopt;
  if (callee == "inspect.signature" || last_name(callee) == "getfullargspec") {
    return Question{Way::has_parameter, first.value, ""};
  }
  const bool is_getattr = callee == "getattr";
  const bool names_it = items.size() > 2 && items[2].is_string;
  if (!names_it || (!is_getattr && callee != "hasattr")) return std::nullopt;
  const bool raises = is_getattr && items.size() == 3;
  return Question{raises ? Way::needs_attribute : Way::has_attribute, first.value, items[2].value};
}

}  // namespace fusegate::probe
