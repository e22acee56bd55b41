#pragma once

#include <cstddef>
#include <string_view>

#include "probe/base/text.hpp"

namespace fusegate::probe {

/// A place in the text of a Python file. Only \n ends its lines.
struct PythonCursor {
  std::string_view text;
  std::size_t at = 0;
  /// Whether an f-string may hold its own quotes within braces (Python 3.12). The first that has no
  /// end when read so shows a broken file, of which all are then read as plain strings: looking
  /// for the end of each, up to the end of the text, would take quadratic time.
  bool f_strings_nest = true;

  [[nodiscard]] bool at_end() const { return at >= text.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text[at]; }
  [[nodiscard]] std::string_view rest() const { return text.substr(at); }
};

/// To the end of the line, which stays.
void skip_line(PythonCursor& cursor);

/// Past the string whose first quote is at the cursor, to the end of its line if it has no end.
void skip_string(PythonCursor& cursor);

}  // namespace fusegate::probe
