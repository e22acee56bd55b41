#include "probe/engine/sources/python_lines.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "probe/base/text.hpp"

namespace fusegate::probe {
namespace {

/// What skipping a statement must look at, a bit each; it passes anything else without a thought.
enum Special : std::uint8_t { always = 1, in_head = 2 };

constexpr std::array<std::uint8_t, 256> specials() {
  std::array<std::uint8_t, 256> table{};
  for (const char c : std::string_view("\n\\#\"'()[]{};")) {
    table[static_cast<std::uint8_t>(c)] = always;
  }
  table[':'] = in_head;
  table['l'] = in_head;  // of `lambda`, which has a colon of its own
  return table;
}
constexpr auto special = specials();

std::uint8_t special_of(char c) {
  return special[static_cast<std::uint8_t>(c)];
}

bool is_space(char c) {
  return std::string_view(" \t\n\f\v").find(c) != std::string_view::npos;
}

/// A copy of the cursor's fields, because a character may be any object's, and each step would
/// read them anew.
std::size_t next_special(std::string_view text, std::size_t at, std::uint8_t wanted) {
  while (at < text.size() && (special_of(text[at]) & wanted) == 0) ++at;
  return at;
}

/// The width of the white space that a line begins with, as Python counts it.
std::size_t read_column(PythonCursor& cursor) {
  std::size_t column = 0;
  std::size_t before_continuation = 0;
  for (; !cursor.at_end(); ++cursor.at) {
    const char here = cursor.peek();
    if (here == ' ') {
      ++column;
    } else if (here == '\t') {
      column = (column / 8 + 1) * 8;
    } else if (here == '\f') {
      column = 0;
    } else if (cursor.rest().starts_with("\\\n")) {
      if (before_continuation == 0) before_continuation = column;
      ++cursor.at;
    } else {
      break;
    }
  }
  return before_continuation != 0 ? before_continuation : column;
}

bool is_word_at(const PythonCursor& cursor, std::string_view word) {
  const auto rest = cursor.rest();
  if (!rest.starts_with(word)) return false;
  if (cursor.at > 0 && is_name_character(cursor.text[cursor.at - 1])) return false;
  return rest.size() == word.size() || !is_name_character(rest[word.size()]);
}

/// Colons at which a head does not end.
struct HeadColons {
  int lambdas = 0;

