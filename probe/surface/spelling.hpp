#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probe/sources/module_facts.hpp"

namespace fusegate::probe {

// Python spells the same type or number in several ways, and libraries change between them without
// changing anything. Comparisons are of one spelling; people are shown the source's.

/// An annotation in one spelling: `Optional[X]`, `Union[X, None]` and `X | None` are `X | None`;
/// `torch.Tensor` and "Tensor" in quotes are `Tensor`; `typing.List[int]` is `list[int]`. What is
/// no type expression of this kind, as `Annotated[...]`, stays as it is.
[[nodiscard]] std::string normal_annotation(std::string_view text);

/// A default or constant in one spelling: `1e-05` and `1e-5` are the same, as are 'a' and "a", and
/// 1024 * 1024 is what it is written as.
[[nodiscard]] std::string normal_value(std::string_view text);

/// All of a parameter list in one spelling.
[[nodiscard]] std::vector<Parameter> normal_parameters(std::vector<Parameter> parameters);

/// "(a, b: T = 1) -> R" in one spelling.
[[nodiscard]] std::string normal_signature(const std::vector<Parameter>& parameters,
                                           const std::optional<std::string>& returns);

}  // namespace fusegate::probe
