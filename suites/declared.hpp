// What a library says of a case, and what it does when it is called with it all the same.
#pragma once

#include <optional>
#include <string>

#include "suites/conduct.hpp"
#include "suites/op.hpp"

namespace fusegate::suites {

[[nodiscard]] const char* conduct_name(Conduct conduct);

/// Beside each other.
struct Declared {
  std::string limit;    ///< why the library does not take the case; empty: it takes it
  std::string feature;  ///< of the case's memory, as memory_feature has it
  std::optional<Conduct> conduct;
};

/// What of a case's memory a library may not be made for, the worst of it: "no rows", "rows begin
/// off 16 bytes", "padded rows", "width off 16 bytes", "wider than 8192", or "plain".
[[nodiscard]] std::string memory_feature(const Layout& layout);

}  // namespace fusegate::suites
