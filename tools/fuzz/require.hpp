#pragma once

#include <cstdio>
#include <cstdlib>

namespace fusegate {

/// Ends the program, as a finding, where a property does not hold.
inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}

}  // namespace fusegate
