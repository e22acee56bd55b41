#include "probe/surface/brackets.hpp"

#include "probe/base/text.hpp"

namespace fusegate::probe {

std::size_t find_outside(std::string_view text, char wanted, std::size_t begin) {
  int depth = 0;
  char quote = '\0';
  for (std::size_t at = begin; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != '\0') {
      if (c == '\\') ++at;
      if (c == quote) quote = '\0';
      continue;
    }
    if (depth == 0 && c == wanted) return at;
    if (c == '"' || c == '\'') quote = c;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
  }
  return text.npos;
}

std::vector<std::string_view> split_outside(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = find_outside(text, separator);
    parts.push_back(trim(text.substr(0, end)));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace fusegate::probe
