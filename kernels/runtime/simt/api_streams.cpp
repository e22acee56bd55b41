// The host API of <hip/hip_runtime.h> on the SIMT runtime: streams and events.
#include <algorithm>
#include <chrono>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "kernels/runtime/simt/api.hpp"

using namespace fusegate::simt;

namespace {

using Streams = std::vector<std::unique_ptr<Stream>>;

Streams::iterator find(Streams& streams, hipStream_t stream) {
  return std::find_if(streams.begin(), streams.end(),
                      [&](const auto& owned) { return owned.get() == stream; });
}

/// The streams of the device that has this one among them, or null. With the lock held.
Streams* streams_with(hipStream_t stream) {
  Runtime& runtime = Runtime::get();
  for (int i = 0; i < runtime.device_count(); ++i) {
    Streams& streams = runtime.device(i).streams;
    if (find(streams, stream) != streams.end()) return &streams;
  }
  return nullptr;
}

}  // namespace

hipError_t hipStreamCreate(hipStream_t* stream) {
  if (const auto error = device_error(); error != hipSuccess) return remember(error);
  try {
    auto made = std::make_unique<Stream>();
    const std::lock_guard lock(Runtime::get().mutex);
    auto& streams = Runtime::get().device(current_device()).streams;
    *stream = streams.emplace_back(std::move(made)).get();
  } catch (const std::system_error&) {  // no thread for it
    return remember(hipErrorOutOfMemory);
  }
  return hipSuccess;
}

hipError_t hipStreamDestroy(hipStream_t stream) {
  // Any value may come: it is looked at only after it was found.
  Streams* streams = nullptr;
  {
    const std::lock_guard lock(Runtime::get().mutex);
    streams = streams_with(stream);
  }
  if (streams == nullptr) return remember(hipErrorInvalidHandle);
  stream->wait();
  const std::lock_guard lock(Runtime::get().mutex);
  std::erase_if(*streams, [&](const auto& owned) { return owned.get() == stream; });
  return remember(device_error());
}

hipError_t hipStreamSynchronize(hipStream_t stream) {
  stream_or_default(stream).wait();
  return remember(device_error());
}

hipError_t hipStreamWaitEvent(hipStream_t stream, hipEvent_t event, unsigned) {
  if (event == nullptr) return remember(hipErrorInvalidHandle);
  stream_or_default(stream).submit([point = *event] { point.wait(); });
  return hipSuccess;
}

hipError_t hipEventCreate(hipEvent_t* event) {
  *event = new Event;
  return hipSuccess;
}

hipError_t hipEventDestroy(hipEvent_t event) {
  delete event;
  return hipSuccess;
}

hipError_t hipEventRecord(hipEvent_t event, hipStream_t stream) {
  if (event == nullptr) return remember(hipErrorInvalidHandle);
  event->record(stream_or_default(stream));
  return hipSuccess;
}

hipError_t hipEventSynchronize(hipEvent_t event) {
  event->wait();
  return remember(device_error());
}

hipError_t hipEventElapsedTime(float* milliseconds, hipEvent_t start, hipEvent_t stop) {
  const auto from = start->time();
  const auto to = stop->time();
  if (!from || !to) return remember(hipErrorNotReady);
  *milliseconds = std::chrono::duration<float, std::milli>(*to - *from).count();
  return hipSuccess;
}
