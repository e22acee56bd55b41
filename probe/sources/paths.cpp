#include "probe/sources/paths.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "probe/base/unique_fd.hpp"

namespace fusegate::probe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t entry_limit = 100'000;

std::nullopt_t nothing_for(int reason) {
  errno = reason;
  return std::nullopt;
}

}  // namespace

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end;
       !error && it != end && entries.size() < entry_limit; it.increment(error)) {
    entries.push_back(it->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::optional<std::string> read_bounded(const fs::path& path, std::uintmax_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return std::nullopt;
  if (!S_ISREG(status.st_mode)) return nothing_for(S_ISDIR(status.st_mode) ? EISDIR : EOPNOTSUPP);
  if (static_cast<std::uintmax_t>(status.st_size) > limit) return nothing_for(EFBIG);
  std::string text(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    const ssize_t n = ::read(fd.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    size += static_cast<std::size_t>(n);
    if (n == 0) break;
    // It grew meanwhile, or is one of those of /proc that claim to have no size.
    if (size > limit) return nothing_for(EFBIG);
    if (size == text.size()) text.resize(size * 2);
  }
  text.resize(size);
  return text;
}

}  // namespace fusegate::probe
