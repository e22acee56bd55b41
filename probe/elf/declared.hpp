#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fusegate::probe {

/// By what means Python calls a module.
enum class ForeignInterface { pybind, ctypes };

/// A function that the Python side says a module has.
struct DeclaredFunction {
  std::string symbol;
  std::vector<std::string> parameters;  ///< in order; those that Python adds itself left out
};

/// What the Python side of a library says of one of its modules.
struct DeclaredModule {
  std::string name;
  std::filesystem::path file;  ///< where it is expected
  ForeignInterface ffi = ForeignInterface::pybind;
  bool develop = false;  ///< pybind: the functions take the library's own tensors
  std::vector<DeclaredFunction> functions;
  /// What it is built from on this machine. To be left empty where an installer wrote the files:
  /// then their times are those of the installation.
  std::vector<std::filesystem::path> sources;
};

}  // namespace fusegate::probe
