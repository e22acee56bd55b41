#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fusegate {

/// Whether a character is a letter, digit or underscore of ASCII.
[[nodiscard]] constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Whether a character can be part of a name in Python, a byte of one beyond ASCII included.
[[nodiscard]] constexpr bool is_name_character(char c) {
  return is_word(c) || static_cast<unsigned char>(c) >= 0x80;
}

/// Pieces of `text` between separators; "a,,b" has three, "" has one (empty).
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// Words of `text`, separated by any white space; never empty ones.
[[nodiscard]] std::vector<std::string_view> split_words(std::string_view text);

[[nodiscard]] std::string_view trim(std::string_view text);

[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);

/// The name nearest to a mistyped `word`: by Damerau-Levenshtein distance (optimal string
/// alignment), at most a third of the word's length (at least 1). Empty when none is near.
[[nodiscard]] std::string nearest_name(std::string_view word, std::span<const std::string> names);

/// ", did you mean NAME?" or nothing, for the end of an error message.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> names);

/// `text` with bytes that are not printable ASCII as \xNN, cut to `limit` characters with "...".
/// For showing what a foreign program sent.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit);

/// `text` as one word of a POSIX shell.
[[nodiscard]] std::string shell_quoted(std::string_view text);

/// `text` with what could move a terminal's cursor, change its state or the order of characters as
/// \xNN: control characters (C0 but for the line's end and the tabulator, DEL, and C1 in UTF-8),
/// Unicode's directional overrides, and bytes that are no UTF-8.
[[nodiscard]] std::string without_controls(std::string_view text);

/// What others wrote (a worker, a driver, a library), for people: without controls, cut to 2 KiB,
/// every further line indented, so that none looks like one of ours.
[[nodiscard]] std::string foreign_text(std::string_view text, std::size_t indentation);

/// What an exception of the JSON library says, without its name for itself in brackets before it,
/// which tells a person nothing. Any other text as it is.
[[nodiscard]] std::string json_error_text(std::string_view what);

/// How deep brackets are nested in a JSON text, strings left out. What parses or copies a document
/// by recursion overflows the stack on one that is nested without end.
[[nodiscard]] std::size_t json_depth(std::string_view text);

}  // namespace fusegate
