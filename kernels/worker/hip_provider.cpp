#include "kernels/worker/hip_provider.hpp"

#include <hip/hip_runtime.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "kernels/worker/options.hpp"
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

HipProvider::HipProvider(std::span<const Operation> operations, int device)
    : operations_(operations), device_(device) {}

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
    operations.push_back({{"op", operation.op}, {"dtypes", {"fp32", "fp16", "bf16"}}});
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
  LaunchInfo info;
  FUSEGATE_HIP(hipEventRecord(device.begin, device.stream));
  FUSEGATE_HIP(found->launch(Call(request, memory, device.stream), info));
  FUSEGATE_HIP(hipEventRecord(device.end, device.stream));
  FUSEGATE_HIP(
      hipMemcpyAsync(arena.data(), memory, arena.size(), hipMemcpyDeviceToHost, device.stream));
  FUSEGATE_HIP(hipStreamSynchronize(device.stream));

  RunResult result;
  if (*info.kernel != '\0') {
    result.launches.push_back({info.kernel,
                               {info.grid.x, info.grid.y, info.grid.z},
                               {info.block.x, info.block.y, info.block.z},
                               info.vector,
                               info.cached});
    float milliseconds = 0;
    FUSEGATE_HIP(hipEventElapsedTime(&milliseconds, device.begin, device.end));
    result.device_us = static_cast<double>(milliseconds) * 1000.0;
  }
  return result;
}

namespace {

/// Of `--name=value`. Throws std::invalid_argument for one that cannot be.
void apply_option(std::string_view argument, int& device) {
  const auto equals = argument.find('=');
  if (!argument.starts_with("--") || equals == std::string_view::npos) {
    throw std::invalid_argument("is not of the form --name=value");
  }
  const auto name = argument.substr(2, equals - 2);
  const std::string value(argument.substr(equals + 1));
  if (name == "device") {
    device = static_cast<int>(whole_number(value, 0, std::numeric_limits<int>::max()));
  } else if (!apply_runtime_option(name, value)) {
    throw std::invalid_argument(
        fmt::format("is no option of this worker; there are --device=0{}", runtime_options()));
  }
}

}  // namespace

int worker_main(int argc, char** argv, std::span<const Operation> operations) {
  int device = 0;
  for (int i = 1; i < argc; ++i) {
    try {
      apply_option(argv[i], device);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s %s\n", argv[0], argv[i], error.what());
      return 2;
    }
  }
  HipProvider provider(operations, device);
  return serve(provider, std::string("fusegate-worker-") + runtime_name());
}

}  // namespace fusegate::kernels
