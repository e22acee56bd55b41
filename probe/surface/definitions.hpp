#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/surface/load.hpp"
#include "probe/surface/rules.hpp"
#include "probe/surface/symbols.hpp"

namespace fusegate::probe {

/// How a definition looks to a caller, in texts that can be compared.
struct Appearance {
  std::string normal;     ///< the signature in one spelling (spelling.hpp): what is compared
  std::string signature;  ///< as the source has it; "class(...)", "enum {A=0}", "= value"
  std::string binding;    ///< generation of the compiled function behind it; empty: none

  auto operator<=>(const Appearance&) const = default;
  [[nodiscard]] bool means_same(const Appearance& other) const {
    return normal == other.normal && binding == other.binding;
  }
};

/// A definition of a module's own: a function, class or constant, or a member of its classes.
struct Definition {
  std::string name;  ///< within the module: "function", "Class.method"
  Meaning meaning;
  Appearance appearance;
};

[[nodiscard]] Appearance appearance_of(const Meaning& meaning, Surface& surface,
                                       const SurfaceRules& rules);
/// Of an enumeration whose values a C++ header has.
[[nodiscard]] Appearance appearance_of(const CppEnum& values);

/// What a module defines, by name; of several alternatives, the first.
[[nodiscard]] std::vector<Definition> definitions_of(const Module& module, Surface& surface,
                                                     const SurfaceRules& rules);

/// A fingerprint of how the modules' definitions look: the same after a change of formatting,
/// comments or the bodies of functions.
[[nodiscard]] std::string fingerprint_of(const std::vector<const Module*>& modules,
                                         LoadedSurface& loaded, const SurfaceRules& rules);

}  // namespace fusegate::probe
