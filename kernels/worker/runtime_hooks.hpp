// What the three HIP runtimes do not have in common. Each has its runtime_hooks.cpp; those of
// real hardware share hardware_hooks.cpp.
#pragma once

#include <hip/hip_runtime.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace fusegate::kernels {

/// "simt", "cuda" or "amd".
[[nodiscard]] const char* runtime_name();

/// "gfx942", "sm_90", or "cpu".
[[nodiscard]] std::string device_architecture(const hipDeviceProp_t& properties);

/// Lets a runtime that can choose the order of threads draw it from `schedule`.
void choose_schedule(std::uint64_t schedule);

/// What the runtime knows of a fault in a kernel beyond its error code, or "".
[[nodiscard]] std::string kernel_fault_text();

/// Applies a command-line setting of this runtime only; false when it has none of that name.
/// Throws std::invalid_argument for a bad value.
bool apply_runtime_option(std::string_view name, const std::string& value);

/// Those settings, for a message: " --name=value" for each, with values that can be.
[[nodiscard]] const char* runtime_options();

}  // namespace fusegate::kernels
