// The versions of a library that are laid side by side, as a person writes them down.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/fusegate/options.hpp"

namespace fusegate::tools {

/// One column of the table.
struct MatrixVersion {
  std::string name;      ///< also of its folder
  std::string library;   ///< [NAME=]PATH or NAME; empty: what the environment has
  std::string revision;  ///< of the git repository that `library` is; empty: as it lies there
  std::string python;    ///< the interpreter
  CaseOptions cases;     ///< without the library
};

struct MatrixFile {
  std::filesystem::path path;
  std::vector<std::string> lines;  ///< cases; empty: those of the suite
  std::string baseline;            ///< the version whose failures are known; empty: none
  std::vector<MatrixVersion> versions;
};

/// Reads it. Paths in it are relative to its folder. `python` is the interpreter where the file
/// names none. Throws CannotRun for a file that cannot be read, and UsageError with the line for
/// what makes no sense in it.
[[nodiscard]] MatrixFile read_matrix_file(const std::filesystem::path& path,
                                          const std::string& python);

}  // namespace fusegate::tools
