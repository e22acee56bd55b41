#pragma once

#include <string>

#include "probe/library/contract.hpp"

namespace fusegate::probe {

/// Python for an engine, which needs nothing of ours: a function `op` of the op's inputs that calls
/// whichever known generation the installed library has, told by the parameters of the function it
/// finds, and the caller's fallback where it has none. It returns the outputs, new ones each time.
/// Throws UsageError, with what there is, for an op that the implementation has no entry for, and
/// for an implementation that is not called from Python.
[[nodiscard]] std::string python_guard(const LibraryContract& contract,
                                       const LibraryImplementation& implementation,
                                       const std::string& op);

}  // namespace fusegate::probe
