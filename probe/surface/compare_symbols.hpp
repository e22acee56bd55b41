#pragma once

#include <vector>

#include "probe/surface/change.hpp"
#include "probe/surface/load.hpp"
#include "probe/surface/symbols.hpp"

namespace fusegate::probe {

/// What differs between two definitions of the same kind: signatures and what is bound, the making
/// and the bases of classes, the members of enums, the values of constants. Symbols, places and
/// further names are left empty.
[[nodiscard]] std::vector<Change> compare_symbols(const Symbol& before, LoadedSurface& before_in,
                                                  const Symbol& after, LoadedSurface& after_in,
                                                  const std::vector<BindingRule>& rules);

}  // namespace fusegate::probe
