#include "kernels/runtime/simt/stack_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <new>
#include <system_error>

// Present only in a program that is linked with AddressSanitizer; see fiber.cpp.
extern "C" void __asan_unpoison_memory_region(const volatile void* begin, std::size_t bytes)
    __attribute__((weak));

namespace fusegate::simt {

std::byte* StackMemory::get(std::size_t count) {
  if (count >= std::numeric_limits<std::size_t>::max() / pitch) throw std::bad_alloc();
  const std::size_t bytes = count * pitch + stack_bytes;  // and the room below the first
  if (bytes > bytes_) {
    release();
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      throw std::system_error(errno, std::generic_category(), "stacks of GPU threads");
    }
    memory_ = static_cast<std::byte*>(memory);
    bytes_ = bytes;
    // What lay there before, such as another thread's stack, may have left marks of its frames.
    if (__asan_unpoison_memory_region != nullptr) __asan_unpoison_memory_region(memory, bytes);
    if (::mprotect(memory_, static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), PROT_NONE) != 0) {
      throw std::system_error(errno, std::generic_category(), "stacks of GPU threads");
    }
  }
  return memory_ + stack_bytes;
}

void StackMemory::release() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
  memory_ = nullptr;
  bytes_ = 0;
}

}  // namespace fusegate::simt
