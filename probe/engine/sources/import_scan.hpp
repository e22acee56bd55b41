#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fusegate::probe {

/// An import statement of a Python file, one name each. Expressions are in the form of
/// probe/facts/python_facts.py, on one line; of one longer than 1000 bytes, its beginning and
/// "...".
struct ScannedImport {
  int line = 0;          ///< of the statement
  int level = 0;         ///< leading dots of `from ..a import b`
  std::string module;    ///< "a.b"; of `import a.b`, that
  std::string name;      ///< of `from`: the name, "*" among them; empty for `import`
  std::string bound_as;  ///< after `as`; else empty
  /// "Class.method.inner" of the function that runs it; empty: at import time, where a class body
  /// runs, too.
  std::string function;
  /// When the module is imported, or in its function when that is called, but maybe not: what is
  /// around it, outermost first, as "if TEST", "else of TEST" (also for elif, one for each branch
  /// before), "try", "except TYPES" or "except", "else of try", "for", "while", "else of for",
  /// "with ITEMS", "match". Nothing for a test that says itself that it holds (`not
  /// TYPE_CHECKING`), nor for `finally`.
  std::vector<std::string> around;
  /// What the handlers of the innermost `try` catch in whose body it is, within its function:
  /// "ImportError", "(ImportError, OSError)"; "" for a bare except. A try that has only `finally`
  /// is passed over for the one around it.
  std::vector<std::string> handlers;
  int try_line = 0;  ///< of that try; 0: there is none
};

/// The import statements of a file's text (UTF-8, with or without a byte-order mark), by the
/// language's own rules of lines, indentation, strings and brackets, without parsing expressions.
/// Those that never run when the module is imported are left out: under TYPE_CHECKING,
/// `__name__ == "__main__"`, False or 0, and what else is left of such an if.
/// Never throws on what the text holds: of a broken file it gives what it can see, and of one made
/// to cost much (above 16 MB of names and conditions) the first imports.
[[nodiscard]] std::vector<ScannedImport> scan_imports(std::string_view text);

}  // namespace fusegate::probe
