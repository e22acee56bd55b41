#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/sources/facts_store.hpp"
#include "probe/sources/git_history.hpp"
#include "probe/surface/rules.hpp"

namespace fusegate::probe {

/// Consecutive releases in which a symbol stayed as it was, however it was spelt (spelling.hpp).
struct TimelineRange {
  std::string first;  ///< tags
  std::string last;
  std::string signature;   ///< as the last spells it; of a class, of what makes an instance; of a
                           ///< constant, "= value"
  std::string binding;     ///< generation of the compiled function behind it; empty: none
  std::string defined_in;  ///< dotted module

  bool operator==(const TimelineRange&) const = default;
};

struct SymbolTimeline {
  std::string name;
  std::vector<TimelineRange> ranges;  ///< by module, then in the order of the tags
};

struct Timeline {
  std::vector<std::string> tags;
  std::vector<SymbolTimeline> symbols;
  std::vector<Problem> problems;
};

/// How symbols changed over releases, whose sources are read without checking them out. `tags` are
/// in the order that ranges are to follow. A symbol is
/// - "function", "Class.method" or "CONSTANT": wherever the package defines it, and as the topmost
///   module has it, if it does;
/// - a dotted name of the package: what that means, in each release;
/// - all definitions, by their dotted names, where none is given.
/// Throws CannotRun when the repository cannot be read.
[[nodiscard]] Timeline timeline_of(GitHistory& history, const std::vector<GitTag>& tags,
                                   const std::vector<std::string>& symbols,
                                   const SurfaceRules& rules, FactsStore& store);

/// {repository, tags[], symbols[]{name, ranges[]{first, last, signature, binding, defined_in}},
/// problems[]}
[[nodiscard]] nlohmann::ordered_json to_json(const Timeline& timeline,
                                             const std::string& repository);

}  // namespace fusegate::probe
