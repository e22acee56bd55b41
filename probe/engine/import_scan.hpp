#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fusegate::probe {

/// An import statement of a Python file, one name each.
struct ScannedImport {
  int line = 0;
  int level = 0;         ///< leading dots of `from ..a import b`
  std::string module;    ///< "a.b"; of `import a.b`, that
  std::string name;      ///< of `from`: the name, "*" among them; empty for `import`
  std::string bound_as;  ///< after `as`; else empty
  std::string function;  ///< "Class.method" of the function that runs it; empty: at import time
  /// At import time, but maybe not: what is around it, outermost first, as "if TEST", "else of
  /// TEST" (also for elif), "try", "except TYPES", "for", "while", "with", "match". Text on one
  /// line.
  std::vector<std::string> around;
  /// What the handlers of the innermost `try` around it, within its function, catch: "ImportError",
  /// "(ImportError, OSError)"; "" for a bare except. Nothing: no try, or one without handlers.
  std::vector<std::string> handlers;
  int try_line = 0;  ///< of that try; 0: there is none
};

/// The import statements of a file's text (UTF-8, with or without a byte-order mark), by the
/// language's own rules of lines, indentation, strings and brackets, without parsing expressions.
/// Never throws on what the text holds: of a broken file it gives what it can see.
[[nodiscard]] std::vector<ScannedImport> scan_imports(std::string_view text);

}  // namespace fusegate::probe
