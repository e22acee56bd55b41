#pragma once

#include <vector>

#include "probe/surface/change.hpp"
#include "probe/surface/signature.hpp"

namespace fusegate::probe {

/// What of a parameter list's change breaks callers, and what does not. `symbol` and the places are
/// left to the caller.
[[nodiscard]] std::vector<Change> compare_signatures(const Signature& before,
                                                     const Signature& after);

}  // namespace fusegate::probe
