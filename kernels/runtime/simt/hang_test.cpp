// Kernels that do not end, each named with its place, and whoever waits for them.
#include <hip/hip_runtime.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/runtime/simt/simt.hpp"
#include "kernels/runtime/simt/test_support.hpp"

namespace fusegate::simt {
namespace {

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

constexpr int barriers_line = __LINE__ + 3;
__global__ void meets_for_ever(const volatile int* done) {
  while (*done == 0) {
    __syncthreads();
  }
}

constexpr int shuffles_line = __LINE__ + 4;
__global__ void shuffles_for_ever(const volatile int* done) {
  int value = static_cast<int>(threadIdx.x);
  while (*done == 0) {
    value = __shfl_xor(value, 1);
  }
}

/// Takes long, but comes to its end.
__global__ void meets_now_and_then(int milliseconds) {
  for (int i = 0; i < milliseconds; ++i) {
    if (threadIdx.x == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    __syncthreads();
  }
}

enum Loop { barriers, shuffles };

/// The first block runs in a loop, and the second one breaks down once it does. The last argument
/// is there to show when all threads have left.
__global__ void breaks_beside_a_loop(int* begun, Loop loop, const std::shared_ptr<int>&) {
  if (blockIdx.x == 1) {
    while (__hip_atomic_load(begun, __ATOMIC_ACQUIRE, __HIP_MEMORY_SCOPE_AGENT) == 0) {
    }
    if (threadIdx.x == 0) __syncthreads();
    return;
  }
  __hip_atomic_store(begun, 1, __ATOMIC_RELEASE, __HIP_MEMORY_SCOPE_AGENT);
  int value = 0;
  for (;;) {
    if (loop == barriers) {
      __syncthreads();
    } else {
      value = __shfl_xor(value, 1);
    }
  }
}

class Hang : public Simt {
 protected:
  static void use(double hang_seconds, double block_seconds) {
    Config config;
    config.threads = 2;
    config.hang_seconds = hang_seconds;
    config.block_seconds = block_seconds;
    configure(config);
  }
};

constexpr double soon = 0.05;
constexpr double a_second = 1;  // in which even a busy machine starts a thread
constexpr double never = 1e6;

// ---- Named ------------------------------------------------------------------------------------

TEST_F(Hang, NamesTheLineOfASpinThatNeverEnds) {
  use(a_second, never);
  DeviceArray<int> flag({0}), out(std::vector<int>(64));
  hipLaunchKernelGGL(waits_for_ever, dim3(1), dim3(64), 0, nullptr, flag.data(), out.data());
  expect_fault(hipErrorLaunchTimeOut,
               {"hang", "64 of 64 threads spin at " + here(spin_line), "waits_for_ever"});
}

TEST_F(Hang, NamesTheLastPlaceOfALoopThatNeverEnds) {
  use(a_second, never);
  static std::atomic<bool> stop{false};
  hipLaunchKernelGGL(computes_for_ever, dim3(1), dim3(64), 0, nullptr, &stop);
  expect_fault(hipErrorLaunchTimeOut,
               {"hang", "has neither ended nor waited", here(computing_line)});
  stop = true;  // lets the OS thread go
}

TEST_F(Hang, NamesTheBarrierOfALoopThatNeverEnds) {
  use(never, soon);
  DeviceArray<int> done({0});
  hipLaunchKernelGGL(meets_for_ever, dim3(1), dim3(64), 0, nullptr, done.data());
  expect_fault(hipErrorLaunchTimeOut,
               {"hang: no thread of the block has ended in ",
                " turns and 0.05 s: ", here(barriers_line), "meets_for_ever"});
}

TEST_F(Hang, NamesTheShuffleOfALoopThatNeverEnds) {
  use(never, soon);
  DeviceArray<int> done({0});
  hipLaunchKernelGGL(shuffles_for_ever, dim3(1), dim3(64), 0, nullptr, done.data());
  expect_fault(
      hipErrorLaunchTimeOut,
      {"hang: no thread of the block has ended in ", " turns and 0.05 s: ",
       "64 of 64 threads wait in the shuffle at " + here(shuffles_line), "shuffles_for_ever"});
}

TEST_F(Hang, IsNotWhatASlowKernelDoes) {
  use(never, soon);
  hipLaunchKernelGGL(meets_now_and_then, dim3(1), dim3(64), 0, nullptr, 200);
  EXPECT_EQ(hipDeviceSynchronize(), hipSuccess) << fault_text();
}

// ---- Left -------------------------------------------------------------------------------------

TEST_F(Hang, IsLeftWhenAnotherBlockBreaksDown) {
  use(never, never);
  for (const Loop loop : {barriers, shuffles}) {
    DeviceArray<int> begun({0});
    auto held = std::make_shared<int>();
    hipLaunchKernelGGL(breaks_beside_a_loop, dim3(2), dim3(64), 0, nullptr, begun.data(), loop,
                       held);
    expect_fault(hipErrorLaunchFailure, {"barrier divergence"});
    for (int i = 0; i < 500 && held.use_count() > 1; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(held.use_count(), 1) << "a thread is still in the loop " << loop;
    reset_after_fault();
  }
}

// ---- Met by everyone who waits ----------------------------------------------------------------

TEST_F(Hang, IsMetByOneWhoWaitsForAnEvent) {
  use(a_second, never);
  static std::atomic<bool> stop{false};
  hipEvent_t event = nullptr;
  ASSERT_EQ(hipEventCreate(&event), hipSuccess);
  hipLaunchKernelGGL(computes_for_ever, dim3(1), dim3(64), 0, nullptr, &stop);
  ASSERT_EQ(hipEventRecord(event), hipSuccess);
  EXPECT_EQ(hipEventSynchronize(event), hipErrorLaunchTimeOut);
  expect_fault_text({"has neither ended nor waited", here(computing_line)});
  stop = true;
  ASSERT_EQ(hipEventDestroy(event), hipSuccess);
}

TEST_F(Hang, IsMetThroughAnotherStream) {
  use(a_second, never);
  static std::atomic<bool> stop{false};
  hipStream_t first = nullptr, second = nullptr;
  hipEvent_t event = nullptr;
  ASSERT_EQ(hipStreamCreate(&first), hipSuccess);
  ASSERT_EQ(hipStreamCreate(&second), hipSuccess);
  ASSERT_EQ(hipEventCreate(&event), hipSuccess);
  hipLaunchKernelGGL(computes_for_ever, dim3(1), dim3(64), 0, first, &stop);
  ASSERT_EQ(hipEventRecord(event, first), hipSuccess);
  ASSERT_EQ(hipStreamWaitEvent(second, event), hipSuccess);
  EXPECT_EQ(hipStreamSynchronize(second), hipErrorLaunchTimeOut);
  expect_fault_text({"has neither ended nor waited", here(computing_line)});
  stop = true;
  ASSERT_EQ(hipEventDestroy(event), hipSuccess);
}

}  // namespace
}  // namespace fusegate::simt
