// A library's own functions as implementations: which of them a case calls, and how.
#pragma once

#include <string>

#include "probe/library/identify.hpp"
#include "suites/implementation.hpp"

namespace fusegate::suites {

/// How a Python environment is used.
struct PythonUse {
  std::string python;          ///< the interpreter
  bool interpret = false;      ///< Triton kernels without a GPU
  bool beyond_limits = false;  ///< calls also what the library says it does not take
  std::string cache;           ///< a folder for what is compiled on the way
};

/// `chosen` of `contract`, with the library that was found: for each op the first of its contracts
/// that the library has in a known generation with an adapter. An op without one is unsupported,
/// with the reason; nothing of an unknown generation is called.
[[nodiscard]] Implementation library_implementation(const probe::LibraryImplementation& chosen,
                                                    const probe::LibraryContract& contract,
                                                    const probe::Identification& found,
                                                    const PythonUse& use);

/// The ops in PyTorch's own operations, as they come or compiled by it.
[[nodiscard]] Implementation torch_implementation(bool is_compiled, const PythonUse& use);

}  // namespace fusegate::suites
