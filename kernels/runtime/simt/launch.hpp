#pragma once

#include <hip/hip_runtime.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "kernels/runtime/simt/run_block.hpp"

namespace fusegate::simt {

/// OS threads for blocks, made when they are needed and kept. Never joined: one may be inside a
/// kernel that does not end.
class ThreadPool {
 public:
  void run(std::function<void()> job);

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable work_;
  std::list<std::function<void()>> jobs_;
  std::size_t idle_ = 0;
};

struct LaunchSettings {
  std::string kernel;
  dim3 grid, block;
  std::size_t dynamic_shared_bytes = 0;
  std::function<void()> body;
  int warp_size = 64;
  std::uint64_t seed = 0;
  double hang_seconds = 10;
  double block_seconds = 30;
  unsigned threads = 1;           ///< OS threads to begin with
  unsigned resident_blocks = 80;  ///< and at most, while blocks wait for others
};

/// A kernel launch under way. Held by shared_ptr: a thread that hangs in it outlives its waiter.
class Launch : public std::enable_shared_from_this<Launch> {
 public:
  Launch(LaunchSettings settings, ThreadPool& pool);

  /// Runs all blocks, on this thread and others; returns when they have ended or one had a fault.
  void run();

  /// The fault that stopped it, if one did; to the first who asks. One that hangs on its stream's
  /// own thread is reported by its waiter, and that thread must not report it again much later.
  [[nodiscard]] std::optional<Fault> take_fault();

  /// For the one who waits: looks whether a thread has been inside the kernel, without letting any
  /// other run, for longer than allowed; then stops the launch.
  void check_for_hang();

 private:
  /// What watching one OS thread needs.
  struct Worker {
    Heartbeat heartbeat;
    std::uint64_t seen = 0;
    std::chrono::steady_clock::time_point since;
  };

  void work();
  void take_blocks();
  void add_worker();
  /// More workers where blocks that are not resident yet may be what the resident ones wait for.
  void add_worker_if_blocks_wait();
  void stop(const Fault& fault);
  [[nodiscard]] BlockTask task_for(std::uint64_t position, Worker& worker, StackMemory& stacks);

  const LaunchSettings settings_;
  const std::uint64_t blocks_;
  ThreadPool& pool_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable ended_;
  std::uint64_t finished_ = 0;  ///< blocks; with mutex_
  std::list<Worker> workers_;   ///< with mutex_
  std::optional<Fault> fault_;  ///< with mutex_
  bool fault_taken_ = false;    ///< with mutex_
};

}  // namespace fusegate::simt
