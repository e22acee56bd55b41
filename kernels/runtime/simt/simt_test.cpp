#include "kernels/runtime/simt/simt.hpp"

#include <hip/hip_runtime.h>

#include <atomic>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fusegate::simt {
namespace {

// ---- Kernels, as one would write them for a GPU ----------------------------------------------

__global__ void block_sum(const float* x, float* out, int n) {
  __shared__ float partial[32];
  float sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < n; i += static_cast<int>(blockDim.x)) {
    sum += x[static_cast<int>(blockIdx.x) * n + i];
  }
  for (int offset = warpSize / 2; offset > 0; offset /= 2) sum += __shfl_xor(sum, offset);
  const int lane = static_cast<int>(threadIdx.x) % warpSize;
  const int warp = static_cast<int>(threadIdx.x) / warpSize;
  const int warps = static_cast<int>(blockDim.x) / warpSize;
  if (lane == 0) partial[warp] = sum;
  __syncthreads();
  if (warp == 0) {
    sum = lane < warps ? partial[lane] : 0.0f;
    for (int offset = warpSize / 2; offset > 0; offset /= 2) sum += __shfl_xor(sum, offset);
    if (lane == 0) out[blockIdx.x] = sum;
  }
}

__global__ void shuffles(int* up, int* down, int* straight, int* exclusive, int width) {
  const int value = static_cast<int>(threadIdx.x);
  up[threadIdx.x] = __shfl_up(value, 3, width);
  down[threadIdx.x] = __shfl_down(value, 3, width);
  straight[threadIdx.x] = __shfl(value, 5, width);
  exclusive[threadIdx.x] = __shfl_xor(value, 6, width);
}

