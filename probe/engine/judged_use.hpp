#pragma once

#include <array>
#include <optional>
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
inline constexpr std::array all_consequences{Consequence::fine,          Consequence::stops_import,
                                             Consequence::fails_at_call, Consequence::misled,
                                             Consequence::off,           Consequence::conditional};
[[nodiscard]] const char* name_of(Consequence consequence);

/// Whether anything breaks that no guard takes: imports that stop, calls that fail or mean
/// something else.
[[nodiscard]] constexpr bool breaks(Consequence consequence) {
  return consequence == Consequence::stops_import || consequence == Consequence::fails_at_call ||
         consequence == Consequence::misled;
}

/// A use, what the library offers for it, and what follows.
struct JudgedUse {
  std::string id;  ///< names the use in documents and lists (check_engine gives it)
  Use use;
  Resolution resolution;
  Consequence consequence = Consequence::fine;
  std::string detail;             ///< the resolution's, and what decided the consequence
  std::vector<std::string> open;  ///< of conditional: what was not known
};

[[nodiscard]] inline bool breaks(const JudgedUse& judged) {
  return breaks(judged.consequence);
}

/// Whether the library does not offer what the use needs.
[[nodiscard]] inline bool is_broken(UseStatus status) {
  return status == UseStatus::missing || status == UseStatus::moved ||
         status == UseStatus::mismatch;
}

/// What a broken use does when it is reached.
enum class Breakage {
  none,           ///< it is not broken
  answers_no,     ///< a probe
  gives_default,  ///< getattr had a default
  raises,
  means_else,  ///< the call succeeds, but an argument reaches another parameter
  perhaps      ///< only names speak for it: it may be meant so
};
[[nodiscard]] Breakage breakage_of(const JudgedUse& judged);

/// With which exception a use fails; nothing: with none.
[[nodiscard]] std::optional<Failure> failure_of(const JudgedUse& judged);

/// The tries in whose bodies a use happens, innermost first.
[[nodiscard]] std::vector<const EngineCondition*> tries_around(const JudgedUse& judged);

/// Where a use's exception goes.
struct Ending {
  std::vector<const EngineCondition*> left;   ///< tries whose bodies it ends, innermost first
  const EngineCondition* taken_by = nullptr;  ///< the last of these, if a handler of it takes it
};
[[nodiscard]] Ending ending_of(const JudgedUse& judged);

}  // namespace fusegate::probe
