#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probe/sources/module_facts.hpp"

namespace fusegate::probe {

/// A Python file of a package as a module.
struct Module {
  std::string name;  ///< dotted
  std::string file;  ///< below the tree's root; of a folder without __init__.py, "folder/"
  std::shared_ptr<const ModuleFacts> facts;

  [[nodiscard]] bool is_package() const {
    return file.ends_with("__init__.py") || file.ends_with('/');
  }
};

/// "aiter/ops/norm.py" is aiter.ops.norm, "aiter/__init__.py" is aiter.
[[nodiscard]] std::string module_of(std::string_view file);

/// Whether that is its name for Python: "aiter/v1.0/a.py" has none.
[[nodiscard]] bool is_importable(std::string_view file);

/// One thing that a name may be, as the module or class that has the name says it.
struct Local {
  enum class Kind {
    definition,  ///< a function, class or assignment here
    import,      ///< what module `target` has as `attribute`; the module itself without one
    computed     ///< by code that only running it tells; `reason` says which
  };
  Kind kind = Kind::definition;
  const Statement* statement = nullptr;  ///< that binds it; of what __getattr__ answers, none
  std::string target;
  std::string attribute;
  std::string reason;
  Conditions conditions;
};

/// The names of one module or class.
struct Names {
  std::map<std::string, std::vector<Local>, std::less<>> by_name;
  std::optional<std::vector<std::string>> exports;  ///< `__all__`
  /// Why there may be more or other names; empty: there are not.
  std::vector<std::string> unknowns;
  /// Likewise of what a star import takes: what `__all__` lists, else all but what __getattr__ has.
  std::vector<std::string> star_unknowns;
};

/// What `from MODULE import *` binds, and why it may bind more.
struct StarImport {
  std::vector<std::string> names;
  std::vector<std::string> unknowns;
};
/// For a dotted module; nothing where the module is not of the package.
using StarNames = std::function<std::optional<StarImport>(const std::string&)>;

/// The names that a module's statements leave bound, in their order: a statement that always runs
/// replaces what was bound before, one under a condition stands beside it. A condition that is
/// never met at run time (TYPE_CHECKING, `__name__ == "__main__"`) makes its statements disappear.
[[nodiscard]] Names names_of_module(const Module& module, const StarNames& star);

/// Likewise of a class of that module.
[[nodiscard]] Names names_of_class(const Module& module, const Class& definition);

/// The absolute name of what `from ..a import b` names, seen from a module; nothing beyond the top.
[[nodiscard]] std::optional<std::string> absolute_module(const Module& module, int level,
                                                         const std::string& name);

/// "c" of "a.b.c".
[[nodiscard]] inline std::string last_name(const std::string& dotted) {
  return dotted.substr(dotted.rfind('.') + 1);
}

/// Whether the name does not begin with an underscore.
[[nodiscard]] inline bool is_public(const std::string& name) {
  return !name.starts_with('_');
}

/// Of one of a class's bases, the name: `Base[int]` is Base.
[[nodiscard]] inline std::string base_name(const std::string& base) {
  return base.substr(0, base.find('['));
}

/// `@overload`: for type checkers; the definition that runs follows.
[[nodiscard]] bool is_overload(const Function& function);

}  // namespace fusegate::probe