  bool ends_at(PythonCursor& cursor) {
    if (cursor.peek() == 'l') {
      if (is_word_at(cursor, "lambda")) ++lambdas;
      return false;
    }
    if (cursor.rest().starts_with(":=")) return false;
    return lambdas == 0 || lambdas-- == 0;
  }
};

template <bool to_colon>
bool skip(PythonCursor& cursor) {
  constexpr std::uint8_t wanted = to_colon ? always | in_head : always;
  HeadColons colons;
  for (int brackets = 0;;) {
    cursor.at = next_special(cursor.text, cursor.at, wanted);
    if (cursor.at_end()) return false;
    switch (cursor.text[cursor.at]) {
      case '\n':
      case ';':
        if (brackets == 0) return false;
        break;
      case '#':
        skip_line(cursor);
        continue;
      case '\\':
        if (cursor.rest().starts_with("\\\n")) ++cursor.at;
        break;
      case '"':
      case '\'':
        skip_string(cursor);
        continue;
      case '(':
      case '[':
      case '{':
        ++brackets;
        break;
      case ')':
      case ']':
      case '}':
        if (brackets > 0) --brackets;
        break;
      default:
        if (brackets == 0 && colons.ends_at(cursor)) return true;
    }
    ++cursor.at;
  }
}

}  // namespace

std::optional<std::size_t> next_statement_line(PythonCursor& cursor) {
  while (!cursor.at_end()) {
    const auto column = read_column(cursor);
    if (cursor.peek() == '#') skip_line(cursor);
    if (cursor.at_end()) break;
    if (cursor.peek() != '\n') return column;
    ++cursor.at;
  }
  return std::nullopt;
}

void skip_blanks(PythonCursor& cursor) {
  while (!cursor.at_end()) {
    const char here = cursor.peek();
    if (here == '\\' && cursor.rest().starts_with("\\\n")) {
      cursor.at += 2;
    } else if (here == ' ' || here == '\t' || here == '\f') {
      ++cursor.at;
    } else {
      return;
    }
  }
}

bool skip_space(PythonCursor& cursor) {
  const auto begin = cursor.at;
  while (!cursor.at_end()) {
    if (cursor.peek() == '#') {
      skip_line(cursor);
    } else if (is_space(cursor.peek())) {
      ++cursor.at;
    } else if (cursor.rest().starts_with("\\\n")) {
      cursor.at += 2;
    } else {
      break;
    }
  }
  return cursor.at > begin;
}

std::string_view read_name(PythonCursor& cursor) {
  const auto begin = cursor.at;
  while (!cursor.at_end() && is_name_character(cursor.text[cursor.at])) ++cursor.at;
  return cursor.text.substr(begin, cursor.at - begin);
}

void skip_statement(PythonCursor& cursor) {
  skip<false>(cursor);
}

bool skip_head(PythonCursor& cursor) {
  return skip<true>(cursor);
}

namespace {

/// A string, a bracket, a comma, or what is between such.
std::string_view read_piece(PythonCursor& cursor) {
  const auto begin = cursor.at;
  const auto ends_word = [](char c) {
    return is_space(c) || std::string_view("\"'#\\()[]{},").find(c) != std::string_view::npos;
  };
  if (cursor.peek() == '"' || cursor.peek() == '\'') {
    skip_string(cursor);
  } else {
    do {
      ++cursor.at;
    } while (!ends_word(cursor.text[begin]) && !cursor.at_end() && !ends_word(cursor.peek()));
  }
  return cursor.text.substr(begin, cursor.at - begin);
}

/// Without the parentheses around all of it, which are no part of an expression unless they make a
/// tuple or generator of it.
std::string_view without_parentheses(std::string_view expression) {
  PythonCursor cursor{expression};
  skip_space(cursor);
  if (cursor.peek() != '(') return expression;
  const auto begin = cursor.at + 1;
  for (int depth = 0; !cursor.at_end(); skip_space(cursor)) {
    const auto before = cursor.at;
    const auto piece = read_piece(cursor);
    const char first = piece.front();
    if (first == '(' || first == '[' || first == '{') ++depth;
    if (first == ')' || first == ']' || first == '}') --depth;
    if (depth == 1 && (first == ',' || piece == "for")) return expression;
    if (depth > 0) continue;
    skip_space(cursor);
    const auto inner = expression.substr(begin, before - begin);
    return cursor.at_end() && !trim(inner).empty() ? inner : expression;
  }
  return expression;
}

/// A string's text with its line breaks escaped.
void append_escaped(std::string& out, std::string_view piece) {
  for (const char c : piece) {
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
}

}  // namespace

std::string one_line(std::string_view expression) {
  // Twice is what people write; each time reads all of it.
  PythonCursor cursor{without_parentheses(without_parentheses(expression))};
  std::string out;
  std::vector<int> commas;  // of each open bracket
  bool is_spaced = false;
  while (true) {
    is_spaced = skip_space(cursor) || is_spaced;
    if (cursor.at_end()) return out;
    const auto piece = read_piece(cursor);
    const char first = piece.front();
    const bool closes = first == ')' || first == ']' || first == '}';
    if (closes && !commas.empty()) {
      if (commas.back() > 1 && out.ends_with(',')) out.pop_back();
      commas.pop_back();
    }
    const bool is_first =
        out.empty() || out.ends_with('(') || out.ends_with('[') || out.ends_with('{');
    if (is_spaced && !closes && first != ',' && !is_first) out += ' ';
    if (first == '(' || first == '[' || first == '{') commas.push_back(0);
    if (first == ',' && !commas.empty()) ++commas.back();
    append_escaped(out, piece);
    is_spaced = first == ',';
  }
}

}  // namespace fusegate::probe
