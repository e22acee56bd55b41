#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "probe/engine/sources/engine_tree.hpp"
#include "probe/engine/sources/name_index.hpp"

namespace fusegate::probe {

/// What a name of an engine may stand for.
struct Origin {
  enum class Kind {
    library,     ///< `dotted` is a name of a tracked library
    module,      ///< `dotted` is a module of the engine
    definition,  ///< a function or class of the engine: `scope` of `module`
    expression,  ///< bound to `value`, which is none of these
    local,       ///< a parameter, or what a loop or `with` binds: known at run time only
    unknown
  };
  Kind kind = Kind::unknown;
  std::string dotted;
  /// Of library: it is a result of calling this name (an instance of the class `dotted` up to
  /// here), and what follows are its attributes; empty: it is the name itself.
  std::string instance_of;
  /// `getattr(lib, "name", default)` gave it: it may be the default.
  bool is_probed = false;
  /// functools.partial(f, ...) gave it: how many positional arguments and which keywords stand
  /// there already.
  std::size_t bound_positional = 0;
  std::vector<std::string> bound_keywords;
  const EngineModule* module = nullptr;  ///< that binds it
  int scope = 0;                         ///< in which it is bound
  int event = -1;                        ///< that binds it, in module->facts
  const Expression* value = nullptr;
  /// Assignments by which the name got it from another name, the nearest last.
  std::vector<std::pair<const EngineModule*, int>> through;
};

/// Whether a function sets a module's name by `global`: at a time that sources do not tell.
[[nodiscard]] bool is_set_at_run_time(const Origin& origin);

/// Resolves names in the modules of an engine, by Python's rules of scope, through imports within
/// the engine. Not for several threads at once.
class EngineNames {
 public:
  EngineNames(const EngineTree& tree, std::set<std::string> tracked)
      : tree_(tree), tracked_(std::move(tracked)) {}

  /// What a plain or dotted name may mean where `scope` of `module` uses it: each binding of its
  /// root that the scope sees, in the order of the source.
  [[nodiscard]] std::vector<Origin> origins(const EngineModule& module, int scope,
                                            const std::string& dotted);

  /// What a dotted name is called where its first name is only another one for something else:
  /// "current_platform.is_cuda" for "p.is_cuda" behind `p = current_platform`. With the scope in
  /// which that name is meant; nothing where it is not bound so, or several times.
  [[nodiscard]] std::optional<std::pair<std::string, int>> unaliased(const EngineModule& module,
                                                                     int scope,
                                                                     const std::string& dotted);
  /// The scopes of the functions that a class has under a name, itself or by its bases within the
  /// engine: of the nearest class that has any.
  [[nodiscard]] std::vector<Origin> methods(const EngineModule& module, int owner,
                                            const std::string& name);

  /// Modules whose facts would have been needed so far.
  [[nodiscard]] const std::set<std::string>& wanted() const { return wanted_; }
  void forget_wanted() { wanted_.clear(); }

  /// Whether the dotted name is one of a tracked library.
  [[nodiscard]] bool is_tracked(const std::string& dotted) const;

 private:
  std::vector<Origin> resolve(const EngineModule& module, int scope, const std::string& dotted,
                              int depth);
  std::vector<Origin> of_member(const EngineModule& module, int owner, const std::string& dotted,
                                int depth, bool through_instance);
  std::vector<Origin> of_event(const EngineModule& module, int event, const std::string& rest,
                               int depth);
  std::vector<Origin> of_value(const EngineModule& module, int scope, const Expression& value,
                               const std::string& rest, int event, int depth);
  std::vector<Origin> of_call(const EngineModule& module, int scope, const Expression& call,
                              const std::string& rest, int event, int depth);
  std::vector<Origin> of_absolute(const std::string& dotted, int depth);

  const EngineTree& tree_;
  std::set<std::string> tracked_;
  std::set<std::string> wanted_;
  /// What the question that is asked has come by: names are bound to each other in circles.
  std::set<std::tuple<const EngineFacts*, int, std::string>> visited_;
};

}  // namespace fusegate::probe
