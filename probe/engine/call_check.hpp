#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/surface/signature.hpp"

namespace fusegate::probe {

/// One argument of a call, as the caller's source has it.
struct CallArgument {
  std::string text;     ///< the expression
  std::string keyword;  ///< empty: positional
};

/// The arguments of a call.
struct CallArguments {
  std::vector<CallArgument> arguments;  ///< without positional ones behind a *args
  bool has_star = false;                ///< *args: an unknown number of positional ones
  std::size_t behind_star = 0;          ///< positional ones behind it, whose places are not known
  bool has_double_star = false;         ///< **kwargs: unknown keywords
  /// How many names the result is unpacked to; nothing: it is not, or to an unknown number.
  std::optional<int> unpacked;
};

/// What is wrong with a call.
struct CallMismatch {
  enum class Kind {
    missing_required,
    unknown_keyword,
    too_many_positional,
    given_twice,
    positional_meaning_shifted,
    return_arity
  };
  Kind kind = Kind::missing_required;
  std::string parameter;  ///< or keyword
  std::string detail;     ///< a sentence: what is passed, what the parameter is
  /// false: the call may be meant so: a shift that is told by names alone or in which the reached
  /// parameter's default is passed, a tensor that is unpacked along its first dimension
  bool is_certain = true;
};
[[nodiscard]] const char* name_of(CallMismatch::Kind kind);

/// Holds a call against a signature. `skip_first`: the first parameter (self) is given by the
/// attribute that is called. `earlier`: signatures that the same function had in other releases,
/// the latest first: a positional argument whose own name (its last part, as in `self.weight`)
/// reached the parameter of that name in an earlier signature and reaches another one now is a
/// shifted meaning; so is a positional argument that reaches another parameter than in `meant`, the
/// signature for which the caller was written, where that is known. A parameter that was renamed in
/// its place is no shift.
[[nodiscard]] std::vector<CallMismatch> check_call(const CallArguments& call,
                                                   const Signature& signature, bool skip_first,
                                                   const std::vector<Signature>& earlier,
                                                   const std::optional<Signature>& meant);

}  // namespace fusegate::probe
