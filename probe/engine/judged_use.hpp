#pragma once

#include <string>
#include <vector>

#include "probe/engine/resolve_use.hpp"

namespace fusegate::probe {

/// What a use comes to on a machine of the profile.
enum class Consequence {
  fine,
  stops_import,   ///< the module that has it cannot be imported
  fails_at_call,  ///< what calls it raises
  misled,         ///< a probe says yes to, or a call reaches, something else than was meant
  off,            ///< a guard answers no, or a handler takes the failure: it is not used
  conditional     ///< it breaks where a condition holds of which the profile says nothing
};
[[nodiscard]] const char* name_of(Consequence consequence);

/// A use, what the library offers for it, and what follows.
struct JudgedUse {
  Use use;
  Resolution resolution;
  Consequence consequence = Consequence::fine;
  std::string detail;             ///< the resolution's, and what decided the consequence
  std::vector<std::string> open;  ///< of conditional: what was not known
};

/// Whether anything breaks that no guard takes: imports that stop, calls that fail or mean
/// something else.
[[nodiscard]] inline bool breaks(const JudgedUse& judged) {
  return judged.consequence == Consequence::stops_import ||
         judged.consequence == Consequence::fails_at_call ||
         judged.consequence == Consequence::misled;
}

/// Whether the library does not offer what the use needs.
[[nodiscard]] inline bool is_broken(UseStatus status) {
  return status == UseStatus::missing || status == UseStatus::moved ||
         status == UseStatus::mismatch;
}

}  // namespace fusegate::probe
