#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "probe/library/contract.hpp"

namespace fusegate::probe {

/// Whether the folder is the contract's import package, by its markers: other packages of the same
/// name exist.
[[nodiscard]] bool is_package_of(const std::filesystem::path& folder,
                                 const LibraryContract& contract);

/// Why a folder that has the package's name is not it, as "PATH has no __init__.py: ...".
[[nodiscard]] std::string why_not_package(const std::filesystem::path& folder,
                                          const LibraryContract& contract);

/// Where an interpreter would import a package from.
struct InstalledPackage {
  std::filesystem::path package;                   ///< the package folder
  std::vector<std::filesystem::path> search_path;  ///< where the interpreter looks, in its order
};

/// Asks `python`, by the import system's own search, without importing the package. Throws
/// CannotRun, with what was searched and how to mend it, when there is none. `option` is the one
/// that takes a path instead.
[[nodiscard]] InstalledPackage find_installed(const LibraryContract& contract,
                                              const std::string& python,
                                              std::string_view option = "--library");

}  // namespace fusegate::probe
