#pragma once

#include <hip/hip_runtime.h>

#include <exception>
#include <string>

namespace fusegate::simt {

/// A defect of a kernel, found while it ran, or what kept the runtime from running it.
struct Fault {
  hipError_t error = hipErrorLaunchFailure;
  std::string text;
};

/// Of an exception that the runtime met while it ran a kernel: there was no memory, or no thread.
[[nodiscard]] Fault fault_of(const std::exception& error, const std::string& kernel);

}  // namespace fusegate::simt
