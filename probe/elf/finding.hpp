#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::probe {

/// What may be wrong with the compiled modules of a library.
enum class FindingKind {
  binding_mismatch,    ///< Python would call the module in another way than it is made for
  missing_gpu_target,  ///< it has GPU code, but none for a GPU of this machine
  older_than_source,   ///< a source changed after it was built
  two_hip_runtimes,    ///< modules need different copies of the HIP runtime
  missing_symbol,      ///< it lacks a declared function
  unknown_argument,    ///< a declared function takes a parameter whose name it does not hold
  undefined_symbol,    ///< no library that it needs has a symbol that it needs
  library_not_found,   ///< a library that it needs is not there or cannot be used
  wrong_machine,       ///< it is for another machine
  unreadable,          ///< it cannot be read as a shared library
};

/// "binding_mismatch", ...
[[nodiscard]] std::string_view name_of(FindingKind kind);

/// Something that does not fit together, and what tells so. All texts are fit to be shown.
struct BinaryFinding {
  FindingKind kind = FindingKind::unreadable;
  std::string module;  ///< its declared name, or its file
  std::string what;    ///< one sentence
  std::vector<std::string> evidence;
  std::string fix;  ///< one sentence

  bool operator==(const BinaryFinding&) const = default;
};

/// {kind, module, what, evidence[], fix}
[[nodiscard]] nlohmann::ordered_json to_json(const BinaryFinding& finding);
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<BinaryFinding>& findings);

}  // namespace fusegate::probe
