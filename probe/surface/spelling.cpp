#include "probe/surface/spelling.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

// Type expressions nest: `Dict[str, List[Optional[int]]]`. A hostile one is left as it is.
constexpr int depth_limit = 32;

/// Reads a type expression from left to right: names with dots, [...], lists, | and ... .
class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : rest_(text) {}

  /// Nothing where the text is something else.
  std::optional<std::string> whole() {
    auto type = union_of(0);
    skip_space();
    return type && rest_.empty() ? type : std::nullopt;
  }

 private:
  std::optional<std::string> union_of(int depth) {
    std::vector<std::string> parts;
    do {
      auto part = single(depth);
      if (!part) return std::nullopt;
      add_parts(parts, *part);
    } while (take('|'));
    return joined(std::move(parts));
  }

  std::optional<std::string> single(int depth) {
    if (depth > depth_limit) return std::nullopt;
    skip_space();
    if (rest_.empty()) return std::nullopt;
    if (rest_[0] == '"' || rest_[0] == '\'') return quoted(depth);
    if (rest_[0] == '[') {
      auto items = arguments(depth);
      return items ? std::optional("[" + join(*items, ", ") + "]") : std::nullopt;
    }
    if (rest_.starts_with("...")) {
      rest_.remove_prefix(3);
      return "...";
    }
    auto name = last_name();
    if (name.empty()) return std::nullopt;
    skip_space();
    if (rest_.empty() || rest_[0] != '[') return name;
    if (name == "Annotated") return std::nullopt;  // what follows its type may be anything
    auto items = name == "Literal" ? values() : arguments(depth);
    if (!items || items->empty()) return std::nullopt;
    return subscripted(name, std::move(*items));
  }

  /// A forward reference is the type that it names.
  std::optional<std::string> quoted(int depth) {
    const char quote = rest_[0];
    const auto end = rest_.find(quote, 1);
    if (end == rest_.npos) return std::nullopt;
    auto inner = TypeParser(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    auto type = inner.union_of(depth + 1);
    inner.skip_space();
    return inner.rest_.empty() ? type : std::nullopt;
  }

  /// "torch.Tensor" is Tensor, "typing.List" list.
  std::string last_name() {
    std::string name;
    for (;;) {
      std::size_t length = 0;
      while (length < rest_.size() && is_name_character(rest_[length])) ++length;
      if (length == 0) return "";
      name = rest_.substr(0, length);
      rest_.remove_prefix(length);
      if (!rest_.starts_with('.') || rest_.starts_with("...")) break;
      rest_.remove_prefix(1);
    }
    constexpr std::array builtins{"List", "Tuple", "Dict", "Set", "Type", "FrozenSet"};
    const bool is_builtin = std::find(builtins.begin(), builtins.end(), name) != builtins.end();
    if (is_builtin) {
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    }
    return name;
  }

  std::optional<std::vector<std::string>> arguments(int depth) {
    std::vector<std::string> items;
    take('[');
    while (!take(']')) {
      if (!items.empty() && !take(',')) return std::nullopt;
      if (take(']')) break;
      auto item = union_of(depth + 1);
      if (!item) return std::nullopt;
      items.push_back(std::move(*item));
    }
    return items;
  }

  /// The arguments of Literal: texts in quotes are themselves, no types.
  std::optional<std::vector<std::string>> values() {
    std::vector<std::string> items;
    take('[');
    do {
      skip_space();
      const bool is_quoted = rest_.starts_with('"') || rest_.starts_with('\'');
      const auto end = is_quoted ? rest_.find(rest_[0], 1) : rest_.find_first_of(",[] '\"");
      if (end == rest_.npos || end == 0) return std::nullopt;
      const auto length = is_quoted ? end + 1 : end;
      items.push_back(normal_value(rest_.substr(0, length)));
      rest_.remove_prefix(length);
    } while (take(','));
    return take(']') ? std::optional(std::move(items)) : std::nullopt;
  }

  static std::string subscripted(const std::string& name, std::vector<std::string> items) {
    if (name == "Optional" || name == "Union") {
      std::vector<std::string> parts;
      for (const auto& item : items) add_parts(parts, item);
      if (name == "Optional") add_parts(parts, "None");
      return joined(std::move(parts));
    }
    return name + "[" + join(items, ", ") + "]";
  }

  /// The parts of a union, each once.
  static void add_parts(std::vector<std::string>& parts, std::string_view type) {
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= type.size(); ++at) {
      const bool is_end = at == type.size();
      if (!is_end && type[at] == '[') ++depth;
      if (!is_end && type[at] == ']') --depth;
      if (!is_end && (type[at] != '|' || depth > 0)) continue;
      const std::string part(trim(type.substr(begin, at - begin)));
      if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
      begin = at + 1;
    }
  }

  /// None last, as nearly everybody writes it.
  static std::string joined(std::vector<std::string> parts) {
    std::stable_partition(parts.begin(), parts.end(),
                          [](const std::string& part) { return part != "None"; });
    return join(parts, " | ");
  }

  bool take(char c) {
    skip_space();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

  std::string_view rest_;
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string normal_annotation(std::string_view text) {
  return TypeParser(text).whole().value_or(std::string(text));
}

std::string normal_value(std::string_view text) {
  const bool is_float = text.find_first_of(".eE") != text.npos;
  if (const auto value = is_float ? number(text) : std::nullopt) {
    auto normal = fmt::format("{}", *value);
    if (normal.find_first_of(".e") == normal.npos) normal += ".0";  // 1.0 is not 1
    return normal;
  }
  const bool is_quoted = text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
  if (is_quoted && text.find_first_of("\"\\") == text.npos) {
    const auto inner = text.substr(1, text.size() - 2);
    if (inner.find('\'') == inner.npos) return fmt::format("\"{}\"", inner);
  }
  return std::string(text);
}

std::vector<Parameter> normal_parameters(std::vector<Parameter> parameters) {
  for (auto& parameter : parameters) {
    if (parameter.annotation) parameter.annotation = normal_annotation(*parameter.annotation);
    if (parameter.default_value) parameter.default_value = normal_value(*parameter.default_value);
  }
  return parameters;
}

std::string normal_signature(const std::vector<Parameter>& parameters,
                             const std::optional<std::string>& returns) {
  return signature_text(normal_parameters(parameters),
                        returns ? std::optional(normal_annotation(*returns)) : std::nullopt);
}

}  // namespace fusegate::probe
