#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "probe/sources/facts_store.hpp"

namespace fusegate::probe {

// What one file of an engine does with names, inside functions, too, as its source has it
// (probe/facts/python_uses.py). Nothing of it is evaluated here.

/// An expression, as far as conditions and uses of a library need it. `text` is its source on one
/// line for every kind.
struct Expression {
  enum class Kind {
    none,
    constant,    ///< items: nothing; `value` is its text, a string without its quotes
    name,        ///< plain or dotted: `value` is "a.b.c"
    call,        ///< items: the callee, then positional arguments; keywords beside them
    all_of,      ///< and
    any_of,      ///< or
    negation,    ///< items: one
    choice,      ///< A if TEST else B: items TEST, A, B
    comparison,  ///< `value` is the operator ("==", "is not", "in"); items: left, right
    list,        ///< of a tuple, list or set
    subscript,   ///< items: what is subscripted, the subscript
    attribute,   ///< of what is no name: items: the object; `value` is the attribute
    other
  };
  Kind kind = Kind::none;
  std::string text;
  std::string value;
  bool is_string = false;  ///< of a constant
  std::vector<Expression> items;
  std::vector<struct KeywordArgument> keywords;  ///< of a call
  std::vector<std::size_t> starred;              ///< of a call: which items are *arguments
};

struct KeywordArgument {
  std::string name;  ///< "**" for a mapping
  Expression value;
};

/// What must hold for something to happen, besides what is around it.
struct EngineCondition {
  enum class Kind {
    if_true,    ///< `test` is true
    if_false,   ///< `test` is false: an else, or after a block that always leaves
    in_try,     ///< `caught`: what its handlers catch without raising again
    in_except,  ///< runs after an exception of one of `caught`
    in_loop,    ///< maybe never; `test` is what is looped over
    in_case,    ///< `test` is of kind other: "match SUBJECT: case PATTERN"
    asserted,   ///< behind an assert of `test`: who wrote it takes it as given
  };
  int outer = 0;  ///< the condition around it, as EngineEvent::under; 0: none
  Kind kind = Kind::if_true;
  Expression test;
  std::vector<std::string> caught;  ///< "ImportError"; "BaseException" for a bare except
  int line = 0;  ///< of the statement that sets the condition; of in_except, too, the try
};

/// How something of a library fails.
enum class Failure { import_error, attribute_error, type_error, value_error };

/// Whether one of the handlers that a condition of a try or a handler has takes such a failure.
[[nodiscard]] bool takes(const EngineCondition& condition, Failure failure);

/// A function or class; the first of a file is the module itself.
struct Scope {
  enum class Kind { module, function, class_, lambda };
  Kind kind = Kind::module;
  std::string name;  ///< "Class.method.inner"; empty for the module
  int parent = -1;   ///< index of the scope around it
  int under = 0;     ///< what is around its definition, within the parent; as EngineEvent::under
  int line = 0, end_line = 0;
  std::vector<std::string> parameters;
  std::vector<std::string> decorators;  ///< text
  std::vector<std::string> bases;       ///< of a class, text
  std::vector<std::string> globals;     ///< names that it declares global
  std::vector<std::string> nonlocals;
};

/// How a call's result, or a name that was read, is used.
struct ResultUse {
  enum class Kind {
    other,
    discarded,  ///< an expression statement
    assigned,   ///< to one name
    unpacked,   ///< to `count` names; -1: to a starred number of them
    returned,
    tested,  ///< for truth or None
    called,  ///< itself called
  };
  Kind kind = Kind::other;
  int count = 0;
  std::vector<std::string> names;  ///< that get it
};

/// `import a.b as c`, one name each.
struct ImportEvent {
  std::string module;
  std::string alias;  ///< "c"; empty: the scope gets "a", which is the package
};
/// `from ..a import b as c`, one name each; `name` may be "*".
struct FromEvent {
  int level = 0;
  std::string module;
  std::string name;
  std::string bound_as;
};
/// An assignment to names (`a`, `self.a`). The expression is of kind none where they do not get its
/// value as it is: in `with`, `for`, `a, b = c`, `a += b` and `del a`.
struct BindEvent {
  std::vector<std::string> targets;
  Expression value;
};
/// A call whose callee is `call.items[0]`.
struct CallEvent {
  Expression call;
  ResultUse result;
};
/// A plain or dotted name that is read and not called: passed on, returned, compared.
struct NameEvent {
  std::string name;
  ResultUse result;
};

/// What a function gives back.
struct ReturnEvent {
  Expression value;
};

/// One thing that a file does, in the order of its source.
struct EngineEvent {
  int scope = 0;
  int line = 0;
  int under = 0;  ///< its innermost condition within the scope: an index; 0: there is none
  std::variant<ImportEvent, FromEvent, BindEvent, CallEvent, NameEvent, ReturnEvent> what;
};

/// What each scope of a file binds.
struct BoundNames {
  using Places = std::map<std::pair<int, std::string>, std::vector<int>>;  ///< by scope and name
  Places events;
  Places scopes;                  ///< functions and classes
  std::vector<int> star_imports;  ///< at the module's level
};

struct EngineFacts {
  std::vector<Scope> scopes{{}};
  /// Each after the one around it; the first stands for no condition.
  std::vector<EngineCondition> conditions{{}};
  std::vector<EngineEvent> events;
  BoundNames names;  ///< by name_index, of the rest
};

/// The conditions that a scope or event is under, outermost first.
[[nodiscard]] std::vector<const EngineCondition*> conditions_around(const EngineFacts& facts,
                                                                    int under);

/// Reads one line of the script's facts. Throws std::runtime_error on anything else.
[[nodiscard]] EngineFacts parse_engine_facts(std::string_view json);

template <>
struct FactsFormat<EngineFacts> {
  static constexpr std::string_view script = "python_uses.py";
  static EngineFacts parse(std::string_view line) { return parse_engine_facts(line); }
};

/// The uses in files of an engine: EngineFactsStore(python).load(tree, files).
using EngineFactsStore = FactsStoreOf<EngineFacts>;

}  // namespace fusegate::probe
