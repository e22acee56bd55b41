// What sound kernels give, under every schedule.
#include "kernels/runtime/simt/simt.hpp"

#include <hip/hip_runtime.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/runtime/simt/test_support.hpp"

namespace fusegate::simt {
namespace {

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

// ---- Results ---------------------------------------------------------------------------------

TEST_F(Simt, ReducesABlockUnderEveryScheduleAndWarpSize) {
  constexpr int rows = 9, n = 500;
  std::vector<float> x(rows * n);
  std::iota(x.begin(), x.end(), 0.0f);
  for (const int warp : {32, 64}) {
    Config config;
    config.warp_size = warp;
    configure(config);
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
  for (const std::uint64_t seed :
       {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{24}, ~std::uint64_t{0}}) {
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
  configure(config);
  constexpr int blocks = 24;
  DeviceArray<int> arrived({0}), out(std::vector<int>(blocks, 0));
  hipLaunchKernelGGL(grid_barrier, dim3(blocks), dim3(64), 0, nullptr, arrived.data(), out.data());
  ASSERT_EQ(hipDeviceSynchronize(), hipSuccess) << fault_text();
  EXPECT_EQ(out.values(), std::vector<int>(blocks, blocks));
}

}  // namespace
}  // namespace fusegate::simt
