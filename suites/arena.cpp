#include "suites/arena.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "probe/base/files.hpp"

namespace fusegate::suites {
namespace {

/// What can be allocated before the kernel has to end a process for more.
std::size_t available_memory() {
  const std::string text = read_text("/proc/meminfo").value_or("");
  constexpr std::string_view name = "MemAvailable:";
  const auto line = text.find(name);
  if (line == text.npos) return std::numeric_limits<std::size_t>::max();
  return std::strtoull(text.c_str() + line + name.size(), nullptr, 10) << 10;
}

}  // namespace

Arena::Arena() : fd_(::memfd_create("fusegate-arena", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
  if (!fd_) throw std::system_error(errno, std::generic_category(), "memfd_create");
  // A worker that cut it short would have this process killed by SIGBUS.
  if (::fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    throw std::system_error(errno, std::generic_category(), "sealing a memfd");
  }
}

Arena::~Arena() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
}

std::span<std::byte> Arena::reserve(std::size_t bytes) {
  if (bytes > bytes_) {
    // Allocated now: a page that cannot be had later would be a SIGBUS. The kernel does not refuse
    // what it does not have: it goes on until it has ended some process, perhaps this one.
    if (bytes - bytes_ > available_memory()) throw std::bad_alloc();
    if (::posix_fallocate(fd_.get(), 0, static_cast<off_t>(bytes)) != 0) throw std::bad_alloc();
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
    if (memory == MAP_FAILED) {
      memory_ = nullptr;
      bytes_ = 0;
      throw std::bad_alloc();
    }
    memory_ = static_cast<std::byte*>(memory);
    bytes_ = bytes;
  }
  return {memory_, bytes};
}

}  // namespace fusegate::suites
