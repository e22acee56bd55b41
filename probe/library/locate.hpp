#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "probe/library/contract.hpp"

namespace fusegate::probe {

/// A `--library` argument: a path, the name of a library, or both. One may be empty.
struct LibraryRequest {
  std::string name;
  std::filesystem::path path;
};

/// Reads `[NAME=]PATH` or `NAME`. A word without a slash that names a library (by its distribution
/// too) is its name, even where a folder is called so: write ./NAME for that. Throws UsageError,
/// with the nearest name, for what is neither.
[[nodiscard]] LibraryRequest parse_library_argument(std::string_view argument,
                                                    const std::vector<LibraryContract>& contracts);

enum class LibraryKind { checkout, site_packages, unpacked_wheel };

/// "checkout", "site_packages", "unpacked_wheel"
[[nodiscard]] const char* name_of(LibraryKind kind);

/// Where a library is.
struct LibraryLocation {
  std::string name;            ///< the contract's
  std::filesystem::path root;  ///< the folder that holds the import package; absolute
  LibraryKind kind = LibraryKind::checkout;
  /// Further folders whose metadata may speak of it: where an interpreter looks for packages.
  std::vector<std::filesystem::path> search_path;
};

/// Finds what was asked for: at the path (a checkout, the package folder itself, a site-packages
/// or an unpacked wheel), or by asking the interpreter `python` where it would import the package
/// from. Throws UsageError for a path that holds no known library, CannotRun when the interpreter
/// has none; both say what was looked for, where, and what is near.
[[nodiscard]] LibraryLocation locate_library(const LibraryRequest& request,
                                             const std::vector<LibraryContract>& contracts,
                                             const std::string& python);

}  // namespace fusegate::probe
