#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fusegate::probe {

/// By what means Python calls a module.
enum class ForeignInterface { pybind, ctypes };

/// What tensors Python passes to a module's functions.
enum class PassedTensors {
  none,   ///< or it is not known that it passes any: any binding serves
  torch,  ///< torch's
  own     ///< the library's own
};

/// A function that the Python side says a module has.
struct DeclaredFunction {
  std::string symbol;
  std::vector<std::string> parameters;  ///< in order; those that Python adds itself left out
};

/// What the Python side of a library says of one of its modules. One whose functions are called in
/// different ways has one of these for each way.
struct DeclaredModule {
  std::string name;
  std::filesystem::path file;  ///< where it is expected
  ForeignInterface ffi = ForeignInterface::pybind;
  PassedTensors tensors = PassedTensors::torch;  ///< pybind: of ctypes it tells nothing
  std::vector<DeclaredFunction> functions;
  /// What it is built from on this machine. To be left empty where an installer wrote the module:
  /// then its time is that of the installation.
  std::vector<std::filesystem::path> sources;
};

}  // namespace fusegate::probe
