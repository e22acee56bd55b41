#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "probe/engine/sources/python_strings.hpp"

namespace fusegate::probe {

// Where the statements of a Python file begin and end, by the language's rules of lines,
// indentation, strings and brackets. No expression is parsed. Each function takes time in
// proportion to the text that it passes.

/// From the beginning of a line to the first character of the next line that has a statement, past
/// empty lines and comments. Returns its column, with tabs up to multiples of 8; nothing at the
/// end.
std::optional<std::size_t> next_statement_line(PythonCursor& cursor);

/// Past spaces and lines that a backslash continues, to what is left of the statement.
void skip_blanks(PythonCursor& cursor);

/// Past white space, comments and line breaks, as within brackets. Returns whether there were any.
bool skip_space(PythonCursor& cursor);

/// Past the name at the cursor, which it returns; empty where there is none.
std::string_view read_name(PythonCursor& cursor);

/// To the `;` or line's end that ends a statement, or to the end of the text.
void skip_statement(PythonCursor& cursor);

/// As skip_statement, but stops at the `:` that ends the head of a compound statement. Returns
/// whether there is one.
bool skip_head(PythonCursor& cursor);

/// An expression without comments, line breaks and parentheses around it, in the form in which
/// probe/facts/python_facts.py has it: one space where there was white space and after each comma,
/// none inside brackets, no comma before a bracket that closes several items.
[[nodiscard]] std::string one_line(std::string_view expression);

}  // namespace fusegate::probe
