// The host API of <hip/hip_runtime.h> on the SIMT runtime.
#include <hip/hip_runtime.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "kernels/runtime/simt/runtime.hpp"

using fusegate::simt::Device;
using fusegate::simt::Runtime;

namespace {

constexpr std::size_t shared_bytes = 64u << 10;
constexpr std::uint64_t max_threads = 1024;

// HIP keeps both per host thread.
thread_local hipError_t last_error = hipSuccess;
thread_local int current_device = 0;

hipError_t remember(hipError_t error) {
  if (error != hipSuccess) last_error = error;
  return error;
}

/// The error of a kernel's fault, if one has brought the devices down.
hipError_t device_error() {
  const auto fault = Runtime::get().fault();
  return fault ? fault->error : hipSuccess;
}

fusegate::simt::Stream& stream_or_default(hipStream_t stream) {
  return stream != nullptr ? *stream : *Runtime::get().device(current_device).default_stream;
}

/// Whether [pointer, pointer + bytes) lies inside one allocation of any device. With the lock held.
bool is_allocated(const void* pointer, std::size_t bytes) {
  Runtime& runtime = Runtime::get();
  const auto* begin = static_cast<const std::byte*>(pointer);
  for (int i = 0; i < runtime.device_count(); ++i) {
    const auto& allocations = runtime.device(i).allocations;
    auto after = std::find_if(allocations.begin(), allocations.end(),
                              [&](const auto& entry) { return entry.first > begin; });
    if (after == allocations.begin()) continue;
    const auto& [base, size] = *std::prev(after);
    if (begin + bytes <= base + size) return true;
  }
  return false;
}

hipError_t check_copy(const void* to, const void* from, std::size_t bytes, hipMemcpyKind kind) {
  const bool to_device = kind == hipMemcpyHostToDevice || kind == hipMemcpyDeviceToDevice;
  const bool from_device = kind == hipMemcpyDeviceToHost || kind == hipMemcpyDeviceToDevice;
  const std::lock_guard lock(Runtime::get().mutex);
  if (to_device && !is_allocated(to, bytes)) return hipErrorInvalidValue;
  if (from_device && !is_allocated(from, bytes)) return hipErrorInvalidValue;
  return hipSuccess;
}

/// The macro's argument without the parentheses and template arguments that a kernel may have
/// there.
std::string kernel_name(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("( "), text.size()));
  return std::string(text.substr(0, text.find_first_of("<) ")));
}

struct ErrorText {
  hipError_t error;
  const char* name;
  const char* text;
};

constexpr ErrorText error_texts[] = {
    {hipSuccess, "hipSuccess", "no error"},
    {hipErrorInvalidValue, "hipErrorInvalidValue", "invalid argument"},
    {hipErrorOutOfMemory, "hipErrorOutOfMemory", "out of memory"},
    {hipErrorInvalidConfiguration, "hipErrorInvalidConfiguration",
     "invalid configuration argument"},
    {hipErrorNoDevice, "hipErrorNoDevice", "no device"},
    {hipErrorInvalidDevice, "hipErrorInvalidDevice", "invalid device ordinal"},
    {hipErrorInvalidHandle, "hipErrorInvalidHandle", "invalid resource handle"},
    {hipErrorNotReady, "hipErrorNotReady", "device not ready"},
    {hipErrorLaunchTimeOut, "hipErrorLaunchTimeOut", "the kernel does not end"},
    {hipErrorLaunchFailure, "hipErrorLaunchFailure", "unspecified launch failure"},
};

const ErrorText* find_text(hipError_t error) {
  const auto* found = std::find_if(std::begin(error_texts), std::end(error_texts),
                                   [&](const ErrorText& entry) { return entry.error == error; });
  return found == std::end(error_texts) ? nullptr : found;
}

}  // namespace

// ---- Errors ---------------------------------------------------------------------------------

const char* hipGetErrorName(hipError_t error) {
  const auto* entry = find_text(error);
  return entry != nullptr ? entry->name : "hipErrorUnknown";
}

