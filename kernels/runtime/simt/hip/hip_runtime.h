// The subset of the HIP runtime that this project's code uses, on a CPU: see ../README.md.
// Signatures follow ROCm's hip_runtime_api.h; what differs is said at the place.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>
#include <type_traits>

// ---- Language -------------------------------------------------------------------------------

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
// Each block runs on an OS thread of its own, so a thread-local variable is the block's. It begins as
// zeros, where a device has what the last block left: see ../README.md.
#define __shared__ static thread_local
#define HIP_DYNAMIC_SHARED(type, name) \
  type* const name = static_cast<type*>(::fusegate::simt::dynamic_shared());

struct uint3 {
  std::uint32_t x, y, z;
};

struct dim3 {
  std::uint32_t x, y, z;
  constexpr dim3(std::uint32_t x_ = 1, std::uint32_t y_ = 1, std::uint32_t z_ = 1)
      : x(x_), y(y_), z(z_) {}
};

enum hipError_t {
  hipSuccess = 0,
  hipErrorInvalidValue = 1,
  hipErrorOutOfMemory = 2,
  hipErrorInvalidConfiguration = 9,
  hipErrorInvalidDevice = 101,
  hipErrorInvalidHandle = 400,
  hipErrorNotReady = 600,
  hipErrorLaunchTimeOut = 702,  // a kernel that hangs
  hipErrorLaunchFailure = 719,  // any other fault in a kernel; simt::fault_text() says which
};

enum hipMemcpyKind {
  hipMemcpyHostToDevice = 1,
  hipMemcpyDeviceToHost = 2,
  hipMemcpyDeviceToDevice = 3,
};

struct hipDeviceProp_t {
  char name[256];
  std::size_t totalGlobalMem;
  int warpSize;
  int multiProcessorCount;  // how many blocks of one launch can be resident at a time
};

namespace fusegate::simt {
class Stream;
class Event;
}  // namespace fusegate::simt
using hipStream_t = fusegate::simt::Stream*;
using hipEvent_t = fusegate::simt::Event*;

// ---- Host API -------------------------------------------------------------------------------
// After a fault in a kernel every call that touches the device returns that fault's error until
// the process ends, as on a real device.

const char* hipGetErrorName(hipError_t error);
const char* hipGetErrorString(hipError_t error);
hipError_t hipGetLastError();

hipError_t hipGetDeviceCount(int* count);
hipError_t hipSetDevice(int device);
hipError_t hipGetDevice(int* device);
hipError_t hipGetDeviceProperties(hipDeviceProp_t* properties, int device);
hipError_t hipDriverGetVersion(int* version);
hipError_t hipRuntimeGetVersion(int* version);
hipError_t hipDeviceSynchronize();

hipError_t hipMalloc(void** pointer, std::size_t bytes);
hipError_t hipFree(void* pointer);
hipError_t hipMemcpy(void* to, const void* from, std::size_t bytes, hipMemcpyKind kind);
hipError_t hipMemcpyAsync(void* to, const void* from, std::size_t bytes, hipMemcpyKind kind,
                          hipStream_t stream = nullptr);

hipError_t hipStreamCreate(hipStream_t* stream);
hipError_t hipStreamDestroy(hipStream_t stream);
hipError_t hipStreamSynchronize(hipStream_t stream);
hipError_t hipStreamWaitEvent(hipStream_t stream, hipEvent_t event, unsigned flags = 0);

hipError_t hipEventCreate(hipEvent_t* event);
hipError_t hipEventDestroy(hipEvent_t event);
hipError_t hipEventRecord(hipEvent_t event, hipStream_t stream = nullptr);
hipError_t hipEventSynchronize(hipEvent_t event);
hipError_t hipEventElapsedTime(float* milliseconds, hipEvent_t start, hipEvent_t stop);

// ---- What the macros below stand on ---------------------------------------------------------

