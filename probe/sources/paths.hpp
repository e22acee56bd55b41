#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fusegate::probe {

// How a library's folders are looked at: without exceptions, since anything may stand there, and
// within bounds.

[[nodiscard]] bool is_there(const std::filesystem::path& path);
[[nodiscard]] bool is_file(const std::filesystem::path& path);
[[nodiscard]] bool is_folder(const std::filesystem::path& path);

/// The entries of a folder, sorted, at most 100,000; none where it cannot be listed.
[[nodiscard]] std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

/// A regular file of at most `limit` bytes, or nothing, with the reason in errno: EFBIG for a
/// larger one. Never waits on a pipe or device, whatever a library holds under a name that one
/// expects.
[[nodiscard]] std::optional<std::string> read_bounded(const std::filesystem::path& path,
                                                      std::uintmax_t limit);

}  // namespace fusegate::probe
