#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/engine/judged_use.hpp"
#include "probe/engine/sources/engine_tree.hpp"

namespace fusegate::probe {

/// A place from which a function may be called: its name stands there, in a module that imports the
/// function's, or its own.
struct Caller {
  std::string file;
  int line = 0;
  std::string function;  ///< "Class.method" around it; empty: the module
  std::string of;        ///< the name that stands there
  int distance = 1;      ///< calls away from the use
};

/// Which passes, layers and ops may reach a use that happens when its function is called, nearest
/// first: by name, through methods, through classes for what is called by convention (`forward`,
/// `__init__`), and through operators that are registered under a name. By name alone, so one that
/// shares a name may be among them; at most `caller_limit`.
[[nodiscard]] std::vector<Caller> callers_of(const Use& use, const EngineTree& tree,
                                             SourceTree& files);
inline constexpr std::size_t caller_limit = 24;

/// {where, function, of, distance}
[[nodiscard]] nlohmann::ordered_json to_json(const Caller& caller);

}  // namespace fusegate::probe