namespace fusegate::simt {

// A thread's coordinates never change while it runs: `const` lets the compiler read them once.
[[gnu::const]] const uint3& thread_index();
[[gnu::const]] const uint3& block_index();
[[gnu::const]] const dim3& block_extent();
[[gnu::const]] const dim3& grid_extent();
[[gnu::const]] int warp_size();
[[gnu::const]] int lane_index();
[[gnu::const]] void* dynamic_shared();

/// Waits until all threads of the block are here.
void wait_at_barrier(const char* file, int line);
/// Gives `bits` to the warp and returns those of lane `source`, when all active lanes are here.
std::uint64_t exchange(std::uint64_t bits, int source, const char* file, int line);
/// Lets other threads run while this one waits for a value in memory.
void spin(const char* file, int line);

void enqueue_launch(const char* kernel, dim3 grid, dim3 block, std::size_t dynamic_shared_bytes,
                    hipStream_t stream, std::function<void()> body);

template <class... Parameters, class... Arguments>
void launch_kernel(const char* name, void (*kernel)(Parameters...), dim3 grid, dim3 block,
                   std::size_t dynamic_shared_bytes, hipStream_t stream, Arguments&&... arguments) {
  enqueue_launch(name, grid, block, dynamic_shared_bytes, stream,
                 [kernel, values = std::tuple<std::decay_t<Parameters>...>(
                              std::forward<Arguments>(arguments)...)] {
                   std::apply(kernel, values);
                 });
}

template <class T>
__forceinline__ T exchange_value(T value, int source, const char* file, int line) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = exchange(bits, source, file, line);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace fusegate::simt

#define hipLaunchKernelGGL(kernel, ...) \
  ::fusegate::simt::launch_kernel(#kernel, kernel, __VA_ARGS__)

// ---- Device API -----------------------------------------------------------------------------

#define threadIdx ::fusegate::simt::thread_index()
#define blockIdx ::fusegate::simt::block_index()
#define blockDim ::fusegate::simt::block_extent()
#define gridDim ::fusegate::simt::grid_extent()

namespace fusegate::simt {
struct WarpSize {
  operator int() const { return warp_size(); }
};
}  // namespace fusegate::simt
inline constexpr fusegate::simt::WarpSize warpSize{};

// The trailing parameters carry the place in the kernel into messages.
#define FUSEGATE_SIMT_SITE const char *file = __builtin_FILE(), int line = __builtin_LINE()

__forceinline__ void __syncthreads(FUSEGATE_SIMT_SITE) {
  ::fusegate::simt::wait_at_barrier(file, line);
}

// The source lane of each shuffle is HIP's: segments of `width` lanes, a power of two; a source
// outside the own segment means the own lane (for __shfl it wraps).

template <class T>
__forceinline__ T __shfl(T value, int source, int width = warpSize, FUSEGATE_SIMT_SITE) {
  const int self = ::fusegate::simt::lane_index();
  const int from = (self & ~(width - 1)) + (source & (width - 1));
  return ::fusegate::simt::exchange_value(value, from, file, line);
}

template <class T>
__forceinline__ T __shfl_up(T value, unsigned delta, int width = warpSize, FUSEGATE_SIMT_SITE) {
  const int self = ::fusegate::simt::lane_index();
  const int from = self - static_cast<int>(delta);
  return ::fusegate::simt::exchange_value(value, from < (self & ~(width - 1)) ? self : from, file,
                                          line);
}

template <class T>
__forceinline__ T __shfl_down(T value, unsigned delta, int width = warpSize, FUSEGATE_SIMT_SITE) {
  const int self = ::fusegate::simt::lane_index();
  const bool inside = (self & (width - 1)) + static_cast<int>(delta) < width;
  const int from = inside ? self + static_cast<int>(delta) : self;
  return ::fusegate::simt::exchange_value(value, from, file, line);
}

template <class T>
__forceinline__ T __shfl_xor(T value, int mask, int width = warpSize, FUSEGATE_SIMT_SITE) {
  const int self = ::fusegate::simt::lane_index();
  const int from = self ^ mask;
  const bool inside = from < ((self + width) & ~(width - 1));
  return ::fusegate::simt::exchange_value(value, inside ? from : self, file, line);
}

enum { __HIP_MEMORY_SCOPE_AGENT = 4, __HIP_MEMORY_SCOPE_SYSTEM = 5 };

/// Also the place where a thread that waits for another lets it run.
template <class T>
__forceinline__ T __hip_atomic_load(const T* address, int order, int, FUSEGATE_SIMT_SITE) {
  const T value = __atomic_load_n(address, order);
  ::fusegate::simt::spin(file, line);
  return value;
}

template <class T>
__forceinline__ void __hip_atomic_store(T* address, T value, int order, int) {
  __atomic_store_n(address, value, order);
}

template <class T>
__forceinline__ T __hip_atomic_fetch_add(T* address, T value, int order, int) {
  return __atomic_fetch_add(address, value, order);
}

__forceinline__ float rsqrtf(float value) { return 1.0f / std::sqrt(value); }
