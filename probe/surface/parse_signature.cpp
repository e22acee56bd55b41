#include "probe/surface/parse_signature.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "probe/base/text.hpp"
#include "probe/surface/brackets.hpp"

namespace fusegate::probe {
namespace {

/// The `=` before a default: not of `==`, `<=` and the like.
std::size_t find_default(std::string_view text) {
  for (auto at = find_outside(text, '='); at != text.npos; at = find_outside(text, '=', at + 2)) {
    const bool is_comparison = text.substr(at + 1).starts_with('=') ||
                               (at > 0 && std::string_view("<>!=").find(text[at - 1]) != text.npos);
    if (!is_comparison) return at;
    if (at + 2 > text.size()) break;
  }
  return text.npos;
}

Parameter parse_parameter(std::string_view text, ParameterKind kind) {
  Parameter parameter;
  parameter.kind = kind;
  const auto equals = find_default(text);
  if (equals != text.npos) parameter.default_value = trim(text.substr(equals + 1));
  text = trim(text.substr(0, equals));
  const auto colon = find_outside(text, ':');
  if (colon != text.npos) parameter.annotation = trim(text.substr(colon + 1));
  parameter.name = trim(text.substr(0, colon));
  return parameter;
}

bool is_name(std::string_view text) {
  const bool is_number = !text.empty() && text[0] >= '0' && text[0] <= '9';
  return !text.empty() && !is_number && std::all_of(text.begin(), text.end(), is_name_character);
}

}  // namespace

std::optional<Signature> parse_signature(std::string_view text) {
  if (!text.starts_with('(')) return std::nullopt;
  const auto end = find_outside(text, ')', 1);
  if (end == text.npos) return std::nullopt;
  Signature signature;
  const auto rest = trim(text.substr(end + 1));
  if (rest.starts_with("->")) {
    signature.returns = trim(rest.substr(2));
  } else if (!rest.empty()) {
    return std::nullopt;
  }
  auto kind = ParameterKind::positional_or_keyword;
  const auto inside = trim(text.substr(1, end - 1));
  for (const auto part :
       inside.empty() ? std::vector<std::string_view>{} : split_outside(inside, ',')) {
    if (part == "/") {
      for (auto& earlier : signature.parameters) earlier.kind = ParameterKind::positional_only;
    } else if (part == "*") {
      kind = ParameterKind::keyword_only;
    } else if (part.starts_with("**")) {
      signature.parameters.push_back(parse_parameter(part.substr(2), ParameterKind::var_keyword));
    } else if (part.starts_with('*')) {
      signature.parameters.push_back(
          parse_parameter(part.substr(1), ParameterKind::var_positional));
      kind = ParameterKind::keyword_only;
    } else {
      signature.parameters.push_back(parse_parameter(part, kind));
    }
  }
  const bool are_parameters =
      std::all_of(signature.parameters.begin(), signature.parameters.end(), [](const Parameter& p) {
        return is_name(p.name) && !(p.default_value && p.default_value->starts_with('='));
      });
  if (!are_parameters) return std::nullopt;
  signature.text = signature_text(signature.parameters, signature.returns);
  return signature;
}

}  // namespace fusegate::probe
