#include "kernels/runtime/simt/block.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include <fmt/format.h>

namespace fusegate::simt {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr auto spin_report_interval = std::chrono::milliseconds(1);

// Fewer turns than this without a thread that ends are no endless loop, however long they take:
// they may be a slow kernel, or a machine that does other things.
constexpr std::uint64_t many_turns = std::uint64_t{1} << 20;

uint3 unflatten(std::uint64_t i, const dim3& extent) {
  return {static_cast<std::uint32_t>(i % extent.x),
          static_cast<std::uint32_t>(i / extent.x % extent.y),
          static_cast<std::uint32_t>(i / extent.x / extent.y)};
}

}  // namespace

Block::Block(const BlockTask& task_)
    : task(task_),
      index(unflatten(task_.index, task_.grid)),
      // As fresh memory of a device: not zero.
      dynamic_shared(task_.dynamic_shared_bytes, std::byte{0xff}),
      size_(std::size_t{task_.extent.x} * task_.extent.y * task_.extent.z),
      lanes_(std::make_unique<Lane[]>(size_)),
      warp_order_((size_ + static_cast<unsigned>(task_.warp_size) - 1) /
                  static_cast<unsigned>(task_.warp_size)),
      lane_order_(static_cast<unsigned>(task_.warp_size)),
      // Blocks of one launch get schedules of their own.
      shuffler_(task_.seed + task_.index * 0x9e3779b97f4a7c15u),
      left_(size_) {
  std::iota(warp_order_.begin(), warp_order_.end(), 0);
  std::iota(lane_order_.begin(), lane_order_.end(), 0);
  std::byte* memory = task.stacks->get(size_);
  for (std::size_t i = 0; i < size_; ++i) {
    Lane& lane = lanes_[i];
    lane.block = this;
    lane.index = unflatten(i, task.extent);
    lane.thread = static_cast<unsigned>(i);
    lane.number = static_cast<int>(i) % task.warp_size;
    lane.fiber.start(memory + i * StackMemory::pitch, StackMemory::stack_bytes, run_lane, &lane);
  }
}

Block::~Block() {
  annotate_acquire(&ended_);
  // They may hold what an overflow left, or frames that nobody will leave.
  if (fault_ || left_ > 0) task.stacks->release();
}

void Block::run_lane(void* argument) {
  auto& lane = *static_cast<Lane*>(argument);
  Block& block = *lane.block;
  annotate_acquire(&block.began_);
  (*block.task.body)();
  annotate_release(&block.ended_);
  lane.state = State::ended;
}

void Block::wait(State state, const Site& site) {
  Lane& lane = *current;
  lane.state = state;
  lane.site = site;
  if (state == State::at_barrier) annotate_release(&barrier_);
  annotate_release(&ended_);  // in case it is never resumed
  lane.fiber.suspend();
  if (state == State::at_barrier) annotate_acquire(&barrier_);
}

void Block::resume(Lane& lane) {
  Heartbeat& beat = *task.heartbeat;
  beat.thread.store(lane.thread, std::memory_order_relaxed);
  beat.file.store(lane.site.file, std::memory_order_relaxed);
  beat.line.store(lane.site.line, std::memory_order_relaxed);
  beat.resumes.fetch_add(1, std::memory_order_relaxed);
  current = &lane;
  lane.fiber.resume();
  ++turns_;
  if (lane.state == State::ended) {
    --left_;
    turns_ = 0;
    many_turns_since_.reset();
  }
  if (lane.fiber.overflowed()) {
    // Its neighbour's stack is no longer what it was: nobody may run on.
    set_fault(hipErrorLaunchFailure,
              fmt::format("stack overflow: thread {} used more than the {} KiB that a thread has, "
                          "before it {}",
                          lane.thread, StackMemory::stack_bytes >> 10,
                          lane.state == State::ended ? "ended" : "came to " + text(lane.site)));
  }
}

bool Block::any(State state) const {
  return std::any_of(lanes_.get(), lanes_.get() + size_,
                     [&](const Lane& lane) { return lane.state == state; });
}

std::optional<Fault> Block::run() {
  annotate_release(&began_);
  take_turns();
  return fault_;
}

