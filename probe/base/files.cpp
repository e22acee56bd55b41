#include "probe/base/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <ios>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "probe/base/error.hpp"

namespace fusegate {

namespace fs = std::filesystem;

std::optional<std::string> read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  try {
    return std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  } catch (const std::ios_base::failure&) {
    // What opens may still refuse to be read: a folder, or a file of sysfs that answers EPERM.
    return std::nullopt;
  }
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
