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

// How often one who waits looks whether what it waits for still moves.
constexpr auto watch_interval = std::chrono::milliseconds(20);

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
  std::shared_ptr<Launch> running;
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
  submit([queue = std::weak_ptr(queue_), launch = std::move(launch)] {
    const auto set_running = [&](const std::shared_ptr<Launch>& running) {
      if (const auto held = queue.lock()) {
        const std::lock_guard lock(held->mutex);
        held->running = running;
      }
    };
    set_running(launch);
    launch->run();
    set_running(nullptr);
    if (const auto fault = launch->take_fault()) Runtime::get().set_fault(*fault);
  });
}

void Stream::wait() {
  Queue& queue = *queue_;
  std::unique_lock lock(queue.mutex);
  const auto idle = [&] { return !queue.busy && queue.work.empty(); };
  while (!queue.changed.wait_for(lock, watch_interval, idle)) {
    if (Runtime::get().down()) return;
    const auto launch = queue.running;
    lock.unlock();
    if (launch) {
      launch->check_for_hang();
      if (const auto fault = launch->take_fault()) Runtime::get().set_fault(*fault);
    }
    lock.lock();
  }
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
  while (!point_->passed.wait_for(lock, watch_interval, [&] { return point_->time.has_value(); })) {
    if (Runtime::get().down()) return;
  }
}

bool Event::reached() const {
  return !point_ || time().has_value();
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
      config.resident_blocks < 1 || config.threads < 0 || config.hang_seconds <= 0) {
    throw std::invalid_argument(
        "simt: devices and resident_blocks must be at least 1, warp_size 32 or 64, threads not "
        "negative, hang_seconds positive");
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
  settings.threads = static_cast<unsigned>(config_.threads);
  settings.resident_blocks = static_cast<unsigned>(config_.resident_blocks);
  settings.seed = schedule_seed.load();
  return std::make_shared<Launch>(std::move(settings), pool_);
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
