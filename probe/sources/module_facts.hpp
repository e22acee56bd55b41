#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fusegate::probe {

// What one Python file binds, as its source has it (probe/facts/python_facts.py). Expressions are
// source text on one line.

enum class ParameterKind {
  positional_only,
  positional_or_keyword,
  var_positional,
  keyword_only,
  var_keyword
};

struct Parameter {
  std::string name;
  ParameterKind kind = ParameterKind::positional_or_keyword;
  std::optional<std::string> default_value;
  std::optional<std::string> annotation;

  bool operator==(const Parameter&) const = default;
};

/// What must hold for a statement to run.
struct Condition {
  std::string kind;  ///< if, else, while, for, try, except, case
  std::string text;  ///< what is tested, iterated or caught; for else, of the if it belongs to

  bool operator==(const Condition&) const = default;
  auto operator<=>(const Condition&) const = default;
};
using Conditions = std::vector<Condition>;  ///< outermost first

struct Decorator {
  std::string callee;  ///< "staticmethod", "triton.jit"
  bool is_call = false;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> keywords;
};

/// The right side of an assignment.
struct Value {
  enum class Kind { none, literal, name, call, other, strings, map };
  Kind kind = Kind::none;
  std::string text;  ///< literal, name, call, other
  std::vector<std::string> strings;
  std::vector<std::pair<std::string, std::string>> map;
};

struct Function {
  std::string name;
  int end_line = 0;
  std::vector<Parameter> parameters;
  std::optional<std::string> returns;
  std::vector<Decorator> decorators;
  bool is_async = false;
};

struct Statement;

struct Class {
  std::string name;
  int end_line = 0;
  std::vector<std::string> bases;
  std::vector<Decorator> decorators;
  std::vector<Statement> body;
  /// What methods set on instances, and the line where the first of them does.
  std::vector<std::pair<std::string, int>> attributes;
};

/// A name and what it is bound as; the latter is empty where it keeps its name.
struct ImportedName {
  std::string name;
  std::string bound_as;
};

struct Import {
  std::vector<ImportedName> modules;
};

struct ImportFrom {
  int level = 0;  ///< leading dots
  std::string module;
  std::vector<ImportedName> names;  ///< "*" among them
};

struct Assignment {
  std::vector<std::string> targets;  ///< plain and dotted names
  std::optional<std::string> annotation;
  Value value;
};

/// A change of `__all__`.
struct Exports {
  enum class Operation { set, add, remove };
  Operation operation = Operation::set;
  Value value;
};

struct Deletion {
  std::vector<std::string> names;
};

/// What a module's `__getattr__` answers to, as far as its comparisons tell.
struct ModuleGetattr {
  std::vector<std::string> names;
  std::vector<std::string> variables;  ///< in which it looks the name up
};

/// Binds names that only running it tells, as `globals().update(...)`.
struct Dynamic {
  std::string text;
};

struct Statement {
  int line = 0;   ///< of `def`, `class` or the statement
  int under = 0;  ///< index into ModuleFacts::conditions
  std::variant<Function, Class, Import, ImportFrom, Assignment, Exports, Deletion, ModuleGetattr,
               Dynamic>
      what;
};

struct ModuleFacts {
  std::vector<Conditions> conditions{{}};  ///< the first is the empty one
  std::vector<Statement> body;
};

/// Reads one line of facts. Throws std::runtime_error on anything else, so that a damaged cache or
/// a strange interpreter is noticed.
[[nodiscard]] ModuleFacts parse_module_facts(std::string_view json);

/// "(a, b: T = 1) -> R", with the spaces of PEP 8.
[[nodiscard]] std::string signature_text(const std::vector<Parameter>& parameters,
                                         const std::optional<std::string>& returns);

/// "compile_ops("module", fc_name="f")", "staticmethod".
[[nodiscard]] std::string text_of(const Decorator& decorator);

/// "if A, except ImportError, else of B"
[[nodiscard]] std::string condition_text(const Conditions& conditions);

[[nodiscard]] const char* name_of(ParameterKind kind);

}  // namespace fusegate::probe
