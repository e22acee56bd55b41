#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::probe {

/// How a symbol differs between two versions. The first kinds are those that other API checkers
/// have, too (griffe's among them).
enum class ChangeKind {
  removed,
  moved,    ///< the same definition is in another module
  renamed,  ///< much the same definition is there under another name
  added,
  kind_changed,
  parameter_added_required,
  parameter_added_optional,
  parameter_removed,
  parameter_renamed,
  parameter_moved,
  parameter_kind_changed,
  parameter_default_changed,
  parameter_made_required,
  parameter_type_changed,
  return_changed,
  value_changed,
  base_removed,
  binding_changed,
  condition_changed,
  /// A positional call stays valid and gives its arguments to other parameters.
  positional_meaning_shifted,
  /// The name is there before and after, and is not the same function.
  same_name_different_function
};
[[nodiscard]] const char* name_of(ChangeKind kind);

/// One difference.
struct Change {
  std::string symbol;  ///< the name by which most reach it
  ChangeKind kind = ChangeKind::removed;
  std::string before;  ///< empty: nothing was there
  std::string after;
  std::vector<std::string> breaks;  ///< import, positional, keyword, call, value; none: nobody
  std::string reason;
  std::string where_before;  ///< file:line
  std::string where_after;
  std::vector<std::string> also;  ///< further names of the same
};

/// One whose symbol and places the caller fills in.
[[nodiscard]] Change change_of(ChangeKind kind, std::string before, std::string after,
                               std::vector<std::string> breaks, std::string reason);

/// {symbol, kind, before, after, breaking, breaks[], reason, where{before, after}, also[]}
[[nodiscard]] nlohmann::ordered_json to_json(const Change& change);

}  // namespace fusegate::probe
