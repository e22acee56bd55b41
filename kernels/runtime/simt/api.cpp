// The host API of <hip/hip_runtime.h> on the SIMT runtime: errors, devices, launches.
#include "kernels/runtime/simt/api.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

using namespace fusegate::simt;

namespace {

// As of all devices that HIP runs on.
constexpr std::uint64_t max_threads = 1024;
constexpr std::size_t max_dynamic_shared = 64u << 10;
constexpr std::uint32_t max_grid_x = 0x7fffffff;
constexpr std::uint32_t max_grid_yz = 0xffff;

// HIP keeps both per host thread.
thread_local hipError_t last_error = hipSuccess;
thread_local int chosen_device = 0;

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

hipError_t fusegate::simt::remember(hipError_t error) {
  if (error != hipSuccess) last_error = error;
  return error;
}

hipError_t fusegate::simt::device_error() {
  const auto fault = Runtime::get().fault();
  return fault ? fault->error : hipSuccess;
}

int fusegate::simt::current_device() {
  return chosen_device;
}

Stream& fusegate::simt::stream_or_default(hipStream_t stream) {
  return stream != nullptr ? *stream : *Runtime::get().device(current_device()).default_stream;
}

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

// ---- Devices --------------------------------------------------------------------------------

hipError_t hipGetDeviceCount(int* count) {
  *count = Runtime::get().device_count();
  return hipSuccess;
}

hipError_t hipSetDevice(int device) {
  if (device < 0 || device >= Runtime::get().device_count()) {
    return remember(hipErrorInvalidDevice);
  }
  chosen_device = device;
  return hipSuccess;
}

hipError_t hipGetDevice(int* device) {
  *device = current_device();
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
  properties->warpSize = config.warp_size;
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
  Runtime::get().wait_for_device(current_device());
  return remember(device_error());
}

// ---- Launches -------------------------------------------------------------------------------

void fusegate::simt::enqueue_launch(const char* kernel, dim3 grid, dim3 block,
                                    std::size_t dynamic_shared_bytes, hipStream_t stream,
                                    std::function<void()> body) {
  const std::uint64_t threads = std::uint64_t{block.x} * block.y * block.z;
  const bool empty = threads == 0 || grid.x == 0 || grid.y == 0 || grid.z == 0;
  const bool too_large =
      threads > max_threads || grid.x > max_grid_x || grid.y > max_grid_yz || grid.z > max_grid_yz;
  if (empty || too_large || dynamic_shared_bytes > max_dynamic_shared) {
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
