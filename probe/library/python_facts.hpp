#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "probe/library/package_files.hpp"
#include "probe/library/problem.hpp"

namespace fusegate::probe {

/// A parameter of a Python function; default and annotation are source text.
struct Parameter {
  std::string name;
  std::string kind;  ///< positional_only, positional_or_keyword, var_positional, keyword_only, ...
  std::optional<std::string> default_value;
  std::optional<std::string> annotation;
};

/// What must hold for a statement to run.
struct Condition {
  std::string kind;  ///< if, else, while, for, try, except, case
  std::string text;  ///< what is tested, iterated or caught; for else, of the if it belongs to

  bool operator==(const Condition&) const = default;
};

/// A function or method as its source has it (probe/facts/python_facts.py).
struct Definition {
  std::string file;            ///< below the library's root
  std::string qualified_name;  ///< "function", "Class.method"
  std::string kind;            ///< function, method
  int line = 0;                ///< of `def`
  int end_line = 0;
  std::string signature;  ///< "(a, b: T = 1) -> R"
  std::vector<Parameter> parameters;
  std::optional<std::string> returns;
  std::vector<std::string> decorators;
  std::vector<Condition> conditions;  ///< outermost first
};

struct PythonFacts {
  std::vector<Definition> definitions;  ///< by file, as given, then by line
  std::vector<Problem> problems;
  std::string python_version;  ///< of the interpreter that read them; empty: none did
};

/// What the files define under the wanted names ("function", "Class.method"); all names when there
/// is no list. The interpreter parses, it does not import. What it cannot read is a problem, also
/// a file on which it crashes, and so is an interpreter that cannot be started.
[[nodiscard]] PythonFacts read_python_facts(const PackageFiles& files,
                                            const std::optional<std::vector<std::string>>& wanted,
                                            const std::string& python);

}  // namespace fusegate::probe
