// A library's C functions as an implementation: called without its Python, in a worker of ours.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "probe/library/compiled_modules.hpp"
#include "probe/library/identify.hpp"
#include "suites/implementation.hpp"

namespace fusegate::suites {

/// What surrounds the call of a compiled module.
struct CUse {
  std::filesystem::path workers;           ///< the folder of our workers
  probe::ModuleSurroundings surroundings;  ///< where modules and what they need may be
  std::vector<std::string> architectures;  ///< of the machine's GPUs: "gfx942", "sm_90"
  std::vector<std::string> vendors;        ///< of the machine's GPUs: "amd", "nvidia"
  std::string cache;                       ///< where other implementations compile
  bool beyond_limits = false;              ///< calls also what the library says it does not take
};

/// `chosen`, of interface c, with the library that was found. Its functions are those of one
/// compiled module, the first entry's; an op whose function lies elsewhere is unsupported. Which
/// worker calls them follows from the module's GPU code: one without any uses our CPU runtime.
///
/// The module's file is looked at before anything loads it. Throws CannotRun where it is not there
/// or not what the library's sources say, where it cannot be loaded here, where the machine lacks
/// its GPU or this build the worker, and where the library's release has no such functions.
[[nodiscard]] Implementation c_implementation(const probe::LibraryImplementation& chosen,
                                              const probe::LibraryContract& contract,
                                              const probe::Identification& found, const CUse& use);

}  // namespace fusegate::suites
