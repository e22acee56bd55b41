#pragma once

#include <ffi.h>

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "kernels/c_abi/call_table.hpp"

namespace fusegate::kernels {

/// What an argument is before it takes the type of its parameter. An address is an integer.
using CValue = std::variant<std::int64_t, double>;

/// A C function whose prototype is known only when the program runs.
class CFunction {
 public:
  /// `returns_status`: it returns an int, else nothing.
  CFunction(void* address, std::span<const CArgument> parameters, bool returns_status);
  // libffi's description of the call points into it.
  CFunction(const CFunction&) = delete;
  CFunction& operator=(const CFunction&) = delete;

  /// Calls it, with one value for each parameter; integers for integers. Returns the status, or 0.
  /// Throws WorkerError (unsupported) for an integer that its parameter cannot hold.
  int operator()(std::span<const CValue> values) const;

 private:
  void* address_;
  std::vector<CArgument> parameters_;
  std::vector<ffi_type*> types_;
  mutable ffi_cif call_{};  ///< ffi_call takes it as not const, and does not change it
};

}  // namespace fusegate::kernels
