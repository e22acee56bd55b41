#include "kernels/runtime/simt/block.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <memory>
#include <numeric>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "kernels/runtime/simt/fiber.hpp"

namespace fusegate::simt {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto spin_report_interval = std::chrono::milliseconds(1);

struct Site {
  const char* file = nullptr;
  int line = 0;
  const void* address = nullptr;  ///< of the call in the kernel: tells inlined copies apart
};

std::string text(const Site& site) {
  return fmt::format("{}:{}", site.file, site.line);
}

enum class State : std::uint8_t { ready, spinning, exchanging, at_barrier, ended };

class Block;

struct Lane {
  Fiber fiber;
  Block* block = nullptr;
  uint3 index{};
  int number = 0;  ///< in its warp
  State state = State::ready;
  Site site;
  std::uint64_t bits = 0;  ///< given to, then received from, an exchange
  int source = 0;
};

/// A small generator (splitmix64), the same everywhere, unlike the standard distributions.
class Shuffler {
 public:
  explicit Shuffler(std::uint64_t seed) : state_(seed) {}

  void shuffle(std::vector<int>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[next() % i]);
  }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

uint3 unflatten(std::uint64_t i, const dim3& extent) {
  return {static_cast<std::uint32_t>(i % extent.x),
          static_cast<std::uint32_t>(i / extent.x % extent.y),
          static_cast<std::uint32_t>(i / extent.x / extent.y)};
}

class Block {
 public:
  explicit Block(const BlockTask& task);

  std::optional<Fault> run();

  void wait(State state, const Site& site);  ///< of the running lane

  const BlockTask& task;
  uint3 index;
  std::vector<std::byte> dynamic_shared;
  Lane* current = nullptr;

 private:
  static void run_lane(void* lane);
  void resume(Lane& lane);
  bool run_warp(std::size_t warp);
  bool exchange_once(std::size_t first, std::size_t last);
  [[nodiscard]] std::string why_inactive(std::size_t lane, std::size_t last) const;
  void open_barrier();
  bool wait_for_others();
  void set_fault(hipError_t error, const std::string& what);
  [[nodiscard]] std::string describe_lanes() const;
  [[nodiscard]] std::size_t count(State state) const;

