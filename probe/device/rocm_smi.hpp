#pragma once

#include "probe/device/backend.hpp"
#include "probe/device/vendor_library.hpp"

namespace fusegate::probe {

[[nodiscard]] VendorLibrary rocm_smi_library();

/// AMD devices through librocm_smi64 (up to ROCm 7). Asks in the calling process: see backend.hpp.
/// Throws CannotRun when the library lacks a function that every release has.
[[nodiscard]] BackendAnswer ask_rocm_smi(const SurveyOptions& options);

}  // namespace fusegate::probe
