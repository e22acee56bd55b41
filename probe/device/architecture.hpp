#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace fusegate::probe {

/// The LLVM target of a KFD topology node's gfx_target_version: 90402 is "gfx942", 90010 "gfx90a".
/// The number is major * 10000 + minor * 100 + step, in the name minor and step are one
/// hexadecimal digit each (Linux, drivers/gpu/drm/amd/amdkfd/kfd_device.c). Empty for 0, which CPU
/// nodes have.
[[nodiscard]] std::optional<std::string> gfx_from_kfd_version(std::uint64_t version);

/// The LLVM target of the number that rsmi_dev_target_graphics_version_get and
/// amdsmi_asic_info_t.target_graphics_version hold. Until ROCm 6.3 the digits of the name stood
/// there in decimal (942; with minor 0 and a major below 10 as 9000 + step: 9010 is gfx90a), since
/// then in hexadecimal (0x942). The ranges do not meet, so the number alone tells which; empty when
/// it is in neither (rocm_smi_lib, src/rocm_smi_utils.cc, rsmi_get_gfx_target_version, 6.3.0 and
/// 7.0.0).
[[nodiscard]] std::optional<std::string> gfx_from_smi_version(std::uint64_t version);

/// "sm_90" from compute capability 9.0.
[[nodiscard]] std::string sm_from_compute_capability(int major, int minor);

/// FP32 lanes in one SM of this compute capability (CUDA C++ Programming Guide, arithmetic
/// instructions table), to get SMs from the core count that NVML tells. Empty for one not known.
[[nodiscard]] std::optional<unsigned> cuda_cores_per_sm(int major, int minor);

}  // namespace fusegate::probe
