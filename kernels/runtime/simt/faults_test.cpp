// Defects of kernels other than hangs, each named with its place.
#include <hip/hip_runtime.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/runtime/simt/run_block.hpp"
#include "kernels/runtime/simt/simt.hpp"
#include "kernels/runtime/simt/test_support.hpp"

namespace fusegate::simt {
namespace {

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

constexpr int other_warp_line = __LINE__ + 3;
__global__ void reads_lane_of_another_warp(int* out) {
  const int mask = static_cast<int>(threadIdx.x) < warpSize ? 0 : -1;
  out[threadIdx.x] = __shfl_xor(static_cast<int>(threadIdx.x), mask);
}

/// Uses about so many KiB of stack.
int use_stack(int kib) {
  volatile char page[1024];
  for (volatile char& c : page) c = 1;
  return kib > 1 ? page[0] + use_stack(kib - 1) + page[1023] : 0;
}

constexpr int deep_line = __LINE__ + 3;
__global__ void deep_before_a_barrier(int* out, int kib) {
  if (threadIdx.x == 0) out[blockIdx.x] = use_stack(kib);
  __syncthreads();
}

__global__ void deep_to_the_end(int* out, int kib) {
  if (threadIdx.x == 0) out[blockIdx.x] = use_stack(kib);
}

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

TEST_F(Simt, NamesTheLineOfAReadFromAnotherWarp) {
  DeviceArray<int> out(std::vector<int>(128));
  hipLaunchKernelGGL(reads_lane_of_another_warp, dim3(1), dim3(128), 0, nullptr, out.data());
  expect_fault(hipErrorLaunchFailure, {"thread 64 reads lane -1, which no warp has",
                                       "shuffle at " + here(other_warp_line)});
}

TEST_F(Simt, NamesAKernelThatNeedsMoreStackThanThereIs) {
  DeviceArray<int> out({0});
  hipLaunchKernelGGL(deep_before_a_barrier, dim3(1), dim3(1), 0, nullptr, out.data(), 140);
  expect_fault(hipErrorLaunchFailure, {"stack overflow: thread 0 used more than the 128 KiB",
                                       here(deep_line), "deep_before_a_barrier"});
  reset_after_fault();
  hipLaunchKernelGGL(deep_to_the_end, dim3(1), dim3(1), 0, nullptr, out.data(), 140);
  expect_fault(hipErrorLaunchFailure, {"stack overflow", "before it ended", "deep_to_the_end"});
}

TEST_F(Simt, LeavesKernelsMostOfTheirStack) {
  DeviceArray<int> out({0, 0, 0});
  for (int i = 0; i < 2; ++i) {
    hipLaunchKernelGGL(deep_before_a_barrier, dim3(3), dim3(64), 0, nullptr, out.data(), 60);
    EXPECT_EQ(hipDeviceSynchronize(), hipSuccess) << fault_text();
  }
}

TEST_F(Simt, BeginsWithCleanStacksAfterAnOverflow) {
  Config config;
  config.threads = 1;  // so that the same stacks are taken again
  configure(config);
  DeviceArray<int> out({0});
  hipLaunchKernelGGL(deep_to_the_end, dim3(1), dim3(1), 0, nullptr, out.data(), 140);
  ASSERT_EQ(hipDeviceSynchronize(), hipErrorLaunchFailure);
  reset_after_fault();
  hipLaunchKernelGGL(deep_to_the_end, dim3(1), dim3(1), 0, nullptr, out.data(), 1);
  EXPECT_EQ(hipDeviceSynchronize(), hipSuccess) << fault_text();
}

TEST(RunBlock, TurnsAnExceptionOfTheRuntimeIntoAFault) {
  const int never = 0;
  const std::function<void()> body = [&never] {
    while (__hip_atomic_load(&never, __ATOMIC_ACQUIRE, __HIP_MEMORY_SCOPE_AGENT) == 0) {
    }
  };
  const std::atomic<bool> stop{false};
  Heartbeat heartbeat;
  StackMemory stacks;
  const auto fault = run_block({.body = &body,
                                .kernel = "unlucky",
                                .index = 0,
                                .warp_size = 64,
                                .seed = 0,
                                .hang_seconds = 10,
                                .block_seconds = 10,
                                .stop = &stop,
                                .on_only_spins = [] { throw std::bad_alloc(); },
                                .heartbeat = &heartbeat,
                                .stacks = &stacks});
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->error, hipErrorOutOfMemory);
  EXPECT_NE(fault->text.find("kernel unlucky"), std::string::npos) << fault->text;
}

TEST(FaultOf, TellsAShortageFromAMistake) {
  EXPECT_EQ(fault_of(std::bad_alloc(), "k").error, hipErrorOutOfMemory);
  for (const auto code :
       {std::errc::not_enough_memory, std::errc::resource_unavailable_try_again}) {
    EXPECT_EQ(fault_of(std::system_error(std::make_error_code(code)), "k").error,
              hipErrorOutOfMemory);
  }
  EXPECT_EQ(fault_of(std::system_error(std::make_error_code(std::errc::io_error)), "k").error,
            hipErrorLaunchFailure);
}

TEST(StackMemory, RefusesMoreThanThereIs) {
  StackMemory stacks;
  EXPECT_THROW(stacks.get(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  EXPECT_THROW(stacks.get(std::size_t{1} << 36), std::system_error);
  EXPECT_NE(stacks.get(1), nullptr) << "it must go on after a failure";
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
