#pragma once

#include <hip/hip_runtime.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "kernels/runtime/simt/launch.hpp"
#include "kernels/runtime/simt/simt.hpp"

namespace fusegate::simt {

/// Work that is done in order by an OS thread of its own, as a GPU's queue does. Unlike HIP's, the
/// default stream does not wait for the others.
class Stream {
 public:
  Stream();
  ~Stream();
  // Its thread holds its address.
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void submit(std::function<void()> work);
  void submit(std::shared_ptr<Launch> launch);

  /// Waits until all work submitted so far is done, or the device is down.
  void wait();

 private:
  struct Queue;
  static void serve(const std::shared_ptr<Queue>& queue);

  std::shared_ptr<Queue> queue_;  ///< outlives the stream while its thread hangs in a kernel
};

/// A point in a stream.
class Event {
 public:
  void record(Stream& stream);
  /// Waits for the point recorded last; at once when none was.
  void wait() const;
  /// When it was passed; empty before.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> time() const;

 private:
  struct Point;
  std::shared_ptr<Point> point_;
};

/// Memory of a device, aligned to 256 bytes; null when there is no more. As on a device it is not
/// zero: all its bits are set, which is NaN in every floating-point format.
[[nodiscard]] std::byte* allocate_memory(std::size_t bytes);
void release_memory(std::byte* memory);

struct Device {
  std::unique_ptr<Stream> default_stream;
  std::vector<std::unique_ptr<Stream>> streams;
  std::map<std::byte*, std::size_t> allocations;
  std::size_t allocated = 0;
};

/// The process's devices. The one object with the process's lifetime: HIP's API names none. It is
/// never destroyed, because a thread may hang in a kernel when the process ends.
class Runtime {
 public:
  static Runtime& get();

  void configure(const Config& config);
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] int device_count() const { return static_cast<int>(devices_.size()); }
  [[nodiscard]] Device& device(int index) { return devices_.at(static_cast<std::size_t>(index)); }

  void wait_for_device(int index);
  [[nodiscard]] std::shared_ptr<Launch> make_launch(LaunchSettings settings);

  /// Runs a kernel on this thread and others; its fault becomes the devices'.
  void run(const std::shared_ptr<Launch>& launch);
  /// For everyone who waits, again and again: what it waits for may itself wait for a kernel of any
  /// stream that hangs.
  void check_for_hangs();

  /// The first fault brings the devices down.
  void set_fault(const Fault& fault);
  [[nodiscard]] std::optional<Fault> fault() const;
  [[nodiscard]] bool down() const { return down_.load(); }
  void reset_after_fault();

  std::atomic<std::uint64_t> schedule_seed{0};
  std::mutex mutex;  ///< guards the devices' tables

 private:
  Runtime() { configure({}); }

  Config config_;
  std::deque<Device> devices_;
  ThreadPool pool_;
  std::mutex running_mutex_;
  std::list<std::shared_ptr<Launch>> running_;
  std::atomic<bool> down_{false};
  mutable std::mutex fault_mutex_;
  std::optional<Fault> fault_;
};

}  // namespace fusegate::simt
