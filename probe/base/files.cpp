#include "probe/base/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "probe/base/unique_fd.hpp"

namespace fusegate {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t smallest_piece = 4u << 10;
constexpr std::size_t largest_piece = 1u << 20;

}  // namespace

bool read_pieces(const fs::path& path, const std::function<void(std::string_view)>& visit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return false;
  std::vector<char> piece;
  for (;;) {
    // Most files are small, and there are thousands of them.
    piece.resize(piece.empty() ? smallest_piece : largest_piece);
    const ssize_t n = ::read(fd.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    // What opens may still refuse to be read: a folder, or a file of sysfs that answers EPERM.
    if (n <= 0) return n == 0;
    visit({piece.data(), static_cast<std::size_t>(n)});
  }
}

std::optional<std::string> read_text(const fs::path& path) {
  std::string text;
  if (!read_pieces(path, [&](std::string_view piece) { text += piece; })) return std::nullopt;
  return text;
}

CannotRun cannot_read(const fs::path& path, int reason) {
  return CannotRun(fmt::format("cannot read {}: {}", path.string(), std::strerror(reason)));
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category());
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

AtomicFile::AtomicFile(fs::path path)
    : path_(std::move(path)), temporary_(path_.string() + fmt::format(".{}.tmp", ::getpid())) {
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd_ < 0) fail("create");
}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= (64u << 10)) flush();
}

void AtomicFile::flush() {
  try {
    write_all(fd_, buffer_);
  } catch (const std::system_error& error) {
    errno = error.code().value();
    fail("write");
  }
  buffer_.clear();
}

void AtomicFile::commit(Durability durability) {
  flush();
  if (durability == Durability::flushed && ::fsync(fd_) != 0 && errno != EINVAL) fail("write");
  if (::close(std::exchange(fd_, -1)) != 0) fail("write");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary_.c_str());
    errno = reason;
    fail("replace");
  }
}

void AtomicFile::fail(std::string_view action) const {
  const int reason = errno;
  throw CannotRun(fmt::format("cannot {} {}: {}", action, path_.string(), std::strerror(reason)));
}

}  // namespace fusegate
