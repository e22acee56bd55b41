#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "probe/engine/conditions/outcome.hpp"
#include "probe/engine/sources/engine_rules.hpp"

namespace fusegate::probe {

/// "gfx942" of "gfx942:sramecc+:xnack-", "sm_90" of "sm90a"; nothing of what is no architecture.
[[nodiscard]] std::optional<std::string> parse_architecture(std::string_view text);

/// Compute capability: (9, 0) of sm_90; of AMD's (9, 4) of gfx942, as HIP says it.
[[nodiscard]] std::optional<std::pair<int, int>> capability_of(std::string_view architecture);

/// Of a term that asks for the platform; open where the architecture is not known.
[[nodiscard]] Truth holds(const PlatformTerm& term, std::string_view architecture);

/// What a rule that gives values or tests the capability answers, for a call with that first
/// argument. `text` is what is reported where it is not known.
[[nodiscard]] Outcome platform_value(const PlatformRule& rule, const std::string& architecture,
                                     const std::optional<PythonValue>& argument,
                                     const std::string& text);

}  // namespace fusegate::probe
