// What the parts of the host API share.
#pragma once

#include <hip/hip_runtime.h>

#include "kernels/runtime/simt/runtime.hpp"

namespace fusegate::simt {

/// Keeps an error for hipGetLastError(), and hands it on.
hipError_t remember(hipError_t error);

/// The error of a kernel's fault, if one has brought the devices down.
[[nodiscard]] hipError_t device_error();

/// The device that this host thread has chosen.
[[nodiscard]] int current_device();

/// The current device's default stream for null.
[[nodiscard]] Stream& stream_or_default(hipStream_t stream);

}  // namespace fusegate::simt
