#pragma once

#include <span>
#include <string_view>

namespace fusegate {

/// A data file of the repository, compiled into the program (cmake/EmbedFiles.cmake).
struct EmbeddedFile {
  std::string_view name;     ///< path below the folder it was embedded from
  std::string_view content;  ///< the file's bytes
};

/// The file called `name`, or nullptr.
inline const EmbeddedFile* find_embedded(std::span<const EmbeddedFile> files,
                                         std::string_view name) {
  for (const auto& file : files) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

}  // namespace fusegate
