#pragma once

#include <string>
#include <vector>

#include "probe/surface/binding.hpp"

namespace fusegate::probe {

/// A dictionary in a package's source from which its import hook gives submodules further names:
/// `package.KEY` is `package.VALUE`.
struct ImportHook {
  std::string package;
  std::string variable;
};

/// A Python name whose values a compiled module defines, and the C++ header that lists them.
struct NativeEnum {
  std::string name;                ///< dotted, where Python defines it
  std::string type;                ///< of the C++ enumeration
  std::vector<std::string> files;  ///< below the library's root; the first that is there
};

/// What a library does that its Python sources alone do not say.
struct SurfaceRules {
  std::string package;               ///< the topmost module
  std::vector<std::string> ignored;  ///< below the package's folder: written when it runs
  std::vector<BindingRule> bindings;
  std::vector<ImportHook> import_hooks;
  std::vector<NativeEnum> native_enums;
};

}  // namespace fusegate::probe
