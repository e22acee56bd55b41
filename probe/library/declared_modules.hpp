#pragma once

#include <string>
#include <vector>

#include "probe/elf/declared.hpp"
#include "probe/surface/load.hpp"
#include "probe/surface/rules.hpp"

namespace fusegate::probe {

/// What the Python side says of each compiled module, by the library's binding rules: for each
/// module, and each way in which its functions are called, one declaration without a file. A pybind
/// function that takes no tensor can be called whatever tensors the others take, and stands with
/// them. Left out are functions of which the module, the symbol or the way is not known statically,
/// and those of which alternatives stand under different conditions. A function without a single
/// annotation stands for something else, such as an enumeration: it has no parameters here.
[[nodiscard]] std::vector<DeclaredModule> declared_modules(Surface& surface,
                                                           const SurfaceRules& rules);

}  // namespace fusegate::probe
