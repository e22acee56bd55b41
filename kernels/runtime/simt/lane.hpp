#pragma once

#include <hip/hip_runtime.h>

#include <cstdint>
#include <span>
#include <string>

#include "kernels/runtime/simt/fiber.hpp"

namespace fusegate::simt {

/// A place in a kernel where a thread waits.
struct Site {
  const char* file = nullptr;
  int line = 0;
  const void* address = nullptr;  ///< of the call in the kernel: tells inlined copies apart
};

/// "file:line".
[[nodiscard]] std::string text(const Site& site);

enum class State : std::uint8_t { ready, spinning, exchanging, at_barrier, ended };

class Block;

/// One GPU thread.
struct Lane {
  Fiber fiber;
  Block* block = nullptr;
  uint3 index{};
  unsigned thread = 0;  ///< its number in the block
  int number = 0;       ///< in its warp
  State state = State::ready;
  Site site;               ///< where it waits or last waited
  std::uint64_t bits = 0;  ///< given to, then received from, an exchange
  int source = 0;
};

/// "32 of 64 threads wait at the barrier at file:line, 32 have ended".
[[nodiscard]] std::string describe(std::span<const Lane> lanes);

/// What became of a warp's shuffle.
struct Exchange {
  bool done = false;
  std::string defect;  ///< what the kernel did wrong; empty: nothing
};

/// Does one shuffle among the lanes of a warp, if any waits for one and none may still come to it.
[[nodiscard]] Exchange exchange_once(std::span<Lane> warp, int warp_size);

}  // namespace fusegate::simt
