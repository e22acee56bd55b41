#include "probe/surface/cpp_enum.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <system_error>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

struct Token {
  std::string_view text;
  int line = 0;
};

/// Words, numbers with their sign, and single other characters; no comments.
std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  int line = 1;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("//")) {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (text.substr(at).starts_with("/*")) {
      const auto end = text.find("*/", at + 2);
      const auto after = end == text.npos ? text.size() : end + 2;
      line += static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                                          text.begin() + static_cast<std::ptrdiff_t>(after), '\n'));
      at = after;
      continue;
    }
    if (text[at] == '\n') ++line;
    if (std::isspace(static_cast<unsigned char>(text[at])) != 0) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (is_word(text[at]) || text[at] == '-') {
      while (end < text.size() && is_word(text[end])) ++end;
    }
    tokens.push_back({text.substr(at, end - at), line});
    at = end;
  }
  return tokens;
}

std::optional<std::int64_t> integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const int base = is_hex ? 16 : text.starts_with('0') ? 8 : 10;
  if (is_hex) text.remove_prefix(2);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return negative ? -value : value;
}

using Tokens = std::vector<Token>;

/// The enumerators from behind `{`; `at` is then behind `}`.
std::optional<CppEnum> members_of(const Tokens& tokens, std::size_t& at) {
  CppEnum found;
  std::optional<std::int64_t> next = 0;
  while (at < tokens.size() && tokens[at].text != "}") {
    const auto name = tokens[at++].text;
    if (!is_word(name.front()) || at >= tokens.size()) return std::nullopt;
    if (tokens[at].text == "=") {
      if (at + 2 >= tokens.size()) return std::nullopt;
      next = integer(tokens[at + 1].text);
      at += 2;
    }
    if (!next) return std::nullopt;
    found.members.emplace_back(name, *next);
    next =
        *next < std::numeric_limits<std::int64_t>::max() ? std::optional(*next + 1) : std::nullopt;
    if (tokens[at].text == ",")
      ++at;
    else if (tokens[at].text != "}")
      return std::nullopt;
  }
  if (at >= tokens.size()) return std::nullopt;
  ++at;
  return found;
}

}  // namespace

std::optional<CppEnum> find_cpp_enum(std::string_view header, std::string_view type) {
  const auto tokens = tokens_of(header);
  for (std::size_t start = 0; start < tokens.size(); ++start) {
    if (tokens[start].text != "enum") continue;
    std::size_t at = start + 1;
    std::string_view name;
    while (at < tokens.size() && tokens[at].text != "{" && tokens[at].text != ";") {
      const auto text = tokens[at].text;
      if (text == ":") break;
      if (text != "class" && text != "struct") name = text;
      ++at;
    }
    while (at < tokens.size() && tokens[at].text != "{" && tokens[at].text != ";") ++at;
    if (at >= tokens.size() || tokens[at].text == ";") continue;
    auto found = members_of(tokens, ++at);
    const bool is_typedef = start > 0 && tokens[start - 1].text == "typedef";
    const bool is_wanted =
        name == type || (is_typedef && at < tokens.size() && tokens[at].text == type);
    if (!is_wanted) continue;
    if (found) found->line = tokens[start].line;
    return found;
  }
  return std::nullopt;
}

}  // namespace fusegate::probe
