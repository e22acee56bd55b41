#include "probe/base/version.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

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

/// A version as PEP 440 compares it.
struct VersionKey {
  bool is_none = false;
  std::vector<long> release;
  // Before a release come its development versions, then alpha, beta and candidate.
  int phase = 0;  ///< -4 dev, -3 a, -2 b, -1 rc, 0 the release
  long phase_number = 0;
  long post = -1;
  bool is_dev = false;
  long dev = 0;
  /// Its parts between separators; numbers, {true, number, ""}, come after words.
  std::vector<std::tuple<bool, long, std::string>> local;

  [[nodiscard]] auto tuple() const {
    return std::tuple(is_none, release, phase, phase_number, post, !is_dev, dev, local);
  }
};

/// Takes a number from the front; none is 0.
long take_number(std::string_view& text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  long number = 0;
  std::from_chars(text.data(), text.data() + end, number);
  text.remove_prefix(end);
  return number;
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  const auto next = text.substr(word.size(), 1);
  if (!next.empty() && is_letter(next[0])) return false;
  text.remove_prefix(word.size());
  return true;
}

void add_local(VersionKey& key, std::string_view text) {
  constexpr std::string_view digits = "0123456789";
  while (!text.empty()) {
    auto part = text.substr(0, text.find_first_of(".-_"));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.find_first_not_of(digits) != part.npos) {
      key.local.emplace_back(false, 0, part);
    } else if (!part.empty()) {
      key.local.emplace_back(true, take_number(part), "");
    }
  }
}

VersionKey version_key(std::string_view version) {
  VersionKey key;
  const auto local = version.find('+');
  const std::string normal = plain(version.substr(0, local));
  std::string_view rest = normal;
  while (!rest.empty() && std::isdigit(static_cast<unsigned char>(rest[0])) != 0) {
    key.release.push_back(take_number(rest));
    if (rest.starts_with('.')) rest.remove_prefix(1);
  }
  key.is_none = key.release.empty();
  if (key.is_none) return key;
  while (!key.release.empty() && key.release.back() == 0) key.release.pop_back();
  constexpr std::array<std::pair<std::string_view, int>, 8> phases{{{"alpha", -3},
                                                                    {"a", -3},
                                                                    {"beta", -2},
                                                                    {"b", -2},
                                                                    {"rc", -1},
                                                                    {"c", -1},
                                                                    {"preview", -1},
                                                                    {"pre", -1}}};
  for (const auto& [word, phase] : phases) {
    if (key.phase == 0 && take_word(rest, word)) {
      key.phase = phase;
      key.phase_number = take_number(rest);
    }
  }
  for (const std::string_view word : {"post", "rev", "r"}) {
    if (key.post < 0 && take_word(rest, word)) key.post = take_number(rest);
  }
  if (take_word(rest, "dev")) {
    key.is_dev = true;
    key.dev = take_number(rest);
    if (key.phase == 0 && key.post < 0) key.phase = -4;
  }
  add_local(key, rest);
  if (local != version.npos) add_local(key, version.substr(local + 1));
  return key;
}

}  // namespace

bool version_less(std::string_view a, std::string_view b) {
  const auto key_a = version_key(a), key_b = version_key(b);
  return std::tuple(key_a.tuple(), a) < std::tuple(key_b.tuple(), b);
}

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
