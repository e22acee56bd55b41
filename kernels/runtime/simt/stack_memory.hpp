#pragma once

#include <cstddef>

namespace fusegate::simt {

/// Memory for the stacks of a block's threads, kept from block to block: fresh pages cost more than
/// the blocks of most kernels.
///
/// A guard page for each stack would be more mappings than Linux gives a process (80 resident
/// blocks of 1024 threads). So Fiber::overflowed() looks for traces in memory that begins as zeros,
/// and the first stack has room below it that belongs to nobody, with the one guard page behind.
class StackMemory {
 public:
  StackMemory() = default;
  ~StackMemory() { release(); }
  // Owns a mapping.
  StackMemory(const StackMemory&) = delete;
  StackMemory& operator=(const StackMemory&) = delete;

  /// Of each. Touched pages count; sanitizers need room.
  static constexpr std::size_t stack_bytes = std::size_t{128} << 10;

  /// From one stack to the next. Not a power of two: the same places of all stacks would share one
  /// set of the CPU's caches.
  static constexpr std::size_t pitch = stack_bytes + 64;

  /// `count` stacks side by side. Throws std::system_error.
  std::byte* get(std::size_t count);

  /// Gives all back, so that the next stacks begin as zeros. For one who no longer uses any.
  void release();

 private:
  std::byte* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace fusegate::simt
