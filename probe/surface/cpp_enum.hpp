#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fusegate::probe {

/// The enumerators of a C++ enumeration and their values, in their order.
struct CppEnum {
  int line = 0;  ///< of the enumeration
  std::vector<std::pair<std::string, std::int64_t>> members;
};

/// The enumeration `type` in a header: `enum class T : int {...};` or `typedef enum {...} T;`.
/// Nothing where there is none, or where a value is more than an integer literal: what an
/// expression or the preprocessor would make of it is not guessed.
[[nodiscard]] std::optional<CppEnum> find_cpp_enum(std::string_view header, std::string_view type);

}  // namespace fusegate::probe
