#pragma once

#include <optional>
#include <vector>

#include "probe/generation/match.hpp"

namespace fusegate::probe {

/// Whether a feature is there; nothing where the library at hand cannot tell, as when the file that
/// shows it was not shipped.
[[nodiscard]] std::optional<bool> has_feature(const Feature& feature, const Subject& subject);

/// The contract's defects that the library has or may have, for the generation that was found
/// (none: an unknown one).
[[nodiscard]] std::vector<FoundDefect> find_defects(const EntryContract& contract,
                                                    const Generation* found,
                                                    const Subject& subject);

}  // namespace fusegate::probe
