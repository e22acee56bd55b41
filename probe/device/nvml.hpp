#pragma once

#include "probe/device/backend.hpp"
#include "probe/device/vendor_library.hpp"

namespace fusegate::probe {

[[nodiscard]] VendorLibrary nvml_library();

/// NVIDIA devices through libnvidia-ml, which comes with the driver. Asks in the calling process:
/// see backend.hpp. Throws CannotRun when the library lacks a function that every release has.
[[nodiscard]] BackendAnswer ask_nvml(const SurveyOptions& options);

}  // namespace fusegate::probe
