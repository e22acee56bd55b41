#include "suites/arena.hpp"

#include <cerrno>
#include <new>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>

namespace fusegate::suites {

Arena::Arena() : fd_(::memfd_create("fusegate-arena", MFD_CLOEXEC)) {
  if (!fd_) throw std::system_error(errno, std::generic_category(), "memfd_create");
}

Arena::~Arena() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
}

std::span<std::byte> Arena::reserve(std::size_t bytes) {
  if (bytes > bytes_) {
    // Allocated now: a page that cannot be had later would be a SIGBUS.
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
