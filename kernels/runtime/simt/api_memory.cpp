// The host API of <hip/hip_runtime.h> on the SIMT runtime: memory.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>

#include "kernels/runtime/simt/api.hpp"

using namespace fusegate::simt;

namespace {

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
  const std::lock_guard lock(Runtime::get().mutex);
  const bool reads_device = kind != hipMemcpyHostToDevice;
  const bool writes_device = kind != hipMemcpyDeviceToHost;
  if (reads_device && !is_allocated(from, bytes)) return hipErrorInvalidValue;
  if (writes_device && !is_allocated(to, bytes)) return hipErrorInvalidValue;
  return hipSuccess;
}

/// The device that an allocation is of; empty when there is none that begins there.
std::optional<int> owner_of(std::byte* memory) {
  Runtime& runtime = Runtime::get();
  const std::lock_guard lock(runtime.mutex);
  for (int i = 0; i < runtime.device_count(); ++i) {
    if (runtime.device(i).allocations.count(memory) > 0) return i;
  }
  return std::nullopt;
}

}  // namespace

hipError_t hipMalloc(void** pointer, std::size_t bytes) {
  *pointer = nullptr;
  if (const auto error = device_error(); error != hipSuccess) return remember(error);
  if (bytes == 0) return hipSuccess;
  Runtime& runtime = Runtime::get();
  const std::lock_guard lock(runtime.mutex);
  Device& device = runtime.device(current_device());
  if (bytes > runtime.config().memory_bytes - device.allocated) {
    return remember(hipErrorOutOfMemory);
  }
  std::byte* memory = allocate_memory(bytes);
  if (memory == nullptr) return remember(hipErrorOutOfMemory);
  device.allocations.emplace(memory, bytes);
  device.allocated += bytes;
  *pointer = memory;
  return hipSuccess;
}

hipError_t hipFree(void* pointer) {
  if (pointer == nullptr) return hipSuccess;
  Runtime& runtime = Runtime::get();
  auto* memory = static_cast<std::byte*>(pointer);
  const auto owner = owner_of(memory);
  if (!owner) return remember(hipErrorInvalidValue);
  runtime.wait_for_device(*owner);
  if (const auto error = device_error(); error != hipSuccess) return remember(error);
  const std::lock_guard lock(runtime.mutex);
  Device& device = runtime.device(*owner);
  const auto found = device.allocations.find(memory);
  if (found == device.allocations.end()) return remember(hipErrorInvalidValue);
  device.allocated -= found->second;
  device.allocations.erase(found);
  release_memory(memory);
  return hipSuccess;
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
