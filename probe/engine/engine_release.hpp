#pragma once

#include <optional>
#include <string>

#include "probe/engine/engine_location.hpp"

namespace fusegate::probe {

/// Which release an engine's sources are of, as its version file says or the metadata that pip left
/// beside it, without what stands behind a + . A checkout without either does not tell.
[[nodiscard]] std::optional<std::string> release_of(const EngineLocation& engine);

}  // namespace fusegate::probe