  std::size_t size_;
  std::unique_ptr<Lane[]> lanes_;
  std::vector<int> warp_order_;
  std::vector<int> lane_order_;
  Shuffler shuffler_;
  std::optional<Fault> fault_;
  std::optional<Clock::time_point> only_spins_since_;
  Clock::time_point next_spin_report_;
  // Addresses that stand for the order which the runtime creates.
  char began_ = 0, ended_ = 0, barrier_ = 0;
};

thread_local Block* current_block = nullptr;

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
      shuffler_(task_.seed + task_.index * 0x9e3779b97f4a7c15u) {
  std::iota(warp_order_.begin(), warp_order_.end(), 0);
  std::iota(lane_order_.begin(), lane_order_.end(), 0);
  std::byte* memory = task.stacks->get(size_);
  for (std::size_t i = 0; i < size_; ++i) {
    Lane& lane = lanes_[i];
    lane.block = this;
    lane.index = unflatten(i, task.extent);
    lane.number = static_cast<int>(i) % task.warp_size;
    constexpr std::size_t bytes = StackMemory::stack_bytes;
    lane.fiber.start(memory + i * bytes, bytes, run_lane, &lane);
  }
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
  beat.thread.store(static_cast<unsigned>(&lane - lanes_.get()), std::memory_order_relaxed);
  beat.file.store(lane.site.file, std::memory_order_relaxed);
  beat.line.store(lane.site.line, std::memory_order_relaxed);
  beat.resumes.fetch_add(1, std::memory_order_relaxed);
  current = &lane;
  lane.fiber.resume();
}

std::size_t Block::count(State state) const {
  return static_cast<std::size_t>(std::count_if(lanes_.get(), lanes_.get() + size_,
                                                [&](const Lane& l) { return l.state == state; }));
}

std::optional<Fault> Block::run() {
  annotate_release(&began_);
  while (!fault_ && !task.stop->load(std::memory_order_relaxed)) {
    if (task.seed != 0) {
      shuffler_.shuffle(warp_order_);
      shuffler_.shuffle(lane_order_);
    }
    bool progress = false;
    for (const int warp : warp_order_) progress |= run_warp(static_cast<std::size_t>(warp));
    if (fault_ || count(State::ended) == size_) break;
    const bool someone_spins = count(State::spinning) > 0;
    if (!someone_spins) {
      open_barrier();
    } else if (progress) {
      only_spins_since_.reset();
    } else if (!wait_for_others()) {
      break;
    }
  }
  annotate_acquire(&ended_);
  return fault_;
}

/// Runs the lanes of a warp until none can go on without the rest of the block. Returns whether one
/// did more than look at a value it waits for.
bool Block::run_warp(std::size_t warp) {
  const auto warp_size = static_cast<std::size_t>(task.warp_size);
  const std::size_t first = warp * warp_size;
  const std::size_t last = std::min(first + warp_size, size_);
  bool progress = false;
  do {
    for (const int number : lane_order_) {
      const std::size_t i = first + static_cast<std::size_t>(number);
      if (i >= last) continue;
      Lane& lane = lanes_[i];
      if (lane.state != State::ready && lane.state != State::spinning) continue;
      const bool spun = lane.state == State::spinning;
      lane.state = State::ready;
      resume(lane);
      progress |= !spun || lane.state != State::spinning;
    }
  } while (exchange_once(first, last));
  return progress;
}

/// Does one shuffle of the warp's lanes [first, last), if any waits for one and none may still
/// come to it.
bool Block::exchange_once(std::size_t first, std::size_t last) {
  const void* place = nullptr;
  for (std::size_t i = first; i < last; ++i) {
    if (lanes_[i].state == State::spinning) return false;
    if (lanes_[i].state != State::exchanging) continue;
    // The lowest address first: where the lanes of a branch come together again lies above it.
    if (place == nullptr || std::less<>{}(lanes_[i].site.address, place)) {
      place = lanes_[i].site.address;
    }
  }
  if (place == nullptr) return false;

  const auto active = [&](std::size_t i) {
    return i < last && lanes_[i].state == State::exchanging && lanes_[i].site.address == place;
  };
  std::array<std::uint64_t, 64> received{};
  for (std::size_t i = first; i < last; ++i) {
    if (!active(i)) continue;
    const std::size_t source = first + static_cast<std::size_t>(lanes_[i].source);
    if (!active(source)) {
      set_fault(hipErrorLaunchFailure,
                fmt::format("shuffle at {}: thread {} reads lane {}, which {}",
                            text(lanes_[i].site), i, lanes_[i].source, why_inactive(source, last)));
      return false;
    }
    received[i - first] = lanes_[source].bits;
  }
  for (std::size_t i = first; i < last; ++i) {
    if (!active(i)) continue;
    lanes_[i].bits = received[i - first];
  }
  for (std::size_t i = first; i < last; ++i) {
    if (active(i)) lanes_[i].state = State::ready;
  }
  return true;
}

std::string Block::why_inactive(std::size_t lane, std::size_t last) const {
  if (lane >= last) return "does not exist in this block";
  switch (lanes_[lane].state) {
    case State::ended:
      return "has ended";
    case State::at_barrier:
      return "waits at the barrier at " + text(lanes_[lane].site);
    default:
      return "is at " + text(lanes_[lane].site);
  }
}

/// All threads wait, none spins: they are at a barrier or have ended.
void Block::open_barrier() {
  const Lane* first = std::find_if(lanes_.get(), lanes_.get() + size_, [](const Lane& lane) {
    return lane.state == State::at_barrier;
  });
  const bool together = std::all_of(lanes_.get(), lanes_.get() + size_, [&](const Lane& lane) {
    return lane.state == State::at_barrier && lane.site.address == first->site.address;
  });
  if (!together) {
    set_fault(hipErrorLaunchFailure, "barrier divergence: " + describe_lanes());
    return;
  }
  for (std::size_t i = 0; i < size_; ++i) lanes_[i].state = State::ready;
}

/// Lets other OS threads run while all that is left here waits for memory to change. False when
/// that has been in vain for too long.
bool Block::wait_for_others() {
  const auto now = Clock::now();
  if (!only_spins_since_) {
    only_spins_since_ = now;
    next_spin_report_ = now + spin_report_interval;
  }
  if (now >= next_spin_report_) {
    next_spin_report_ = now + spin_report_interval;
    task.on_only_spins();
  }
  if (now - *only_spins_since_ > std::chrono::duration<double>(task.hang_seconds)) {
    set_fault(hipErrorLaunchTimeOut,
              fmt::format("hang: no progress for {} s: {}", task.hang_seconds, describe_lanes()));
    return false;
  }
  std::this_thread::yield();
  return true;
}

void Block::set_fault(hipError_t error, const std::string& what) {
  fault_ = Fault{error, fmt::format("{} (kernel {}, block {} of {})", what, task.kernel, task.index,
                                    std::uint64_t{task.grid.x} * task.grid.y * task.grid.z)};
}

/// "32 of 64 threads wait at the barrier at file:line, 32 have ended".
std::string Block::describe_lanes() const {
  std::map<std::string, std::size_t> groups;
  for (std::size_t i = 0; i < size_; ++i) {
    const Lane& lane = lanes_[i];
    switch (lane.state) {
      case State::ended:
        ++groups["have ended"];
        break;
      case State::at_barrier:
        ++groups["wait at the barrier at " + text(lane.site)];
        break;
      case State::spinning:
        ++groups["spin at " + text(lane.site)];
        break;
      default:
        ++groups["wait in the shuffle at " + text(lane.site)];
        break;
    }
  }
  std::string result;
  for (const auto& [what, number] : groups) {
    result += result.empty() ? fmt::format("{} of {} threads {}", number, size_, what)
                             : fmt::format(", {} {}", number, what);
  }
  return result;
}

}  // namespace

