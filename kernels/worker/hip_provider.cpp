#include "kernels/worker/hip_provider.hpp"

#include <hip/hip_runtime.h>

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "kernels/worker/runtime_hooks.hpp"

namespace fusegate::kernels {
namespace {

using Json = nlohmann::ordered_json;

/// Name and meaning. To some runtimes the name is all that an error means.
std::string error_text(hipError_t error) {
  const std::string name = hipGetErrorName(error);
  const std::string meaning = hipGetErrorString(error);
  return name == meaning ? name : fmt::format("{} ({})", name, meaning);
}

/// Throws a WorkerError for what the runtime reports, after clearing it.
void check(hipError_t error, const char* call) {
  if (error == hipSuccess) return;
  static_cast<void>(hipGetLastError());
  const auto text = fmt::format("{}: {}", call, error_text(error));
  const auto fault = kernel_fault_text();
  const bool down = !fault.empty();
  if (error == hipErrorOutOfMemory) {
    throw WorkerError(ErrorKind::out_of_memory, down ? fault : text, down);
  }
  if (error == hipErrorInvalidValue) throw WorkerError(ErrorKind::runtime, text);
  if (down) throw WorkerError(ErrorKind::kernel_fault, fault, true);
  // Anything else may have left the device's context broken.
  throw WorkerError(ErrorKind::runtime, text, true);
}

#define FUSEGATE_HIP(call) check(call, #call)

std::string version_text(int version) {
  return version > 0 ? std::to_string(version) : "";
}

}  // namespace

struct HipProvider::Resources {
  explicit Resources(int device) {
    int count = 0;
    const hipError_t error = hipGetDeviceCount(&count);
    if (error != hipSuccess || count == 0) {
      throw WorkerError(ErrorKind::no_device, fmt::format("the {} runtime finds no device: {}",
                                                          runtime_name(), error_text(error)));
    }
    if (device >= count) {
      throw WorkerError(ErrorKind::no_device,
                        fmt::format("there is no device {}: the {} runtime finds {}", device,
                                    runtime_name(), count));
    }
    FUSEGATE_HIP(hipSetDevice(device));
    FUSEGATE_HIP(hipStreamCreate(&stream));
    FUSEGATE_HIP(hipEventCreate(&begin));
    FUSEGATE_HIP(hipEventCreate(&end));
  }
  ~Resources() {
    // Errors have been reported where they arose; there is nobody left to tell.
    static_cast<void>(hipEventDestroy(end));
    static_cast<void>(hipEventDestroy(begin));
    static_cast<void>(hipStreamDestroy(stream));
    static_cast<void>(hipFree(memory));
  }
  // Owns device resources.
  Resources(const Resources&) = delete;
  Resources& operator=(const Resources&) = delete;

  std::byte* reserve(std::size_t bytes) {
    if (bytes > capacity) {
      static_cast<void>(hipFree(memory));
      memory = nullptr;
      capacity = 0;
      void* fresh = nullptr;
      FUSEGATE_HIP(hipMalloc(&fresh, bytes));
      memory = static_cast<std::byte*>(fresh);
      capacity = bytes;
    }
    return memory;
  }

  hipStream_t stream = nullptr;
  hipEvent_t begin = nullptr, end = nullptr;
  std::byte* memory = nullptr;
  std::size_t capacity = 0;
};

HipProvider::HipProvider(std::vector<Operation> operations, int device)
    : operations_(std::move(operations)), device_(device) {}

HipProvider::~HipProvider() = default;

HipProvider::Resources& HipProvider::resources() {
  if (!resources_) resources_ = std::make_unique<Resources>(device_);
  return *resources_;
}

Json HipProvider::describe() {
  resources();
  hipDeviceProp_t properties{};
  FUSEGATE_HIP(hipGetDeviceProperties(&properties, device_));
  int driver = 0;
  int runtime = 0;
  FUSEGATE_HIP(hipDriverGetVersion(&driver));
  FUSEGATE_HIP(hipRuntimeGetVersion(&runtime));
  return {{"runtime", runtime_name()},
          {"device",
           {{"index", device_},
            {"name", properties.name},
            {"architecture", device_architecture(properties)},
            {"memory_bytes", properties.totalGlobalMem},
            {"multiprocessors", properties.multiProcessorCount},
            {"warp_size", properties.warpSize}}},
          {"versions", {{"driver", version_text(driver)}, {"runtime", version_text(runtime)}}}};
}

Json HipProvider::list() {
  Json operations = Json::array();
  for (const Operation& operation : operations_) {
    Json described{{"op", operation.op}, {"dtypes", operation.dtypes}};
    if (!operation.entry.empty()) described["entry"] = operation.entry;
    if (!operation.generation.empty()) described["generation"] = operation.generation;
    operations.push_back(std::move(described));
  }
  return {{"operations", operations}};
}

RunResult HipProvider::run(const RunRequest& request, std::span<std::byte> arena) {
  const auto found = std::find_if(operations_.begin(), operations_.end(),
                                  [&](const Operation& op) { return request.op == op.op; });
  if (found == operations_.end()) {
    throw WorkerError(ErrorKind::unsupported, fmt::format("there is no op {}", request.op));
  }
  choose_schedule(request.schedule);
  Resources& device = resources();
  std::byte* memory = device.reserve(arena.size());
  FUSEGATE_HIP(
      hipMemcpyAsync(memory, arena.data(), arena.size(), hipMemcpyHostToDevice, device.stream));
  const Call call(request, memory, device.stream);
  if (found->prepare) FUSEGATE_HIP(found->prepare(call));
  LaunchInfo info;
  FUSEGATE_HIP(hipEventRecord(device.begin, device.stream));
  FUSEGATE_HIP(found->launch(call, info));
  FUSEGATE_HIP(hipEventRecord(device.end, device.stream));
  FUSEGATE_HIP(
      hipMemcpyAsync(arena.data(), memory, arena.size(), hipMemcpyDeviceToHost, device.stream));
  FUSEGATE_HIP(hipStreamSynchronize(device.stream));

  RunResult result;
  const bool knows_launch = info.grid.x > 0;
  if (knows_launch) {
    result.launches.push_back({info.kernel,
                               {info.grid.x, info.grid.y, info.grid.z},
                               {info.block.x, info.block.y, info.block.z},
                               info.vector,
                               info.cached});
  }
  if (*info.kernel != '\0') {
    float milliseconds = 0;
    FUSEGATE_HIP(hipEventElapsedTime(&milliseconds, device.begin, device.end));
    result.device_us = static_cast<double>(milliseconds) * 1000.0;
  }
  return result;
}

}  // namespace fusegate::kernels
