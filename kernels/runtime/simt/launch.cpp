#include "kernels/runtime/simt/launch.hpp"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "kernels/runtime/simt/schedule.hpp"

namespace fusegate::simt {

using Clock = std::chrono::steady_clock;

void ThreadPool::run(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
  if (idle_ >= jobs_.size()) {
    work_.notify_one();
  } else {
    std::thread([this] { serve(); }).detach();
  }
}

void ThreadPool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    work_.wait(lock, [this] { return !jobs_.empty(); });
    --idle_;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it holds goes before the wait, not after it
    lock.lock();
  }
}

Launch::Launch(LaunchSettings settings, ThreadPool& pool)
    : settings_(std::move(settings)),
      blocks_(std::uint64_t{settings_.grid.x} * settings_.grid.y * settings_.grid.z),
      pool_(pool) {}

void Launch::run() {
  try {
    const auto helpers = std::min<std::uint64_t>(std::max(settings_.threads, 1u), blocks_) - 1;
    for (std::uint64_t i = 0; i < helpers; ++i) add_worker();
  } catch (const std::exception& error) {
    stop(fault_of(error, settings_.kernel));
  }
  work();
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return finished_ == blocks_ || fault_.has_value(); });
}

void Launch::add_worker() {
  pool_.run([self = shared_from_this()] { self->work(); });
}

void Launch::add_worker_if_blocks_wait() {
  bool add = false;
  {
    const std::lock_guard lock(mutex_);
    add = next_.load() < blocks_ && workers_.size() < settings_.resident_blocks;
  }
  if (add) add_worker();
}

/// On an OS thread of its own: whatever goes wrong must end the kernel, not the process.
void Launch::work() {
  try {
    take_blocks();
  } catch (const std::exception& error) {
    stop(fault_of(error, settings_.kernel));
  }
}

void Launch::take_blocks() {
  thread_local StackMemory stacks;
  Worker* worker = nullptr;
  {
    const std::lock_guard lock(mutex_);
    worker = &workers_.emplace_back();
    worker->since = Clock::now();
  }
  while (!stop_.load()) {
    const std::uint64_t position = next_.fetch_add(1);
    if (position >= blocks_) return;
    if (const auto fault = run_block(task_for(position, *worker, stacks))) stop(*fault);
    const std::lock_guard lock(mutex_);
    if (++finished_ == blocks_) ended_.notify_all();
  }
}

BlockTask Launch::task_for(std::uint64_t position, Worker& worker, StackMemory& stacks) {
  return {.body = &settings_.body,
          .kernel = settings_.kernel.c_str(),
          .grid = settings_.grid,
          .extent = settings_.block,
          .index = block_at(position, blocks_, settings_.seed),
          .dynamic_shared_bytes = settings_.dynamic_shared_bytes,
          .warp_size = settings_.warp_size,
          .seed = settings_.seed,
          .hang_seconds = settings_.hang_seconds,
          .block_seconds = settings_.block_seconds,
          .stop = &stop_,
          .on_only_spins = [this] { add_worker_if_blocks_wait(); },
          .heartbeat = &worker.heartbeat,
          .stacks = &stacks};
}

void Launch::stop(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  if (!fault_) fault_ = fault;
  stop_ = true;
  ended_.notify_all();
}

std::optional<Fault> Launch::take_fault() {
  const std::lock_guard lock(mutex_);
  if (!fault_ || std::exchange(fault_taken_, true)) return std::nullopt;
  return fault_;
}

void Launch::check_for_hang() {
  std::optional<Fault> fault;
  {
    const std::lock_guard lock(mutex_);
    if (fault_) return;
    const auto now = Clock::now();
    for (Worker& worker : workers_) {
      const Heartbeat& beat = worker.heartbeat;
      const auto resumes = beat.resumes.load();
      if (!beat.running.load() || resumes != worker.seen) {
        worker.seen = resumes;
        worker.since = now;
        continue;
      }
      if (now - worker.since < std::chrono::duration<double>(settings_.hang_seconds)) continue;
      const char* file = beat.file.load();
      const auto since = file != nullptr ? fmt::format("it passed {}:{}", file, beat.line.load())
                                         : std::string("it began");
      fault = Fault{hipErrorLaunchTimeOut,
                    fmt::format("hang: thread {} of block {} has neither ended nor waited for {} s "
                                "since {} (kernel {})",
                                beat.thread.load(), beat.block.load(), settings_.hang_seconds,
                                since, settings_.kernel)};
    }
  }
  if (fault) stop(*fault);
}

}  // namespace fusegate::simt