std::byte* StackMemory::get(std::size_t count) {
  if (count * stack_bytes > bytes_) {
    release();
    void* memory = ::mmap(nullptr, count * stack_bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      throw std::system_error(errno, std::generic_category(), "stacks of GPU threads");
    }
    memory_ = static_cast<std::byte*>(memory);
    bytes_ = count * stack_bytes;
  }
  return memory_;
}

void StackMemory::release() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
  memory_ = nullptr;
  bytes_ = 0;
}

std::optional<Fault> run_block(const BlockTask& task) {
  std::optional<Fault> fault;
  task.heartbeat->block.store(task.index, std::memory_order_relaxed);
  task.heartbeat->running.store(true, std::memory_order_relaxed);
  std::thread([&] {
    Block block(task);
    current_block = &block;
    fault = block.run();
    current_block = nullptr;
  }).join();
  task.heartbeat->running.store(false, std::memory_order_relaxed);
  return fault;
}

// ---- What a running kernel asks for ----------------------------------------------------------

const uint3& thread_index() {
  return current_block->current->index;
}
const uint3& block_index() {
  return current_block->index;
}
const dim3& block_extent() {
  return current_block->task.extent;
}
const dim3& grid_extent() {
  return current_block->task.grid;
}
int lane_index() {
  return current_block->current->number;
}
int warp_size() {
  return current_block->task.warp_size;
}
void* dynamic_shared() {
  return current_block->dynamic_shared.data();
}

void wait_at_barrier(const char* file, int line) {
  current_block->wait(State::at_barrier, {file, line, __builtin_return_address(0)});
}

std::uint64_t exchange(std::uint64_t bits, int source, const char* file, int line) {
  Lane& lane = *current_block->current;
  lane.bits = bits;
  lane.source = source;
  current_block->wait(State::exchanging, {file, line, __builtin_return_address(0)});
  return lane.bits;
}

void spin(const char* file, int line) {
  current_block->wait(State::spinning, {file, line, __builtin_return_address(0)});
}

}  // namespace fusegate::simt
