#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/engine/call_check.hpp"
#include "probe/engine/sources/engine_names.hpp"

namespace fusegate::probe {

/// What is around something that an engine does, outermost first, each with the scope in which its
/// test is to be understood.
struct Guard {
  const EngineCondition* condition = nullptr;  ///< of the module's facts
  int scope = 0;
};

/// A question about a library that an engine asks in its code.
struct UseProbe {
  enum class Way {
    has_attribute,  ///< hasattr, getattr with a default
    has_module,     ///< find_spec
    has_parameter,  ///< inspect.signature
    try_import      ///< an import whose failure is caught
  };
  Way way = Way::has_attribute;
  std::string attribute;  ///< that is asked for
};

/// A use of a library in an engine's sources.
struct Use {
  enum class Kind { import, attribute, call, probe };
  Kind kind = Kind::import;
  const EngineModule* module = nullptr;
  int line = 0;
  int scope = 0;
  std::string function;  ///< around it; empty: the module's own statements
  std::string symbol;    ///< "aiter.ops.rmsnorm.rms_norm"
  std::string name;      ///< as it is written there; empty: an import, or a question
  /// The symbol is an attribute of an instance of this class of the library.
  std::string instance_of;
  bool is_module = false;    ///< of `import a.b`: the symbol can only be a module
  bool at_import = false;    ///< it happens when the module is imported
  bool is_optional = false;  ///< getattr with a default gave what is used
  std::vector<Guard> guards;
  std::optional<CallArguments> call;
  std::optional<UseProbe> probe;
  ResultUse result;
  /// The import or assignment that bound the name which is used: event of its module; -1: none.
  const EngineModule* bound_in = nullptr;
  int bound_by = -1;
  /// Assignments by which the name got it from there.
  std::vector<std::pair<const EngineModule*, int>> through;
};
[[nodiscard]] const char* name_of(Use::Kind kind);

/// "path/of/engine.py:12"
[[nodiscard]] std::string place_of(const Use& use);

/// What is around an event, from the module's top down to it.
[[nodiscard]] std::vector<Guard> guards_of(const EngineFacts& facts, const EngineEvent& event);

/// "if _use_aiter, try (ImportError)"; empty: nothing is around it.
[[nodiscard]] std::string text_of(const std::vector<Guard>& guards);

/// Whether an event happens when its module is imported: no function is around it.
[[nodiscard]] bool is_at_import(const EngineFacts& facts, int scope);

/// Every use of a tracked library in one module, in the order of its source.
[[nodiscard]] std::vector<Use> uses_in(const EngineModule& module, EngineNames& names);

}  // namespace fusegate::probe
