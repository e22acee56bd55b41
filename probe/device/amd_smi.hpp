#pragma once

#include "probe/device/backend.hpp"
#include "probe/device/vendor_library.hpp"

namespace fusegate::probe {

[[nodiscard]] VendorLibrary amd_smi_library();

/// AMD devices through libamd_smi (ROCm 6 and later). Asks in the calling process: see backend.hpp.
/// Throws CannotRun when the library lacks a function that every release has.
[[nodiscard]] BackendAnswer ask_amd_smi(const SurveyOptions& options);

}  // namespace fusegate::probe
