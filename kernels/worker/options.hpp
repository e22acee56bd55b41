#pragma once

#include <cstdint>
#include <string>

namespace fusegate::kernels {

// Values of a worker's command line. Each throws std::invalid_argument that says what was wanted.

/// From `least` to `most`, and nothing behind the number.
[[nodiscard]] std::int64_t whole_number(const std::string& text, std::int64_t least,
                                        std::int64_t most);

/// Above 0 and finite.
[[nodiscard]] double positive_number(const std::string& text);

}  // namespace fusegate::kernels
