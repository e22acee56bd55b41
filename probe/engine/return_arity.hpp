#pragma once

#include <optional>
#include <string>

#include "probe/engine/call_check.hpp"

namespace fusegate::probe {

/// What is wrong with unpacking the result of a function declared to return `annotation` to `count`
/// names. Nothing where the annotation does not tell how many there are: of classes, of Any, of
/// `tuple[X, ...]`.
[[nodiscard]] std::optional<CallMismatch> check_return_arity(const std::string& annotation,
                                                             int count);

}  // namespace fusegate::probe
