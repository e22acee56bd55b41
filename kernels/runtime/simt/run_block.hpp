#pragma once

#include <hip/hip_runtime.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "kernels/runtime/simt/fault.hpp"
#include "kernels/runtime/simt/stack_memory.hpp"

namespace fusegate::simt {

/// Where an OS thread is in the block it runs, for one who watches it from outside.
struct Heartbeat {
  std::atomic<std::uint64_t> resumes{0};  ///< counts on while threads take turns
  std::atomic<bool> running{false};
  std::atomic<std::uint64_t> block{0};
  std::atomic<unsigned> thread{0};
  std::atomic<const char*> file{nullptr};  ///< where that thread last waited; null: nowhere yet
  std::atomic<int> line{0};
};

/// One block of a launch.
struct BlockTask {
  const std::function<void()>* body;  ///< what each thread runs
  const char* kernel;
  dim3 grid;
  dim3 extent;  ///< threads of a block
  std::uint64_t index;
  std::size_t dynamic_shared_bytes;
  int warp_size;
  std::uint64_t seed;  ///< 0: threads in their order
  double hang_seconds;
  double block_seconds;
  const std::atomic<bool>* stop;        ///< set: leave without finishing
  std::function<void()> on_only_spins;  ///< called now and then while all that is left spins
  Heartbeat* heartbeat;
  StackMemory* stacks;
};

/// Runs a block on an OS thread of its own, so that its shared memory is its own and always begins
/// as zeros; its threads are fibers there. Returns when all have ended, with the fault that stopped
/// it if one did. Throws std::system_error when it cannot start that thread.
///
/// Threads run until they wait. Warps are lockstep only where they communicate: a shuffle is done
/// when no thread of the warp can run on; those that wait at the same place (call site in the
/// compiled kernel, lowest address first) are its active lanes. A barrier opens when every thread
/// of the block waits at the same one. What a real GPU leaves undefined is a fault here: a thread
/// that ends or waits elsewhere while others are at a barrier, a shuffle that reads a lane which is
/// not active.
std::optional<Fault> run_block(const BlockTask& task);

}  // namespace fusegate::simt
