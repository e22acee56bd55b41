#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// The part of librocm_smi64's binary interface that is used here, declared by hand: the header
/// that is installed where this is built (5.2.3 in Debian 12) need not be that of the library found
/// at run time, and rsmi_frequencies_t differs between them. Source: rocm_smi_lib,
/// include/rocm_smi/rocm_smi.h, of ROCm 5.2 to 5.7 and 6.0 to 7.0. Where the header is installed,
/// rocm_smi_test.cpp compares these declarations with it.
namespace fusegate::probe::rocm_smi {

using Status = std::uint32_t;  ///< rsmi_status_t

inline constexpr Status success = 0;
/// RSMI_INIT_FLAG_THRAD_ONLY_MUTEX, since ROCm 6.1 and not looked at before: no locks in shared
/// memory, which a killed process would leave behind for every other user.
inline constexpr std::uint64_t init_thread_only_mutex = 0x400000000000000;
inline constexpr std::uint32_t memory_vram = 0;           ///< RSMI_MEM_TYPE_VRAM
inline constexpr std::uint32_t clock_system = 0;          ///< RSMI_CLK_TYPE_SYS
inline constexpr std::uint32_t clock_memory = 4;          ///< RSMI_CLK_TYPE_MEM
inline constexpr std::uint32_t temperature_edge = 0;      ///< RSMI_TEMP_TYPE_EDGE
inline constexpr std::uint32_t temperature_junction = 1;  ///< RSMI_TEMP_TYPE_JUNCTION
inline constexpr std::uint32_t temperature_current = 0;   ///< RSMI_TEMP_CURRENT
inline constexpr std::uint32_t link_pcie = 1;             ///< RSMI_IOLINK_TYPE_PCIEXPRESS
inline constexpr std::uint32_t link_xgmi = 2;             ///< RSMI_IOLINK_TYPE_XGMI
inline constexpr std::uint32_t component_driver = 0;      ///< RSMI_SW_COMP_DRIVER

using Init = Status (*)(std::uint64_t flags);
using NumMonitorDevices = Status (*)(std::uint32_t* count);
using VersionGet = Status (*)(void* structure);
using VersionStrGet = Status (*)(std::uint32_t component, char* text, std::uint32_t length);
using StatusString = Status (*)(Status status, const char** text);
using DevNameGet = Status (*)(std::uint32_t device, char* name, std::size_t length);
/// Since ROCm 6.3.
using DevMarketNameGet = Status (*)(std::uint32_t device, char* name, std::uint32_t length);
using DevPciIdGet = Status (*)(std::uint32_t device, std::uint64_t* id);
using DevUniqueIdGet = Status (*)(std::uint32_t device, std::uint64_t* id);
/// rsmi_dev_memory_total_get and _usage_get, bytes.
using DevMemoryGet = Status (*)(std::uint32_t device, std::uint32_t type, std::uint64_t* bytes);
using DevGpuClkFreqGet = Status (*)(std::uint32_t device, std::uint32_t clock, void* structure);
/// Millidegrees Celsius.
using DevTempMetricGet = Status (*)(std::uint32_t device, std::uint32_t sensor,
                                    std::uint32_t metric, std::int64_t* temperature);
/// The node was uint32_t before ROCm 6.0.
using TopoNumaAffinityGet = Status (*)(std::uint32_t device, std::int32_t* node);
using TopoGetLinkType = Status (*)(std::uint32_t from, std::uint32_t to, std::uint64_t* hops,
                                   std::uint32_t* type);
/// Since ROCm 6.1.
using DevTargetGraphicsVersionGet = Status (*)(std::uint32_t device, std::uint64_t* version);

struct alignas(16) Storage {
  std::array<std::byte, 4096> bytes{};
};

/// rsmi_version_t.
struct Version {
  std::uint32_t major, minor, patch;
  const char* build;
};

/// rsmi_frequencies_t until ROCm 5.7, Hz.
struct FrequenciesBefore6 {
  std::uint32_t supported;  ///< how many frequencies follow
  std::uint32_t current;    ///< index of the one in use
  std::uint64_t hz[32];
};

/// rsmi_frequencies_t since ROCm 6.0.
struct FrequenciesSince6 {
  bool has_deep_sleep;
  std::uint32_t supported;
  std::uint32_t current;
  std::uint64_t hz[33];
};

/// The library's major version from which FrequenciesSince6 holds. ROCm 5 has 5, or 1 in builds
/// without git tags such as Debian's; ROCm 6.0 and later have 6 or 7.
inline constexpr std::uint32_t frequencies_changed = 6;

}  // namespace fusegate::probe::rocm_smi
