#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "probe/sources/problem.hpp"

namespace fusegate::probe {

/// The largest Python file that is read; the largest ones known have some 1.5 MB.
inline constexpr std::uintmax_t python_file_limit = 16u << 20;

/// The Python files of a package.
struct PackageFiles {
  std::filesystem::path root;      ///< the folder that holds the package
  std::vector<std::string> names;  ///< below the root, separated by /, sorted
  std::vector<Problem> problems;
};

/// All .py files below `root/package`, without those below `ignored` (paths below the package).
/// Links are followed as Python follows them, each folder once, so that a loop ends; the number of
/// files and the depth are bounded.
[[nodiscard]] PackageFiles list_python_files(const std::filesystem::path& root,
                                             const std::string& package,
                                             const std::vector<std::string>& ignored);

}  // namespace fusegate::probe
