#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::probe {

/// A kernel module for GPUs.
struct KernelDriver {
  bool loaded = false;
  /// amdgpu has one only when it came as a package of its own (DKMS), not with the kernel.
  std::string version;

  bool operator==(const KernelDriver&) const = default;
};

struct GpuDrivers {
  KernelDriver amdgpu;
  KernelDriver nvidia;

  bool operator==(const GpuDrivers&) const = default;
};

/// From /sys/module/amdgpu and /proc/driver/nvidia/version below `root`.
[[nodiscard]] GpuDrivers read_drivers(const std::filesystem::path& root);

/// The first word of the form 580.159.04 in the text of /proc/driver/nvidia/version; empty when
/// there is none.
[[nodiscard]] std::string nvidia_version_in(std::string_view text);

void to_json(nlohmann::ordered_json& json, const KernelDriver& driver);
void to_json(nlohmann::ordered_json& json, const GpuDrivers& drivers);

}  // namespace fusegate::probe