const char* hipGetErrorString(hipError_t error) {
  const auto* entry = find_text(error);
  return entry != nullptr ? entry->text : "unknown error";
}

hipError_t hipGetLastError() {
  const hipError_t error = std::exchange(last_error, hipSuccess);
  return error != hipSuccess ? error : device_error();
}

hipError_t hipPeekAtLastError() {
  return last_error != hipSuccess ? last_error : device_error();
}

// ---- Devices --------------------------------------------------------------------------------

hipError_t hipGetDeviceCount(int* count) {
  *count = Runtime::get().device_count();
  return hipSuccess;
}

hipError_t hipSetDevice(int device) {
  if (device < 0 || device >= Runtime::get().device_count()) {
    return remember(hipErrorInvalidDevice);
  }
  current_device = device;
  return hipSuccess;
}

hipError_t hipGetDevice(int* device) {
  *device = current_device;
  return hipSuccess;
}

hipError_t hipGetDeviceProperties(hipDeviceProp_t* properties, int device) {
  Runtime& runtime = Runtime::get();
  if (device < 0 || device >= runtime.device_count()) return remember(hipErrorInvalidDevice);
  *properties = {};
  const auto& config = runtime.config();
  fmt::format_to_n(properties->name, sizeof properties->name - 1,
                   "SIMT runtime on the CPU (warp size {})", config.warp_size);
  properties->totalGlobalMem = config.memory_bytes;
  properties->sharedMemPerBlock = shared_bytes;
  properties->warpSize = config.warp_size;
  properties->maxThreadsPerBlock = max_threads;
  properties->multiProcessorCount = config.resident_blocks;
  return hipSuccess;
}

hipError_t hipDriverGetVersion(int* version) {
  *version = 0;
  return hipSuccess;
}

hipError_t hipRuntimeGetVersion(int* version) {
  *version = 0;
  return hipSuccess;
}

hipError_t hipDeviceSynchronize() {
  Runtime::get().wait_for_device(current_device);
  return remember(device_error());
}

// ---- Memory ---------------------------------------------------------------------------------

hipError_t hipMalloc(void** pointer, std::size_t bytes) {
  *pointer = nullptr;
  if (const auto error = device_error(); error != hipSuccess) return remember(error);
  if (bytes == 0) return hipSuccess;
  Runtime& runtime = Runtime::get();
  const std::lock_guard lock(runtime.mutex);
  Device& device = runtime.device(current_device);
  if (bytes > runtime.config().memory_bytes - device.allocated) {
    return remember(hipErrorOutOfMemory);
  }
  std::byte* memory = fusegate::simt::allocate_memory(bytes);
  if (memory == nullptr) return remember(hipErrorOutOfMemory);
  device.allocations.emplace(memory, bytes);
  device.allocated += bytes;
  *pointer = memory;
  return hipSuccess;
}

hipError_t hipFree(void* pointer) {
  if (pointer == nullptr) return hipSuccess;
  if (hipDeviceSynchronize() != hipSuccess) return hipPeekAtLastError();
  Runtime& runtime = Runtime::get();
  const std::lock_guard lock(runtime.mutex);
  for (int i = 0; i < runtime.device_count(); ++i) {
    Device& device = runtime.device(i);
    const auto found = device.allocations.find(static_cast<std::byte*>(pointer));
    if (found == device.allocations.end()) continue;
    device.allocated -= found->second;
    device.allocations.erase(found);
    fusegate::simt::release_memory(static_cast<std::byte*>(pointer));
    return hipSuccess;
  }
  return remember(hipErrorInvalidValue);
}

hipError_t hipMemcpy(void* to, const void* from, std::size_t bytes, hipMemcpyKind kind) {
  if (const auto error = check_copy(to, from, bytes, kind); error != hipSuccess) {
    return remember(error);
  }
  if (const auto error = hipDeviceSynchronize(); error != hipSuccess) return error;
  if (bytes > 0) std::memcpy(to, from, bytes);
  return hipSuccess;
}

