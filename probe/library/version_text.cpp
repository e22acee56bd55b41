#include "probe/library/version_text.hpp"

#include <algorithm>
#include <cctype>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

constexpr std::size_t word_limit = 128;

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

bool is_alphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_name_part(char c) {
  return c == '_' || is_alphanumeric(c);
}

bool is_word(std::string_view text, std::string_view punctuation) {
  return !text.empty() && text.size() <= word_limit && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_alphanumeric(c) || punctuation.find(c) != std::string_view::npos;
         });
}

/// Lower case, without the separators around letters, which PEP 440 takes in several forms.
std::string plain(std::string_view version) {
  std::string text;
  for (std::size_t i = 0; i < version.size(); ++i) {
    const bool separator = version[i] == '.' || version[i] == '-' || version[i] == '_';
    const bool beside_letter = (i + 1 < version.size() && is_letter(version[i + 1])) ||
                               (i > 0 && is_letter(version[i - 1]));
    if (separator && beside_letter) continue;
    text.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(version[i]))));
  }
  return text;
}

}  // namespace

bool is_version(std::string_view text) {
  return is_word(text, ".+!_-");
}

bool is_distribution_name(std::string_view text) {
  return is_word(text, "._-");
}

bool same_version(std::string_view a, std::string_view b) {
  const auto local_a = a.find('+');
  const auto local_b = b.find('+');
  if (local_a == std::string_view::npos || local_b == std::string_view::npos) {
    a = a.substr(0, local_a);
    b = b.substr(0, local_b);
  }
  return plain(a) == plain(b);
}

std::optional<std::string> assigned_text(std::string_view line, std::string_view variable) {
  line = trim(line);
  if (!line.starts_with(variable)) return std::nullopt;
  line.remove_prefix(variable.size());
  const auto equals = line.find('=');
  const auto quote = line.find_first_of("'\"");
  if (quote == std::string_view::npos || equals > quote) return std::nullopt;
  const auto annotation = trim(line.substr(0, equals));
  if (!annotation.empty() && annotation.front() != ':') return std::nullopt;  // a longer name
  const auto others = line.substr(equals + 1, quote - equals - 1);
  const bool plain = std::all_of(others.begin(), others.end(),
                                 [](char c) { return c == ' ' || c == '=' || is_name_part(c); });
  if (!plain || is_name_part(line[quote - 1])) return std::nullopt;  // a call, an f-string
  const auto end = line.find(line[quote], quote + 1);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(line.substr(quote + 1, end - quote - 1));
}

}  // namespace fusegate::probe
