#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fusegate::probe {

/// Where the loader looks for the libraries that files need, besides the folders that the files
/// name themselves.
struct LoaderFolders {
  /// Folders whose libraries the process has loaded before the module (torch/lib, once torch is
  /// imported): a loaded library serves all who need one of its name, wherever it came from.
  std::vector<std::filesystem::path> loaded;
  std::vector<std::filesystem::path> search;    ///< LD_LIBRARY_PATH
  std::vector<std::filesystem::path> defaults;  ///< default_library_folders()
};

/// The folders that etc/ld.so.conf below `root` names, with the files that it includes, then lib64,
/// usr/lib64, lib and usr/lib (ldconfig(8), ld.so(8)). Only those that are there.
[[nodiscard]] std::vector<std::filesystem::path> default_library_folders(
    const std::filesystem::path& root = "/");

/// `folder` as a file in `origin` means it: with $ORIGIN and ${ORIGIN} filled in (ld.so(8),
/// "Dynamic string tokens"). Empty where it holds other tokens: what $LIB and $PLATFORM stand for
/// is known to the loader alone.
[[nodiscard]] std::filesystem::path expand_folder(const std::string& folder,
                                                  const std::filesystem::path& origin);

}  // namespace fusegate::probe
