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
  std::vector<CallArgument> arguments;
  bool has_star = false;         ///< *args: an unknown number of positional ones
  bool has_double_star = false;  ///< **kwargs: unknown keywords
  /// How many names the result is unpacked to; nothing: it is not.
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
  bool is_certain =
      true;  ///< false: it may be meant so (positional_meaning_shifted by names alone)
};
[[nodiscard]] const char* name_of(CallMismatch::Kind kind);

/// Holds a call against a signature. `skip_first`: the first parameter (self) is given by the
/// attribute that is called. `earlier`: signatures that the same function had in other releases,
/// the latest first: a positional argument whose own name (its last part, as in `self.weight`) is
/// that of another parameter than the one it reaches, and which reached that one in an earlier
/// signature, is a shifted meaning; so is a positional argument that reaches another parameter than
/// in `meant`, the signature for which the caller was written, where that is known.
[[nodiscard]] std::vector<CallMismatch> check_call(const CallArguments& call,
                                                   const Signature& signature, bool skip_first,
                                                   const std::vector<Signature>& earlier,
                                                   const std::optional<Signature>& meant);

}  // namespace fusegate::probe