hipError_t hipMemcpyAsync(void* to, const void* from, std::size_t bytes, hipMemcpyKind kind,
                          hipStream_t stream) {
  if (const auto error = device_error(); error != hipSuccess) return remember(error);
  if (const auto error = check_copy(to, from, bytes, kind); error != hipSuccess) {
    return remember(error);
  }
  if (bytes > 0) stream_or_default(stream).submit([=] { std::memcpy(to, from, bytes); });
  return hipSuccess;
}

// ---- Streams and events ---------------------------------------------------------------------

hipError_t hipStreamCreate(hipStream_t* stream) {
  if (const auto error = device_error(); error != hipSuccess) return remember(error);
  const std::lock_guard lock(Runtime::get().mutex);
  auto& streams = Runtime::get().device(current_device).streams;
  *stream = streams.emplace_back(std::make_unique<fusegate::simt::Stream>()).get();
  return hipSuccess;
}

hipError_t hipStreamDestroy(hipStream_t stream) {
  if (stream == nullptr) return remember(hipErrorInvalidHandle);
  stream->wait();
  Runtime& runtime = Runtime::get();
  const std::lock_guard lock(runtime.mutex);
  for (int i = 0; i < runtime.device_count(); ++i) {
    auto& streams = runtime.device(i).streams;
    const auto found = std::find_if(streams.begin(), streams.end(),
                                    [&](const auto& owned) { return owned.get() == stream; });
    if (found == streams.end()) continue;
    streams.erase(found);
    return remember(device_error());
  }
  return remember(hipErrorInvalidHandle);
}

hipError_t hipStreamSynchronize(hipStream_t stream) {
  stream_or_default(stream).wait();
  return remember(device_error());
}

hipError_t hipStreamWaitEvent(hipStream_t stream, hipEvent_t event, unsigned) {
  if (event == nullptr) return remember(hipErrorInvalidHandle);
  stream_or_default(stream).submit([point = *event] { point.wait(); });
  return hipSuccess;
}

hipError_t hipEventCreate(hipEvent_t* event) {
  *event = new fusegate::simt::Event;
  return hipSuccess;
}

hipError_t hipEventDestroy(hipEvent_t event) {
  delete event;
  return hipSuccess;
}

hipError_t hipEventRecord(hipEvent_t event, hipStream_t stream) {
  if (event == nullptr) return remember(hipErrorInvalidHandle);
  event->record(stream_or_default(stream));
  return hipSuccess;
}

hipError_t hipEventSynchronize(hipEvent_t event) {
  event->wait();
  return remember(device_error());
}

hipError_t hipEventQuery(hipEvent_t event) {
  return event->reached() ? hipSuccess : hipErrorNotReady;
}

hipError_t hipEventElapsedTime(float* milliseconds, hipEvent_t start, hipEvent_t stop) {
  const auto from = start->time();
  const auto to = stop->time();
  if (!from || !to) return remember(hipErrorNotReady);
  *milliseconds = std::chrono::duration<float, std::milli>(*to - *from).count();
  return hipSuccess;
}

// ---- Launches -------------------------------------------------------------------------------

void fusegate::simt::enqueue_launch(const char* kernel, dim3 grid, dim3 block,
                                    std::size_t dynamic_shared_bytes, hipStream_t stream,
                                    std::function<void()> body) {
  const std::uint64_t threads = std::uint64_t{block.x} * block.y * block.z;
  const bool empty = threads == 0 || grid.x == 0 || grid.y == 0 || grid.z == 0;
  if (empty || threads > max_threads || dynamic_shared_bytes > shared_bytes) {
    remember(hipErrorInvalidConfiguration);
    return;
  }
  if (remember(device_error()) != hipSuccess) return;
  stream_or_default(stream).submit(
      Runtime::get().make_launch({.kernel = kernel_name(kernel),
                                  .grid = grid,
                                  .block = block,
                                  .dynamic_shared_bytes = dynamic_shared_bytes,
                                  .body = std::move(body)}));
}
