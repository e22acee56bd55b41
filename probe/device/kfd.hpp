#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "probe/device/device.hpp"

namespace fusegate::probe {

/// The GPUs of the amdgpu driver's compute topology, /sys/class/kfd/kfd/topology/nodes below
/// `root`, in the order of their nodes, which is the order of HIP's and HSA's devices. Nodes of
/// CPUs, and of GPUs that this process may not use (a container was given others), are left out.
/// Layout: Linux, drivers/gpu/drm/amd/amdkfd/kfd_topology.c.
[[nodiscard]] std::vector<Device> read_kfd_devices(const std::filesystem::path& root);

}  // namespace fusegate::probe
