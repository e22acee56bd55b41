#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "probe/sources/facts_store.hpp"
#include "probe/sources/source_tree.hpp"
#include "probe/surface/cpp_enum.hpp"
#include "probe/surface/rules.hpp"
#include "probe/surface/surface.hpp"

namespace fusegate::probe {

/// Values of a Python name that a C++ header defines.
struct FoundEnum {
  std::string file;
  CppEnum values;
};

/// A library's surface and what went with reading it.
struct LoadedSurface {
  Surface surface;
  std::map<std::string, FoundEnum> native_enums;  ///< by dotted Python name
  /// Decorators of bindings behind which inspect.signature sees a wrapper.
  std::set<std::string> erasing_decorators;
  std::vector<std::string> unreadable;  ///< files that were to be read and gave no facts
  std::vector<Problem> problems;
};

/// The further names that import hooks give to modules, by alias, as far as the packages that have
/// the hooks are among the modules and were read.
[[nodiscard]] std::map<std::string, std::string> aliases_of(const std::vector<Module>& modules,
                                                            const SurfaceRules& rules);

/// Reads all of a package. Throws CannotRun when the tree cannot be read, or not one of its files.
[[nodiscard]] LoadedSurface load_surface(SourceTree& tree, FactsStore& store,
                                         const SurfaceRules& rules);

/// Reads what is needed to tell what the names are wherever they are defined, and what they mean at
/// the top of the package: the files that mention one after `def` or `class` or before `=`, and
/// those on the way of their re-exports. `names` are "function" or "Class.method". Throws likewise.
[[nodiscard]] LoadedSurface load_surface_of(const std::vector<std::string>& names, SourceTree& tree,
                                            FactsStore& store, const SurfaceRules& rules);

}  // namespace fusegate::probe
