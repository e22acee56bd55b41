#include "kernels/runtime/simt/runtime.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>

namespace fusegate::simt {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t memory_alignment = 256;  // what hipMalloc promises

// How often one who waits looks whether the kernels that run still move.
constexpr auto watch_interval = std::chrono::milliseconds(20);

/// Waits until `done`, or the devices are down.
template <class Done>
void wait_and_watch(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                    Done done) {
  while (!changed.wait_for(lock, watch_interval, done)) {
    if (Runtime::get().down()) return;
    lock.unlock();
    Runtime::get().check_for_hangs();
    lock.lock();
  }
}

}  // namespace

std::byte* allocate_memory(std::size_t bytes) {
  auto* memory = static_cast<std::byte*>(
      ::operator new (bytes, std::align_val_t{memory_alignment}, std::nothrow));
  if (memory != nullptr) std::memset(memory, 0xff, bytes);
  return memory;
}

void release_memory(std::byte* memory) {
  ::operator delete (memory, std::align_val_t{memory_alignment});
}

// ---- Stream ---------------------------------------------------------------------------------

struct Stream::Queue {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> work;
  bool busy = false;
  bool closed = false;
};

Stream::Stream() : queue_(std::make_shared<Queue>()) {
  std::thread([queue = queue_] { serve(queue); }).detach();
}

Stream::~Stream() {
  const std::lock_guard lock(queue_->mutex);
  queue_->closed = true;
  queue_->changed.notify_all();
}

void Stream::serve(const std::shared_ptr<Queue>& queue) {
  std::unique_lock lock(queue->mutex);
  for (;;) {
    queue->changed.wait(lock, [&] { return queue->closed || !queue->work.empty(); });
    if (queue->work.empty()) return;
    auto work = std::move(queue->work.front());
    queue->work.pop_front();
    queue->busy = true;
    lock.unlock();
    if (!Runtime::get().down()) work();
    work = nullptr;
    lock.lock();
    queue->busy = false;
    queue->changed.notify_all();
  }
}

void Stream::submit(std::function<void()> work) {
  const std::lock_guard lock(queue_->mutex);
  queue_->work.push_back(std::move(work));
  queue_->changed.notify_all();
}

void Stream::submit(std::shared_ptr<Launch> launch) {
  submit([launch = std::move(launch)] { Runtime::get().run(launch); });
}

void Stream::wait() {
  Queue& queue = *queue_;
  std::unique_lock lock(queue.mutex);
  wait_and_watch(lock, queue.changed, [&] { return !queue.busy && queue.work.empty(); });
}

// ---- Event ----------------------------------------------------------------------------------

struct Event::Point {
  std::mutex mutex;
  std::condition_variable passed;
  std::optional<Clock::time_point> time;
};

void Event::record(Stream& stream) {
  point_ = std::make_shared<Point>();
  stream.submit([point = point_] {
    const std::lock_guard lock(point->mutex);
    point->time = Clock::now();
    point->passed.notify_all();
  });
}

void Event::wait() const {
  if (!point_) return;
  std::unique_lock lock(point_->mutex);
  wait_and_watch(lock, point_->passed, [&] { return point_->time.has_value(); });
}

std::optional<Clock::time_point> Event::time() const {
  if (!point_) return std::nullopt;
  const std::lock_guard lock(point_->mutex);
  return point_->time;
}

// ---- Runtime --------------------------------------------------------------------------------

Runtime& Runtime::get() {
  static auto* runtime = new Runtime;
  return *runtime;
}

void Runtime::configure(const Config& config) {
  if (config.devices < 1 || (config.warp_size != 32 && config.warp_size != 64) ||
      config.resident_blocks < 1 || config.threads < 0 || !(config.hang_seconds > 0) ||
      !(config.block_seconds > 0)) {
    throw std::invalid_argument(
        "simt: devices and resident_blocks must be at least 1, warp_size 32 or 64, threads not "
        "negative, hang_seconds and block_seconds positive");
  }
  for (int i = 0; i < device_count(); ++i) wait_for_device(i);
  const std::lock_guard lock(mutex);
  config_ = config;
  if (config_.threads == 0) {
    config_.threads = static_cast<int>(std::max(std::thread::hardware_concurrency(), 1u));
  }
  for (Device& device : devices_) {
    for (const auto& allocation : device.allocations) release_memory(allocation.first);
  }
  devices_.clear();
  devices_.resize(static_cast<std::size_t>(config.devices));
  for (Device& device : devices_) device.default_stream = std::make_unique<Stream>();
}

void Runtime::wait_for_device(int index) {
  std::vector<Stream*> streams;
  {
    const std::lock_guard lock(mutex);
    streams.push_back(device(index).default_stream.get());
    for (const auto& stream : device(index).streams) streams.push_back(stream.get());
  }
  for (Stream* stream : streams) stream->wait();
}

std::shared_ptr<Launch> Runtime::make_launch(LaunchSettings settings) {
  settings.warp_size = config_.warp_size;
  settings.hang_seconds = config_.hang_seconds;
  settings.block_seconds = config_.block_seconds;
  settings.threads = static_cast<unsigned>(config_.threads);
  settings.resident_blocks = static_cast<unsigned>(config_.resident_blocks);
  settings.seed = schedule_seed.load();
  return std::make_shared<Launch>(std::move(settings), pool_);
}

void Runtime::run(const std::shared_ptr<Launch>& launch) {
  {
    const std::lock_guard lock(running_mutex_);
    running_.push_back(launch);
  }
  launch->run();
  {
    const std::lock_guard lock(running_mutex_);
    running_.remove(launch);
  }
  if (const auto fault = launch->take_fault()) set_fault(*fault);
}

void Runtime::check_for_hangs() {
  const auto running = [this] {
    const std::lock_guard lock(running_mutex_);
    return running_;
  }();
  for (const auto& launch : running) {
    launch->check_for_hang();
    if (const auto fault = launch->take_fault()) set_fault(*fault);
  }
}

void Runtime::set_fault(const Fault& fault) {
  const std::lock_guard lock(fault_mutex_);
  if (!fault_) fault_ = fault;
  down_ = true;
}

std::optional<Fault> Runtime::fault() const {
  const std::lock_guard lock(fault_mutex_);
  return fault_;
}

void Runtime::reset_after_fault() {
  const std::lock_guard lock(fault_mutex_);
  fault_.reset();
  down_ = false;
}

void configure(const Config& config) {
  Runtime::get().configure(config);
}

void set_schedule_seed(std::uint64_t seed) {
  Runtime::get().schedule_seed = seed;
}

std::string fault_text() {
  const auto fault = Runtime::get().fault();
  return fault ? fault->text : "";
}

void reset_after_fault() {
  Runtime::get().reset_after_fault();
}

}  // namespace fusegate::simt
