#include "probe/engine/sources/python_strings.hpp"

#include <algorithm>

namespace fusegate::probe {
namespace {

void advance(PythonCursor& cursor, std::size_t count) {
  cursor.at = std::min(cursor.at + count, cursor.text.size());
}

/// A string's quote: one character or three.
struct Quote {
  char mark = '"';
  std::size_t length = 1;
};

Quote read_quote(PythonCursor& cursor) {
  const auto rest = cursor.rest();
  const char mark = rest.front();
  const bool is_triple = rest.size() >= 3 && rest[1] == mark && rest[2] == mark;
  cursor.at += is_triple ? 3 : 1;
  return {mark, is_triple ? 3u : 1u};
}

bool is_at(const PythonCursor& cursor, Quote quote) {
  const auto rest = cursor.rest();
  if (rest.empty() || rest[0] != quote.mark) return false;
  return quote.length == 1 || (rest.size() >= 3 && rest[1] == quote.mark && rest[2] == quote.mark);
}

/// Whether the quote at `at` has a prefix with an f, or the t of Python 3.14, before it.
bool is_formatted(std::string_view text, std::size_t at) {
  const auto letter = [&](std::size_t back) -> char {
    return at >= back ? static_cast<char>(text[at - back] | 0x20) : ' ';
  };
  const auto formats = [](char c) { return c == 'f' || c == 't'; };
  std::size_t length = 0;
  if (formats(letter(1))) length = letter(2) == 'r' ? 2 : 1;
  if (letter(1) == 'r' && formats(letter(2))) length = 2;
  return length > 0 && (at == length || !is_name_character(text[at - length - 1]));
}

/// Past a string that is not formatted; false, and at the end of its line, if it has no end.
bool skip_plain_string(PythonCursor& cursor) {
  const auto quote = read_quote(cursor);
  const auto text = cursor.text;
  if (quote.length == 3) {
    // Docstrings are long: from quote to quote, and only then back over what may escape it.
    for (const auto begin = cursor.at;; ++cursor.at) {
      cursor.at = std::min(text.find(quote.mark, cursor.at), text.size());
      if (cursor.at_end()) return false;
      auto slash = cursor.at;
      while (slash > begin && text[slash - 1] == '\\') --slash;
      if ((cursor.at - slash) % 2 == 0 && is_at(cursor, quote)) break;
    }
    cursor.at += 3;
    return true;
  }
  while (!cursor.at_end() && text[cursor.at] != '\n') {
    const char here = text[cursor.at];
    advance(cursor, here == '\\' ? 2 : 1);
    if (here == quote.mark) return true;
  }
  return false;
}

// Formatted strings, as Python 3.12 has them, which older sources follow as well. The functions
// return false for one without an end; `depth` bounds their recursion, as Python's own reader does.
constexpr int depth_limit = 150;
bool skip_field(PythonCursor& cursor, Quote quote, int depth);

bool skip_formatted_string(PythonCursor& cursor, int depth) {
  if (depth > depth_limit) return false;
  const auto quote = read_quote(cursor);
  while (!cursor.at_end()) {
    if (is_at(cursor, quote)) {
      cursor.at += quote.length;
      return true;
    }
    const char here = cursor.peek();
    const char next = cursor.at + 1 < cursor.text.size() ? cursor.text[cursor.at + 1] : '\0';
    if (here == '\n' && quote.length == 1) return false;
    if (here == '{' && next != '{') {
      if (!skip_field(cursor, quote, depth + 1)) return false;
      continue;
    }
    // A backslash does not escape a brace.
    const bool is_pair = here == '{' || (here == '\\' && next != '{' && next != '}');
    advance(cursor, is_pair ? 2 : 1);
  }
  return false;
}

/// From behind the colon of a replacement field to behind its closing brace.
bool skip_format(PythonCursor& cursor, Quote quote, int depth) {
  while (!cursor.at_end() && !is_at(cursor, quote)) {
    const char here = cursor.peek();
    if (here == '\n' && quote.length == 1) return false;
    if (here == '{') {
      if (!skip_field(cursor, quote, depth + 1)) return false;
      continue;
    }
    ++cursor.at;
    if (here == '}') return true;
  }
  return false;
}

bool skip_nested_string(PythonCursor& cursor, int depth) {
  return is_formatted(cursor.text, cursor.at) ? skip_formatted_string(cursor, depth)
                                              : skip_plain_string(cursor);
}

/// From the brace of a replacement field to behind the one that closes it.
bool skip_field(PythonCursor& cursor, Quote quote, int depth) {
  if (depth > depth_limit) return false;
  ++cursor.at;
  for (int brackets = 0; !cursor.at_end();) {
    const char here = cursor.peek();
    if (here == '"' || here == '\'') {
      if (!skip_nested_string(cursor, depth + 1)) return false;
      continue;
    }
    if (here == '#') {
      skip_line(cursor);
      continue;
    }
    ++cursor.at;
    if (brackets == 0 && here == '}') return true;
    if (brackets == 0 && here == ':') return skip_format(cursor, quote, depth);
    if (here == '(' || here == '[' || here == '{') ++brackets;
    if (brackets > 0 && (here == ')' || here == ']' || here == '}')) --brackets;
  }
  return false;
}

}  // namespace

void skip_line(PythonCursor& cursor) {
  cursor.at = std::min(cursor.text.find('\n', cursor.at), cursor.text.size());
}

void skip_string(PythonCursor& cursor) {
  const auto begin = cursor.at;
  if (cursor.f_strings_nest && is_formatted(cursor.text, begin)) {
    if (skip_formatted_string(cursor, 0)) return;
    cursor.f_strings_nest = false;
    cursor.at = begin;
  }
  skip_plain_string(cursor);
}

}  // namespace fusegate::probe
