#pragma once

#include <filesystem>
#include <ios>
#include <optional>
#include <string>

#include "probe/base/files.hpp"

namespace fusegate::probe {

/// The whole of a file of sysfs or procfs, or nothing. Such a file may open and still refuse to be
/// read (EPERM for a GPU that a container was not given), which streams report by an exception.
[[nodiscard]] inline std::optional<std::string> read_fact(const std::filesystem::path& path) {
  try {
    return read_text(path);
  } catch (const std::ios_base::failure&) {
    return std::nullopt;
  }
}

}  // namespace fusegate::probe
