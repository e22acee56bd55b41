#pragma once

#include <string_view>

namespace fusegate::probe {

/// Whether code for `target` (GpuCode) runs on a device of `architecture` ("gfx942", "sm_90"; with
/// features where they are known, "gfx942:sramecc+:xnack-").
///
/// AMD (LLVM, "User Guide for AMDGPU Backend", tables "Processors", "Generic Processors" and
/// "Target Features"): the processor is the same, or the generic one that lists it; and no feature
/// of the target stands the other way round on the device. A feature that the target or the device
/// does not tell does not matter: code without it is made for both settings. A generic processor
/// that is not known here serves the devices whose names begin as its own does. SPIR-V is compiled
/// when it is loaded, for any device.
///
/// NVIDIA (CUDA C++ Programming Guide, "Compute Capabilities", "Binary Compatibility" and "PTX
/// Compatibility"): machine code serves devices of the same major number and this minor number or a
/// higher one; PTX those of this capability or a higher one; of either, with the suffix "a" this
/// capability alone, with "f" the same major number and this minor number or a higher one.
[[nodiscard]] bool runs_on(std::string_view target, std::string_view architecture);

}  // namespace fusegate::probe
