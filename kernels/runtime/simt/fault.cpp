#include "kernels/runtime/simt/fault.hpp"

#include <fmt/format.h>

#include "kernels/shortage.hpp"

namespace fusegate::simt {
Fault fault_of(const std::exception& error, const std::string& kernel) {
  return {is_shortage(error) ? hipErrorOutOfMemory : hipErrorLaunchFailure,
          fmt::format("the SIMT runtime could not run the kernel: {} (kernel {})", error.what(),
                      kernel)};
}

}  // namespace fusegate::simt
