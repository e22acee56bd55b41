#pragma once

#include <optional>
#include <string_view>

#include "probe/surface/symbols.hpp"

namespace fusegate::probe {

/// The signature that a text such as "(a, *, b: T = 1) -> R" writes down; nothing of any other
/// text. What signature_text writes is read back as it was.
[[nodiscard]] std::optional<Signature> parse_signature(std::string_view text);

}  // namespace fusegate::probe
