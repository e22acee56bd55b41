#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

/// The part of libamd_smi's binary interface that is used here, declared by hand because few
/// machines have its header and because one build must work with every release. Source: amdsmi,
/// include/amd_smi/amdsmi.h, of ROCm 6.0.2 (version 23.4), 6.1.2 (24.5), 6.2.4 (24.6), 6.3.0
/// (24.7), 6.3.3 (25.1), 25.2, 26.1 and 26.5 (ROCm 7); the change log of 27.0 (ROCm 10) names no
/// change to any of it. Functions of scalars have kept their signatures and enumerators over all of
/// these; structures have not.
namespace fusegate::probe::amd_smi {

using Status = std::uint32_t;  ///< amdsmi_status_t
using SocketHandle = void*;
using ProcessorHandle = void*;

inline constexpr Status success = 0;
inline constexpr std::uint64_t init_amd_gpus = 1u << 1;   ///< AMDSMI_INIT_AMD_GPUS
inline constexpr std::uint32_t processor_amd_gpu = 1;     ///< AMDSMI_PROCESSOR_TYPE_AMD_GPU
inline constexpr std::uint32_t memory_vram = 0;           ///< AMDSMI_MEM_TYPE_VRAM
inline constexpr std::uint32_t clock_gfx = 0;             ///< AMDSMI_CLK_TYPE_GFX
inline constexpr std::uint32_t clock_memory = 4;          ///< AMDSMI_CLK_TYPE_MEM
inline constexpr std::uint32_t temperature_edge = 0;      ///< AMDSMI_TEMPERATURE_TYPE_EDGE
inline constexpr std::uint32_t temperature_junction = 1;  ///< ..._JUNCTION, also _HOTSPOT
inline constexpr std::uint32_t temperature_current = 0;   ///< AMDSMI_TEMP_CURRENT
inline constexpr unsigned uuid_size = 38;                 ///< AMDSMI_GPU_UUID_SIZE

/// What amdsmi_topo_get_link_type stores. Its type was amdsmi_io_link_type_t before 26 and is
/// amdsmi_link_type_t since; these two values are the same in both. They are not in the
/// amdsmi_link_type_t of 24 and 25, which amdsmi_get_link_metrics uses: that function is not used.
inline constexpr std::uint32_t link_pcie = 1;
inline constexpr std::uint32_t link_xgmi = 2;

using Init = Status (*)(std::uint64_t flags);
using GetSocketHandles = Status (*)(std::uint32_t* count, SocketHandle* sockets);
using GetProcessorHandles = Status (*)(SocketHandle socket, std::uint32_t* count,
                                       ProcessorHandle* processors);
using GetProcessorType = Status (*)(ProcessorHandle processor, std::uint32_t* type);
using GetGpuBdfId = Status (*)(ProcessorHandle processor, std::uint64_t* id);
/// amdsmi_get_gpu_memory_total and _usage, bytes.
using GetGpuMemory = Status (*)(ProcessorHandle processor, std::uint32_t type,
                                std::uint64_t* bytes);
/// Degrees Celsius.
using GetTempMetric = Status (*)(ProcessorHandle processor, std::uint32_t sensor,
                                 std::uint32_t metric, std::int64_t* temperature);
using GetGpuDeviceUuid = Status (*)(ProcessorHandle processor, unsigned* length, char* uuid);
using GetNumaAffinity = Status (*)(ProcessorHandle processor, std::int32_t* node);
using GetLinkType = Status (*)(ProcessorHandle from, ProcessorHandle to, std::uint64_t* hops,
                               std::uint32_t* type);
using StatusCodeToString = Status (*)(Status status, const char** text);
/// Functions that fill a structure get a Storage, larger than any release's structure.
using GetStructure = Status (*)(ProcessorHandle processor, void* structure);
using GetClockInfo = Status (*)(ProcessorHandle processor, std::uint32_t clock, void* structure);
using GetLibVersion = Status (*)(void* structure);

struct alignas(16) Storage {
  std::array<std::byte, 8192> bytes{};
};

/// amdsmi_version_t up to 25 is {year, major, minor, release, build}; 26 dropped the year.
struct RawVersion {
  std::array<std::uint32_t, 4> numbers;
  const char* build;
};

/// A release as one writes it: 24.6.3, where 24 is the year, and 25.2.0 or 26.1.0, where the first
/// number is the major version (25.2 tells it twice, as year and as major).
struct Version {
  unsigned major = 0, minor = 0, release = 0;

  auto operator<=>(const Version&) const = default;
};

[[nodiscard]] inline Version decode_version(const RawVersion& raw) {
  const auto& n = raw.numbers;
  const bool year_first = n[0] <= 25 && n[0] == n[1];
  return year_first ? Version{n[1], n[2], n[3]} : Version{n[0], n[1], n[2]};
}

/// The oldest and the first no longer known major version: outside, structures are not read.
inline constexpr Version oldest_known{23, 4, 0};
inline constexpr Version not_yet_known{28, 0, 0};

/// The first fields of amdsmi_asic_info_t in 24.7 and 25.1. The market name has been first in every
/// release, 64 characters long before 24.6 and 256 since; before 24.7 there is no count of compute
/// units and no target.
struct AsicInfo24_7 {
  char market_name[256];
  std::uint32_t vendor_id;
  char vendor_name[64];
  std::uint32_t subvendor_id;
  std::uint64_t device_id;
  std::uint32_t revision_id;
  char asic_serial[32];
  std::uint32_t oam_id;
  std::uint32_t compute_units;            ///< all-ones: not supported
  std::uint64_t target_graphics_version;  ///< all-ones: not supported
};
static_assert(offsetof(AsicInfo24_7, compute_units) == 376);
static_assert(offsetof(AsicInfo24_7, target_graphics_version) == 384);

/// The same from 25.2 to 27.0, where all strings have 256 characters.
struct AsicInfo25_2 {
  char market_name[256];
  std::uint32_t vendor_id;
  char vendor_name[256];
  std::uint32_t subvendor_id;
  std::uint64_t device_id;
  std::uint32_t revision_id;
  char asic_serial[256];
  std::uint32_t oam_id;
  std::uint32_t compute_units;
  std::uint64_t target_graphics_version;
};
static_assert(offsetof(AsicInfo25_2, compute_units) == 792);
static_assert(offsetof(AsicInfo25_2, target_graphics_version) == 800);

inline constexpr Version asic_counts_compute_units{24, 7, 0};
inline constexpr Version asic_strings_grew{25, 2, 0};

/// The first fields of amdsmi_clk_info_t since 23.2, MHz.
struct ClockInfo {
  std::uint32_t current;
  std::uint32_t minimum;
  std::uint32_t maximum;
};

/// amdsmi_driver_info_t begins with the driver's version since 24.5; 23.4 has its name there.
inline constexpr Version driver_version_first{24, 5, 0};

}  // namespace fusegate::probe::amd_smi
