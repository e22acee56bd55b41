#pragma once

#include <vector>

#include "probe/surface/change.hpp"
#include "probe/surface/load.hpp"

namespace fusegate::probe {

/// Every difference between two versions of a library, by symbol. Definitions are compared once,
/// whatever the number of their names.
[[nodiscard]] std::vector<Change> compare_surfaces(LoadedSurface& before, LoadedSurface& after,
                                                   const std::vector<BindingRule>& rules);

}  // namespace fusegate::probe
