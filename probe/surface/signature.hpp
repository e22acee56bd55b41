#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/surface/surface.hpp"

namespace fusegate::probe {

/// What a definition is called with, whatever its kind.
struct Signature {
  std::vector<Parameter> parameters;  ///< a method's with its self
  std::optional<std::string> returns;
  std::string text;  ///< "(a, b: T = 1) -> R"
};

/// What makes an instance of a class: __init__, else the fields of a dataclass, else __new__, its
/// own or that of its bases. Nothing where that is not known statically.
[[nodiscard]] std::optional<Signature> constructor_of(const Meaning& meaning, Surface& surface);

}  // namespace fusegate::probe
