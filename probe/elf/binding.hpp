#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::probe {

struct BinaryModule;

/// How Python reaches a module's functions.
enum class BindingKind {
  unknown,
  pybind_torch,    ///< a Python extension whose functions take torch's tensors
  pybind_develop,  ///< a Python extension whose functions take the library's own tensors
  ctypes_v1,       ///< plain C functions without a channel for errors
  ctypes_v2,       ///< plain C functions that return a status
};

/// "pybind_torch", ...
[[nodiscard]] std::string name_of(BindingKind kind);

/// By what the generations of a library's bindings are told apart.
struct BindingMarkers {
  /// Parts of mangled names that only users of torch's C++ API leave undefined.
  std::vector<std::string> torch_symbols{"N2at6Tensor", "N3c10", "NK3c10", "N5torch"};
  /// What the names of torch's libraries begin with.
  std::vector<std::string> torch_libraries{"libtorch", "libc10"};
  /// Names of Python functions that every module with the library's own tensors defines.
  std::vector<std::string> develop_functions;
  /// The mangled names of the library's own tensor types ("8tensor_t").
  std::vector<std::string> develop_types;
  /// A C function that tells the version of the ctypes convention; modules before it have none.
  std::string ctypes_version_symbol;
};

/// A module's generation and what tells so.
struct ModuleBinding {
  BindingKind kind = BindingKind::unknown;
  std::vector<std::string> evidence;  ///< each a short sentence
  std::string reason;                 ///< why it is unknown, or empty
  bool is_extension = false;          ///< exports PyInit_ for its file's name
  bool uses_torch = false;
};

/// The name of the function by which Python initialises the extension in this file: PyInit_ and the
/// name up to the first dot (Python/C API, "Defining extension modules").
[[nodiscard]] std::string init_function_of(const std::filesystem::path& path);

/// The strings that classify_binding looks at: to be asked for when the module is read.
[[nodiscard]] std::vector<std::string> strings_of(const BindingMarkers& markers);

/// Tells a module's generation from its symbols, strings and needed libraries. The library's own
/// tensors weigh more than torch's: a module may use torch in some functions, or merely be linked
/// with it.
[[nodiscard]] ModuleBinding classify_binding(const BinaryModule& module,
                                             const BindingMarkers& markers);

/// {kind, evidence[], reason}; reason is null where the kind is known.
[[nodiscard]] nlohmann::ordered_json to_json(const ModuleBinding& binding);

}  // namespace fusegate::probe
