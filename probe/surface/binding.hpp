#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/surface/surface.hpp"

namespace fusegate::probe {

/// How a library marks a Python function whose body is a compiled one: a decorator and where its
/// arguments say which (contracts/library.schema.json). The function's own signature is then gone
/// at run time; only its source has it.
struct BindingRule {
  std::string decorator;        ///< the last name of the callee
  std::string symbol_keyword;   ///< the keyword with the compiled name; else the second argument,
                                ///< else the function's own name
  std::string ffi_keyword;      ///< the keyword with the kind of binding
  std::string ffi_default;      ///< without it
  std::string develop_keyword;  ///< the keyword that asks for tensors of the library's own
  /// A file of the library, or a choice, and the text by which it shows that inspect.signature sees
  /// the decorator's wrapper and not the function.
  std::vector<std::string> erasing_files;
  std::string erasing_text;
};

/// The compiled function behind a Python one.
struct Binding {
  std::string module;  ///< the compiled module; empty: not known statically
  std::string symbol;
  std::string ffi;  ///< pybind, ctypes
  bool develop = false;

  std::string decorator;  ///< that says so, without what stands before its last dot

  bool operator==(const Binding&) const = default;
  /// "pybind_torch", "pybind_develop", "ctypes"
  [[nodiscard]] std::string generation() const;
};

/// The binding of a function, where one of the rules says that it has one.
[[nodiscard]] std::optional<Binding> binding_of(const Function& function, const Module& module,
                                                Surface& surface,
                                                const std::vector<BindingRule>& rules);

}  // namespace fusegate::probe
