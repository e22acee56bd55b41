#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace fusegate::simt {

/// The machine that the runtime pretends to be.
struct Config {
  int devices = 1;
  int warp_size = 64;                               ///< 32 or 64
  std::size_t memory_bytes = std::size_t{8} << 30;  ///< a device's; allocating more fails
  int resident_blocks = 80;  ///< blocks of one launch that may wait for each other
  int threads = 0;           ///< OS threads that run blocks; 0: one for each core
  double hang_seconds = 10;  ///< a kernel that makes no progress for so long hangs
  /// A block whose threads take a million turns and more for so long, and none of which ends,
  /// hangs.
  double block_seconds = 30;
};

/// Sets the machine up anew, when all work that is under way has ended; its memory is gone then.
/// Throws std::invalid_argument for a configuration that cannot be.
void configure(const Config& config);

/// Schedules of later launches: 0 runs blocks, warps and lanes in their order, any other value in
/// orders drawn from it. Inside a block the same seed gives the same order; how far blocks get
/// beside each other is the operating system's matter as well.
void set_schedule_seed(std::uint64_t seed);

/// What the kernel that brought the device down did and where, or "" when none did.
[[nodiscard]] std::string fault_text();

/// Forgets a fault, for tests that plant several. Threads that still hang in a kernel go on.
void reset_after_fault();

}  // namespace fusegate::simt
