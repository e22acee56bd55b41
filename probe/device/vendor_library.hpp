#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/device/device.hpp"
#include "probe/process/shared_library.hpp"

namespace fusegate::probe {

/// A vendor's library, as it is looked for.
struct VendorLibrary {
  std::vector<std::string> names;    ///< file names for the loader, in the order they are tried
  std::vector<std::string> folders;  ///< where the vendor installs, beyond the loader's own path
};

struct LibrarySearch {
  std::optional<SharedLibrary> library;
  bool found = false;   ///< a file of that name is there, even if it could not be loaded
  std::string path;     ///< that file
  std::string failure;  ///< when there is no library: one sentence
};

/// Where ROCm keeps its libraries: $ROCM_PATH/lib, when it is set, and /opt/rocm/lib.
[[nodiscard]] std::vector<std::string> rocm_library_folders();

/// Opens the first of the library's names that loads. A file that is there but does not load
/// (another architecture, a missing dependency) does not end the search; its reason is told when
/// nothing else loads either. The library stays loaded to the end of the process, because some
/// crash when they are unloaded.
[[nodiscard]] LibrarySearch find_vendor_library(const VendorLibrary& wanted,
                                                const SurveyOptions& options);

/// Puts what the search found into a report.
void describe_search(const LibrarySearch& search, BackendReport& report);

}  // namespace fusegate::probe
