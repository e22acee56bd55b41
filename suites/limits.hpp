// What a library says that it does not take, by the limits of its contract.
#pragma once

#include <string>

#include "probe/generation/entry_contract.hpp"
#include "suites/image.hpp"

namespace fusegate::suites {

/// Why an entry point's own checks do not let a case through, as far as the limits have them;
/// empty: it takes the case.
[[nodiscard]] std::string objection(const probe::Limits& limits, const Image& image);

}  // namespace fusegate::suites
