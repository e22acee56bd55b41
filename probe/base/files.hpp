#pragma once

#include <cerrno>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "probe/base/error.hpp"

namespace fusegate {

/// Hands a file of any size to `visit` in pieces of at most 1 MiB. False when it cannot be read,
/// with the reason in errno.
[[nodiscard]] bool read_pieces(const std::filesystem::path& path,
                               const std::function<void(std::string_view)>& visit);

/// The whole file, or nothing when it cannot be read, with the reason in errno. For facts that may
/// be absent, and for what fits into memory.
[[nodiscard]] std::optional<std::string> read_text(const std::filesystem::path& path);

/// To be thrown: "cannot read PATH: No such file or directory".
[[nodiscard]] CannotRun cannot_read(const std::filesystem::path& path, int reason = errno);

/// A document that is written to a temporary name beside `path` and takes its place only when it
/// is whole, so that a reader never sees half of one. Without commit() the old file stays.
class AtomicFile {
 public:
  /// Throws CannotRun, naming the path and the system's reason, when it cannot be created.
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  // Owns a file under a temporary name.
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Throws CannotRun on a failed write, a full disk among them.
  void write(std::string_view text);
  /// Takes the place of the old file. A document is first flushed to the disk, so that it is whole
  /// even after a power failure; what can be made again need not wait for that. Throws CannotRun.
  enum class Durability { flushed, cached };
  void commit(Durability durability = Durability::flushed);

 private:
  void flush();
  [[noreturn]] void fail(std::string_view action) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::string buffer_;
  int fd_ = -1;
};

/// Writes all bytes to a descriptor, or throws std::system_error.
void write_all(int fd, std::string_view bytes);

}  // namespace fusegate
