// Implementations that come from a Python environment: a library's own, and PyTorch's operations.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/device/device.hpp"
#include "suites/implementation.hpp"
#include "tools/fusegate/options.hpp"

namespace fusegate::tools {

struct NamedImplementation {
  std::string name;
  std::string meaning;  ///< one line for people
};

/// All that this build knows, in the order in which they are listed.
[[nodiscard]] std::vector<NamedImplementation> environment_implementations();

/// The libraries among `names`, by their own names.
[[nodiscard]] std::vector<std::string> libraries_of(const std::vector<std::string>& names);

/// What --library gives, and the libraries that --with names without it.
[[nodiscard]] std::vector<std::string> tested_libraries(const CaseOptions& options,
                                                        const std::string& python);

struct LibraryChoice {
  suites::Implementation implementation;
  std::string note;  ///< what a person should know of the choice, or ""
};

/// The implementation of that name, from the environment of `python` or the folder that --library
/// names. A library's own name is the first of its implementations that runs on these devices.
/// nullopt: there is none of that name. Throws UsageError and CannotRun.
[[nodiscard]] std::optional<LibraryChoice> choose_from_environment(
    const std::string& name, const CaseOptions& options, const std::string& python,
    const std::vector<probe::Device>& devices);

}  // namespace fusegate::tools
