#pragma once

#include <cstdint>

/// The part of libnvidia-ml's binary interface that is used here, declared by hand because nvml.h
/// is not everywhere. Source: NVIDIA Management Library reference, nvml.h; the versioned functions
/// named in nvml.cpp keep these layouts.
namespace fusegate::probe::nvml {

using Status = std::uint32_t;  ///< nvmlReturn_t
using DeviceHandle = void*;

inline constexpr Status success = 0;
inline constexpr Status driver_not_loaded = 9;
inline constexpr Status lib_rm_version_mismatch = 18;
inline constexpr std::uint32_t clock_sm = 1;         ///< NVML_CLOCK_SM
inline constexpr std::uint32_t clock_memory = 2;     ///< NVML_CLOCK_MEM
inline constexpr std::uint32_t temperature_gpu = 0;  ///< NVML_TEMPERATURE_GPU
inline constexpr unsigned max_links = 18;            ///< NVML_NVLINK_MAX_LINKS
inline constexpr std::uint32_t feature_enabled = 1;  ///< NVML_FEATURE_ENABLED
inline constexpr std::uint32_t remote_gpu = 0;       ///< NVML_NVLINK_DEVICE_TYPE_GPU
inline constexpr std::uint32_t remote_switch = 2;    ///< NVML_NVLINK_DEVICE_TYPE_SWITCH
inline constexpr std::uint32_t p2p_nvlink = 2;       ///< NVML_P2P_CAPS_INDEX_NVLINK
inline constexpr std::uint32_t p2p_ok = 0;           ///< NVML_P2P_STATUS_OK

/// nvmlMemory_t, bytes.
struct Memory {
  unsigned long long total, free, used;
};

/// nvmlMemory_v2_t, which does not count what the driver reserves as used. `version` is set by the
/// caller: the size and, in the upper byte, the number of the layout (driver 510 and later).
struct MemoryV2 {
  unsigned version;
  unsigned long long total, reserved, free, used;
};
inline constexpr unsigned memory_v2 = sizeof(MemoryV2) | 2u << 24;

/// nvmlPciInfo_t of nvmlDeviceGetPciInfo_v3 and nvmlDeviceGetNvLinkRemotePciInfo_v2.
struct PciInfo {
  char bus_id_legacy[16];
  unsigned domain, bus, device, device_id, subsystem_id;
  char bus_id[32];
};

using Init = Status (*)();
using ErrorString = const char* (*)(Status status);
/// nvmlSystemGetDriverVersion and nvmlSystemGetNVMLVersion.
using SystemGetText = Status (*)(char* text, unsigned length);
using DeviceGetCount = Status (*)(unsigned* count);
using DeviceGetHandleByIndex = Status (*)(unsigned index, DeviceHandle* device);
/// nvmlDeviceGetName and nvmlDeviceGetUUID.
using DeviceGetText = Status (*)(DeviceHandle device, char* text, unsigned length);
using DeviceGetMemoryInfo = Status (*)(DeviceHandle device, Memory* memory);
using DeviceGetMemoryInfoV2 = Status (*)(DeviceHandle device, MemoryV2* memory);
using DeviceGetComputeCapability = Status (*)(DeviceHandle device, int* major, int* minor);
/// nvmlDeviceGetClockInfo and nvmlDeviceGetMaxClockInfo, MHz.
using DeviceGetClock = Status (*)(DeviceHandle device, std::uint32_t clock, unsigned* mhz);
using DeviceGetPciInfo = Status (*)(DeviceHandle device, PciInfo* pci);
/// Degrees Celsius.
using DeviceGetTemperature = Status (*)(DeviceHandle device, std::uint32_t sensor, unsigned* value);
/// nvmlDeviceGetPowerUsage in milliwatts, nvmlDeviceGetNumGpuCores, nvmlDeviceGetNumaNodeId.
using DeviceGetNumber = Status (*)(DeviceHandle device, unsigned* value);
/// nvmlDeviceGetNvLinkState and nvmlDeviceGetNvLinkRemoteDeviceType.
using DeviceGetLinkValue = Status (*)(DeviceHandle device, unsigned link, std::uint32_t* value);
using DeviceGetLinkRemotePci = Status (*)(DeviceHandle device, unsigned link, PciInfo* pci);
using DeviceGetP2PStatus = Status (*)(DeviceHandle from, DeviceHandle to, std::uint32_t capability,
                                      std::uint32_t* status);

}  // namespace fusegate::probe::nvml
