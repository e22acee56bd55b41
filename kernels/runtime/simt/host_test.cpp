// The host API: devices, memory, streams, events, and the mistakes of a host program.
#include <hip/hip_runtime.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/runtime/simt/simt.hpp"
#include "kernels/runtime/simt/test_support.hpp"

namespace fusegate::simt {
namespace {

__global__ void hand_over(int* from, int* to, int value) {
  while (__hip_atomic_load(from, __ATOMIC_ACQUIRE, __HIP_MEMORY_SCOPE_SYSTEM) != value) {
  }
  __hip_atomic_store(to, value + 1, __ATOMIC_RELEASE, __HIP_MEMORY_SCOPE_SYSTEM);
}

__global__ void waits_for_host(const std::atomic<bool>* go, std::atomic<bool>* done) {
  while (!go->load()) std::this_thread::yield();
  done->store(true);
}

__global__ void does_nothing() {}

TEST_F(Simt, CopiesFromDeviceToDeviceWithinAllocationsOnly) {
  DeviceArray<int> from({1, 2, 3});
  DeviceArray<int> to({0, 0, 0});
  constexpr auto bytes = 3 * sizeof(int);
  ASSERT_EQ(hipMemcpy(to.data(), from.data(), bytes, hipMemcpyDeviceToDevice), hipSuccess);
  EXPECT_EQ(to.data()[2], 3);
  int host = 0;
  for (const auto& [target, source] :
       {std::pair<int*, int*>{&host, from.data()}, std::pair<int*, int*>{to.data(), &host}}) {
    EXPECT_EQ(hipMemcpy(target, source, sizeof host, hipMemcpyDeviceToDevice),
              hipErrorInvalidValue);
  }
  static_cast<void>(hipGetLastError());
}

TEST_F(Simt, RunsSeveralDevicesAtATimeInOneAddressSpace) {
  Config config;
  config.devices = 4;
  configure(config);
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

TEST_F(Simt, RefusesLaunchesThatNoDeviceTakes) {
  hipLaunchKernelGGL(does_nothing, dim3(0), dim3(64), 0, nullptr);
  EXPECT_EQ(hipGetLastError(), hipErrorInvalidConfiguration);
  hipLaunchKernelGGL(does_nothing, dim3(1), dim3(1025), 0, nullptr);
  EXPECT_EQ(hipGetLastError(), hipErrorInvalidConfiguration);
  hipLaunchKernelGGL(does_nothing, dim3(1, 0x10000), dim3(1), 0, nullptr);
  EXPECT_EQ(hipGetLastError(), hipErrorInvalidConfiguration);
  hipLaunchKernelGGL(does_nothing, dim3(1), dim3(1), (64u << 10) + 1, nullptr);
  EXPECT_EQ(hipGetLastError(), hipErrorInvalidConfiguration) << "more shared memory than there is";
  EXPECT_EQ(hipGetLastError(), hipSuccess) << "reading the error did not clear it";
}

TEST_F(Simt, LimitsMemoryAndChecksPointers) {
  Config config;
  config.memory_bytes = 1000;
  configure(config);
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

TEST_F(Simt, FreesMemoryOnlyWhenItsOwnDeviceIsIdle) {
  Config config;
  config.devices = 2;
  configure(config);
  ASSERT_EQ(hipSetDevice(1), hipSuccess);
  void* memory = nullptr;
  ASSERT_EQ(hipMalloc(&memory, 16), hipSuccess);
  std::atomic<bool> go{false}, done{false};
  hipLaunchKernelGGL(waits_for_host, dim3(1), dim3(1), 0, nullptr, &go, &done);
  ASSERT_EQ(hipSetDevice(0), hipSuccess);
  std::thread host([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    go = true;
  });
  EXPECT_EQ(hipFree(memory), hipSuccess);
  EXPECT_TRUE(done) << "the memory went while a kernel of its device ran";
  host.join();
}

TEST_F(Simt, RefusesToDestroyWhatIsNoStream) {
  EXPECT_EQ(hipStreamDestroy(nullptr), hipErrorInvalidHandle);
  hipStream_t stream = nullptr;
  ASSERT_EQ(hipStreamCreate(&stream), hipSuccess);
  ASSERT_EQ(hipStreamDestroy(stream), hipSuccess);
  EXPECT_EQ(hipStreamDestroy(stream), hipErrorInvalidHandle) << "it was destroyed twice";
}

}  // namespace
}  // namespace fusegate::simt
