#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace fusegate::probe {

/// Where a character stands outside of brackets and quotes, from `begin` on; npos: nowhere.
[[nodiscard]] std::size_t find_outside(std::string_view text, char wanted, std::size_t begin = 0);

/// The trimmed pieces between separators that stand outside of brackets and quotes.
[[nodiscard]] std::vector<std::string_view> split_outside(std::string_view text, char separator);

}  // namespace fusegate::probe