__global__ void reverse_in_dynamic_shared(int* values) {
  HIP_DYNAMIC_SHARED(int, shared)
  shared[threadIdx.x] = values[threadIdx.x];
  __syncthreads();
  values[threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
}

__global__ void coordinates(int* out) {
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  out[block * blockDim.x * blockDim.y * blockDim.z + thread] += 1;
}

/// Lanes of one branch shuffle among themselves, then all together.
__global__ void branches(int* out) {
  const int lane = static_cast<int>(threadIdx.x);
  int value = 0;
  if (lane % 2 == 0) {
    value = __shfl(lane, lane ^ 2);
  } else {
    value = 100 + __shfl(lane, lane ^ 2);
  }
  out[lane] = __shfl(value, lane ^ 1);
}

constexpr int divergent_line = __LINE__ + 3;
__global__ void divergent_barrier(int* out) {
  if (threadIdx.x < 10) {
    __syncthreads();
    out[threadIdx.x] = 1;
  }
}

__global__ void two_barriers(int* out) {
  if (threadIdx.x < 64) {
    __syncthreads();
    out[0] = 1;
  } else {
    __syncthreads();
    out[1] = 1;
  }
}

constexpr int inactive_line = __LINE__ + 3;
__global__ void reads_inactive_lane(int* out) {
  if (threadIdx.x < 8) {
    out[threadIdx.x] = __shfl(static_cast<int>(threadIdx.x), 8);
  }
}

constexpr int spin_line = __LINE__ + 2;
__global__ void waits_for_ever(const int* flag, int* out) {
  while (__hip_atomic_load(flag, __ATOMIC_ACQUIRE, __HIP_MEMORY_SCOPE_AGENT) == 0) {
  }
  out[threadIdx.x] = 1;
}

constexpr int computing_line = __LINE__ + 2;
__global__ void computes_for_ever(const std::atomic<bool>* stop) {
  __syncthreads();
  while (!stop->load()) {
  }
}

/// Every block waits until all have come: works only if all are resident.
__global__ void grid_barrier(int* arrived, int* out) {
  if (threadIdx.x == 0) {
    __hip_atomic_fetch_add(arrived, 1, __ATOMIC_ACQ_REL, __HIP_MEMORY_SCOPE_AGENT);
    while (__hip_atomic_load(arrived, __ATOMIC_ACQUIRE, __HIP_MEMORY_SCOPE_AGENT) <
           static_cast<int>(gridDim.x)) {
    }
  }
  __syncthreads();
  if (threadIdx.x == 0) out[blockIdx.x] = *arrived;
}

__global__ void hand_over(int* from, int* to, int value) {
  while (__hip_atomic_load(from, __ATOMIC_ACQUIRE, __HIP_MEMORY_SCOPE_SYSTEM) != value) {
  }
  __hip_atomic_store(to, value + 1, __ATOMIC_RELEASE, __HIP_MEMORY_SCOPE_SYSTEM);
}

// ---- Fixture ---------------------------------------------------------------------------------

template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(const std::vector<T>& values) : size_(values.size()) {
    EXPECT_EQ(hipMalloc(reinterpret_cast<void**>(&data_), size_ * sizeof(T)), hipSuccess);
    EXPECT_EQ(hipMemcpy(data_, values.data(), size_ * sizeof(T), hipMemcpyHostToDevice),
              hipSuccess);
  }
  ~DeviceArray() { static_cast<void>(hipFree(data_)); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() { return data_; }
  std::vector<T> values() {
    std::vector<T> result(size_);
    EXPECT_EQ(hipMemcpy(result.data(), data_, size_ * sizeof(T), hipMemcpyDeviceToHost),
              hipSuccess);
    return result;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_;
};

class Simt : public ::testing::Test {
 protected:
  void SetUp() override { use({}); }
  void TearDown() override {
    reset_after_fault();
    set_schedule_seed(0);
  }
  static void use(const Config& config) { configure(config); }
  /// Runs to the end and expects a fault whose text holds all of `parts`.
  static void expect_fault(hipError_t error, const std::vector<std::string>& parts) {
    EXPECT_EQ(hipDeviceSynchronize(), error);
    for (const auto& part : parts) {
      EXPECT_NE(fault_text().find(part), std::string::npos)
          << "'" << part << "' is missing in: " << fault_text();
    }
  }
  static std::string here(int line) {
    return "kernels/runtime/simt/simt_test.cpp:" + std::to_string(line);
  }
};

// ---- Results ---------------------------------------------------------------------------------

TEST_F(Simt, ReducesABlockUnderEveryScheduleAndWarpSize) {
  constexpr int rows = 9, n = 500;
  std::vector<float> x(rows * n);
  std::iota(x.begin(), x.end(), 0.0f);
  for (const int warp : {32, 64}) {
    Config config;
    config.warp_size = warp;
    use(config);
    DeviceArray<float> input(x), output(std::vector<float>(rows, -1.0f));
    for (const std::uint64_t seed : {0u, 1u, 2u, 12345u}) {
      set_schedule_seed(seed);
      hipLaunchKernelGGL(block_sum, dim3(rows), dim3(256), 0, nullptr, input.data(), output.data(),
                         n);
      ASSERT_EQ(hipDeviceSynchronize(), hipSuccess) << fault_text();
      const auto sums = output.values();
      for (int row = 0; row < rows; ++row) {
        // Integers below 2^24: exact in any order.
        const int first = row * n;
        const float expected = static_cast<float>(n * first + n * (n - 1) / 2);
        ASSERT_EQ(sums[static_cast<std::size_t>(row)], expected)
            << "row " << row << " warp size " << warp << " seed " << seed;
      }
    }
  }
}

TEST_F(Simt, ShufflesAsHipDefinesThem) {
  for (const int width : {64, 16}) {
    DeviceArray<int> up(std::vector<int>(64)), down(up.values()), straight(up.values()),
        exclusive(up.values());
    hipLaunchKernelGGL(shuffles, dim3(1), dim3(64), 0, nullptr, up.data(), down.data(),
                       straight.data(), exclusive.data(), width);
    ASSERT_EQ(hipDeviceSynchronize(), hipSuccess) << fault_text();
    for (int i = 0; i < 64; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const int begin = i / width * width;
      EXPECT_EQ(up.values()[at], i - 3 < begin ? i : i - 3) << "lane " << i << " width " << width;
      EXPECT_EQ(down.values()[at], i + 3 >= begin + width ? i : i + 3) << "lane " << i;
      EXPECT_EQ(straight.values()[at], begin + 5) << "lane " << i;
      EXPECT_EQ(exclusive.values()[at], i ^ 6) << "lane " << i;
    }
  }
}

TEST_F(Simt, GivesDynamicSharedMemory) {
  std::vector<int> values(100);
  std::iota(values.begin(), values.end(), 0);
  DeviceArray<int> array(values);
  hipLaunchKernelGGL(reverse_in_dynamic_shared, dim3(1), dim3(100), 100 * sizeof(int), nullptr,
                     array.data());
  ASSERT_EQ(hipDeviceSynchronize(), hipSuccess);
  EXPECT_EQ(array.values(), std::vector<int>(values.rbegin(), values.rend()));
}

TEST_F(Simt, VisitsEveryThreadOnceInAllDimensions) {
  const dim3 grid(3, 2, 4), block(5, 3, 2);
  for (const std::uint64_t seed : {0u, 7u, 24u}) {
    set_schedule_seed(seed);
    DeviceArray<int> visits(std::vector<int>(3 * 2 * 4 * 5 * 3 * 2));
    hipLaunchKernelGGL(coordinates, grid, block, 0, nullptr, visits.data());
    ASSERT_EQ(hipDeviceSynchronize(), hipSuccess);
    EXPECT_EQ(visits.values(), std::vector<int>(720, 1)) << "seed " << seed;
  }
}

TEST_F(Simt, KeepsBranchesOfAWarpApartAndJoinsThemAgain) {
  DeviceArray<int> out(std::vector<int>(64));
  hipLaunchKernelGGL(branches, dim3(1), dim3(64), 0, nullptr, out.data());
  ASSERT_EQ(hipDeviceSynchronize(), hipSuccess) << fault_text();
  for (int lane = 0; lane < 64; ++lane) {
    const int neighbour = lane ^ 1;
    const int expected = (neighbour % 2 == 0 ? 0 : 100) + (neighbour ^ 2);
    EXPECT_EQ(out.values()[static_cast<std::size_t>(lane)], expected) << "lane " << lane;
  }
}

TEST_F(Simt, MakesAllBlocksResidentWhenTheyWaitForEachOther) {
  Config config;
  config.threads = 2;
  use(config);
  constexpr int blocks = 24;
  DeviceArray<int> arrived({0}), out(std::vector<int>(blocks, 0));
  hipLaunchKernelGGL(grid_barrier, dim3(blocks), dim3(64), 0, nullptr, arrived.data(), out.data());
  ASSERT_EQ(hipDeviceSynchronize(), hipSuccess) << fault_text();
  EXPECT_EQ(out.values(), std::vector<int>(blocks, blocks));
}

TEST_F(Simt, RunsSeveralDevicesAtATimeInOneAddressSpace) {
  Config config;
  config.devices = 4;
  use(config);
  int count = 0;
  ASSERT_EQ(hipGetDeviceCount(&count), hipSuccess);
  ASSERT_EQ(count, 4);
  ASSERT_EQ(hipSetDevice(0), hipSuccess);
  DeviceArray<int> flags({0, -1, -1, -1, -1});
  // The last device starts first: it can end only because the others run beside it.
  for (int device = 3; device >= 0; --device) {
    ASSERT_EQ(hipSetDevice(device), hipSuccess);
    hipLaunchKernelGGL(hand_over, dim3(1), dim3(1), 0, nullptr, flags.data() + device,
                       flags.data() + device + 1, device);
  }
  for (int device = 0; device < 4; ++device) {
    ASSERT_EQ(hipSetDevice(device), hipSuccess);
    ASSERT_EQ(hipDeviceSynchronize(), hipSuccess) << fault_text();
  }
  EXPECT_EQ(flags.values(), (std::vector<int>{0, 1, 2, 3, 4}));
  ASSERT_EQ(hipSetDevice(0), hipSuccess);
}

TEST_F(Simt, OrdersStreamsByEvents) {
  hipStream_t first = nullptr, second = nullptr;
  hipEvent_t event = nullptr, end = nullptr;
  ASSERT_EQ(hipStreamCreate(&first), hipSuccess);
  ASSERT_EQ(hipStreamCreate(&second), hipSuccess);
  ASSERT_EQ(hipEventCreate(&event), hipSuccess);
  ASSERT_EQ(hipEventCreate(&end), hipSuccess);
  DeviceArray<int> flags({7, 0, 0});
  hipLaunchKernelGGL(hand_over, dim3(1), dim3(1), 0, first, flags.data(), flags.data() + 1, 7);
  ASSERT_EQ(hipEventRecord(event, first), hipSuccess);
  ASSERT_EQ(hipStreamWaitEvent(second, event), hipSuccess);
  int copied = 0;
  ASSERT_EQ(hipMemcpyAsync(&copied, flags.data() + 1, sizeof copied, hipMemcpyDeviceToHost, second),
            hipSuccess);
  ASSERT_EQ(hipEventRecord(end, second), hipSuccess);
  ASSERT_EQ(hipEventSynchronize(end), hipSuccess);
  EXPECT_EQ(copied, 8);
  float milliseconds = -1;
  ASSERT_EQ(hipEventElapsedTime(&milliseconds, event, end), hipSuccess);
  EXPECT_GE(milliseconds, 0.0f);
  ASSERT_EQ(hipEventDestroy(event), hipSuccess);
  ASSERT_EQ(hipEventDestroy(end), hipSuccess);
  ASSERT_EQ(hipStreamDestroy(first), hipSuccess);
  ASSERT_EQ(hipStreamDestroy(second), hipSuccess);
}

// ---- Errors of the host program --------------------------------------------------------------

TEST_F(Simt, RefusesLaunchesThatNoDeviceTakes) {
  DeviceArray<int> out(std::vector<int>(1));
  hipLaunchKernelGGL(divergent_barrier, dim3(0), dim3(64), 0, nullptr, out.data());
  EXPECT_EQ(hipGetLastError(), hipErrorInvalidConfiguration);
  hipLaunchKernelGGL(divergent_barrier, dim3(1), dim3(1025), 0, nullptr, out.data());
  EXPECT_EQ(hipGetLastError(), hipErrorInvalidConfiguration);
  EXPECT_EQ(hipGetLastError(), hipSuccess) << "reading the error did not clear it";
}

TEST_F(Simt, LimitsMemoryAndChecksPointers) {
  Config config;
  config.memory_bytes = 1000;
  use(config);
  void* memory = nullptr;
  EXPECT_EQ(hipMalloc(&memory, 1001), hipErrorOutOfMemory);
  ASSERT_EQ(hipMalloc(&memory, 1000), hipSuccess);
  void* more = nullptr;
  EXPECT_EQ(hipMalloc(&more, 1), hipErrorOutOfMemory);
  std::vector<std::byte> host(2000);
  EXPECT_EQ(hipMemcpy(memory, host.data(), 1001, hipMemcpyHostToDevice), hipErrorInvalidValue);
  EXPECT_EQ(hipMemcpy(host.data(), host.data(), 8, hipMemcpyDeviceToHost), hipErrorInvalidValue);
  EXPECT_EQ(hipFree(host.data()), hipErrorInvalidValue);
  EXPECT_EQ(hipFree(memory), hipSuccess);
  EXPECT_EQ(hipMalloc(&memory, 1000), hipSuccess) << "freed memory did not come back";
  EXPECT_EQ(hipFree(memory), hipSuccess);
}

// ---- Defects of kernels ----------------------------------------------------------------------

TEST_F(Simt, NamesTheLineOfABarrierThatSomeThreadsSkip) {
  DeviceArray<int> out(std::vector<int>(64));
  hipLaunchKernelGGL(divergent_barrier, dim3(1), dim3(64), 0, nullptr, out.data());
  expect_fault(hipErrorLaunchFailure,
               {"barrier divergence", "10 wait at the barrier at ", here(divergent_line),
                "54 of 64 threads have ended", "divergent_barrier"});
}

TEST_F(Simt, TellsTwoBarriersApart) {
  DeviceArray<int> out(std::vector<int>(2));
  hipLaunchKernelGGL(two_barriers, dim3(1), dim3(128), 0, nullptr, out.data());
  expect_fault(hipErrorLaunchFailure, {"barrier divergence"});
}

TEST_F(Simt, NamesTheLineOfAReadFromAnInactiveLane) {
  DeviceArray<int> out(std::vector<int>(64));
  hipLaunchKernelGGL(reads_inactive_lane, dim3(1), dim3(64), 0, nullptr, out.data());
  expect_fault(hipErrorLaunchFailure,
               {"reads lane 8, which has ended", "shuffle at " + here(inactive_line)});
}

TEST_F(Simt, NamesTheLineOfASpinThatNeverEnds) {
  Config config;
  config.hang_seconds = 0.05;
  use(config);
  DeviceArray<int> flag({0}), out(std::vector<int>(64));
  hipLaunchKernelGGL(waits_for_ever, dim3(1), dim3(64), 0, nullptr, flag.data(), out.data());
  expect_fault(hipErrorLaunchTimeOut,
               {"hang", "64 of 64 threads spin at " + here(spin_line), "waits_for_ever"});
}

TEST_F(Simt, NamesTheLastPlaceOfALoopThatNeverEnds) {
  Config config;
  config.hang_seconds = 0.05;
  use(config);
  static std::atomic<bool> stop{false};
  hipLaunchKernelGGL(computes_for_ever, dim3(1), dim3(64), 0, nullptr, &stop);
  expect_fault(hipErrorLaunchTimeOut,
               {"hang", "has neither ended nor waited", here(computing_line)});
  stop = true;  // lets the OS thread go
}

TEST_F(Simt, StaysDownAfterAFault) {
  DeviceArray<int> out(std::vector<int>(64));
  hipLaunchKernelGGL(divergent_barrier, dim3(1), dim3(64), 0, nullptr, out.data());
  ASSERT_EQ(hipDeviceSynchronize(), hipErrorLaunchFailure);
  void* memory = nullptr;
  EXPECT_EQ(hipMalloc(&memory, 16), hipErrorLaunchFailure);
  EXPECT_EQ(hipGetLastError(), hipErrorLaunchFailure);
  EXPECT_EQ(hipGetLastError(), hipErrorLaunchFailure) << "a fault must not be forgotten";
}

}  // namespace
}  // namespace fusegate::simt