void Block::take_turns() {
  while (goes_on()) {
    if (task.seed != 0) {
      shuffler_.shuffle(warp_order_);
      shuffler_.shuffle(lane_order_);
    }
    bool progress = false;
    for (const int warp : warp_order_) progress |= run_warp(static_cast<std::size_t>(warp));
    if (fault_ || left_ == 0) return;
    if (task.stop->load(std::memory_order_relaxed)) return;  // a warp may have been left halfway
    if (!any(State::spinning)) {
      open_barrier();
    } else if (progress) {
      only_spins_since_.reset();
    } else {
      wait_for_others();
    }
  }
}

/// False when the block is to be left: after a fault, in it or in another one, or when its threads
/// have done nothing but communicate for too long.
bool Block::goes_on() {
  if (turns_ >= many_turns && !fault_) {
    const auto now = Clock::now();
    if (!many_turns_since_) many_turns_since_ = now;
    if (now - *many_turns_since_ > Seconds(task.block_seconds)) {
      set_fault(hipErrorLaunchTimeOut,
                fmt::format("hang: no thread of the block has ended in {} turns and {} s: {}",
                            turns_, task.block_seconds, describe(lanes())));
    }
  }
  return !fault_ && !task.stop->load(std::memory_order_relaxed);
}

/// Runs the lanes of a warp until none can go on without the rest of the block. Returns whether one
/// did more than look at a value it waits for.
bool Block::run_warp(std::size_t number) {
  const auto warp_size = static_cast<std::size_t>(task.warp_size);
  const std::size_t first = number * warp_size;
  const auto warp = lanes().subspan(first, std::min(warp_size, size_ - first));
  bool progress = false;
  do {
    for (const int i : lane_order_) {
      if (fault_) return progress;
      if (static_cast<std::size_t>(i) >= warp.size()) continue;
      Lane& lane = warp[static_cast<std::size_t>(i)];
      if (lane.state != State::ready && lane.state != State::spinning) continue;
      const bool spun = lane.state == State::spinning;
      lane.state = State::ready;
      resume(lane);
      progress |= !spun || lane.state != State::spinning;
    }
  } while (goes_on() && exchange(warp));
  return progress;
}

bool Block::exchange(std::span<Lane> warp) {
  const Exchange result = exchange_once(warp, task.warp_size);
  if (!result.defect.empty()) set_fault(hipErrorLaunchFailure, result.defect);
  return result.done;
}

/// All threads wait, none spins: they are at a barrier or have ended.
void Block::open_barrier() {
  const auto all = lanes();
  const auto first = std::find_if(all.begin(), all.end(),
                                  [](const Lane& lane) { return lane.state == State::at_barrier; });
  const bool together = std::all_of(all.begin(), all.end(), [&](const Lane& lane) {
    return lane.state == State::at_barrier && lane.site.address == first->site.address;
  });
  if (!together) {
    set_fault(hipErrorLaunchFailure, "barrier divergence: " + describe(all));
    return;
  }
  for (Lane& lane : all) lane.state = State::ready;
}

/// Lets other OS threads run while all that is left here waits for memory to change. A fault when
/// that has been in vain for too long.
void Block::wait_for_others() {
  const auto now = Clock::now();
  if (!only_spins_since_) {
    only_spins_since_ = now;
    next_spin_report_ = now + spin_report_interval;
  }
  if (now >= next_spin_report_) {
    next_spin_report_ = now + spin_report_interval;
    task.on_only_spins();
  }
  if (now - *only_spins_since_ > Seconds(task.hang_seconds)) {
    set_fault(hipErrorLaunchTimeOut,
              fmt::format("hang: no progress for {} s: {}", task.hang_seconds, describe(lanes())));
    return;
  }
  std::this_thread::yield();
}

void Block::set_fault(hipError_t error, const std::string& what) {
  fault_ = Fault{error, fmt::format("{} (kernel {}, block {} of {})", what, task.kernel, task.index,
                                    std::uint64_t{task.grid.x} * task.grid.y * task.grid.z)};
}

}  // namespace fusegate::simt
