// A stand-in for libamd_smi that knows two MI300X, each in a socket of its own, and a CPU. It
// answers as the release in FUSEGATE_STUB_AMD_SMI does (26.1.0 when that is not set).
// FUSEGATE_STUB_DEFECT, defined by the build, plants what real installations suffer from.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "probe/device/amd_smi_abi.hpp"

#define DEFECT_NONE 0
#define DEFECT_CRASH 1
#define DEFECT_HANG 2
#define DEFECT_INCOMPLETE 3
#define DEFECT_NO_DRIVER 4
#ifndef FUSEGATE_STUB_DEFECT
#define FUSEGATE_STUB_DEFECT DEFECT_NONE
#endif

namespace {

using namespace fusegate::probe::amd_smi;

constexpr Status invalid = 1;
constexpr Status not_supported = 2;
constexpr Status driver_not_loaded = 34;
constexpr std::uint32_t processor_amd_cpu = 2;
constexpr std::uint32_t socket_count = 3;
constexpr std::uint32_t gpu_count = 2;

Version version() {
  Version version{26, 1, 0};
  if (const char* text = std::getenv("FUSEGATE_STUB_AMD_SMI")) {
    std::sscanf(text, "%u.%u.%u", &version.major, &version.minor, &version.release);
  }
  return version;
}

// Sockets are the handles 1 to 3, and the one processor of each is its socket's number plus 10.
void* handle(std::uintptr_t number) {
  return reinterpret_cast<void*>(number);
}
std::uintptr_t number(void* handle) {
  return reinterpret_cast<std::uintptr_t>(handle);
}
std::uintptr_t gpu_index(void* processor) {
  return number(processor) - 11;
}
bool is_gpu(void* processor) {
  return gpu_index(processor) < gpu_count;
}

template <class Asic>
void fill_asic(Asic& asic, std::uint64_t target) {
  std::strcpy(asic.market_name, "AMD Instinct MI300X");
  std::strcpy(asic.vendor_name, "Advanced Micro Devices Inc. [AMD/ATI]");
  asic.vendor_id = 0x1002;
  asic.device_id = 0x74a1;
  std::strcpy(asic.asic_serial, "0xC0FFEE");
  asic.compute_units = 304;
  asic.target_graphics_version = target;
}

}  // namespace

extern "C" {

Status amdsmi_init(std::uint64_t flags) {
#if FUSEGATE_STUB_DEFECT == DEFECT_CRASH
  std::fputs("libdrm: cannot open /dev/dri\n", stderr);
  std::abort();
#elif FUSEGATE_STUB_DEFECT == DEFECT_HANG
  for (;;) ::pause();
#elif FUSEGATE_STUB_DEFECT == DEFECT_NO_DRIVER
  return driver_not_loaded;
#endif
  return flags == init_amd_gpus ? success : invalid;
}

Status amdsmi_status_code_to_string(Status status, const char** text) {
  *text = status == driver_not_loaded ? "AMDSMI_STATUS_DRIVER_NOT_LOADED: Driver not loaded" : "?";
  return success;
}

Status amdsmi_get_lib_version(RawVersion* raw) {
  const Version v = version();
  // 25.2 was the first to count 25 as the major version, and told it as the year too.
  const bool twice = v.major == 25 && v.minor >= 2;
  raw->numbers = twice ? std::array{25u, v.major, v.minor, v.release}
                       : std::array{v.major, v.minor, v.release, v.major < 26 ? 0u : ~0u};
  raw->build = "stub";
  return success;
}

#if FUSEGATE_STUB_DEFECT != DEFECT_INCOMPLETE
Status amdsmi_get_socket_handles(std::uint32_t* count, SocketHandle* sockets) {
  if (sockets != nullptr) {
    for (std::uint32_t i = 0; i < *count && i < socket_count; ++i) sockets[i] = handle(i + 1);
  }
  *count = socket_count;
  return success;
}
#endif

Status amdsmi_get_processor_handles(SocketHandle socket, std::uint32_t* count,
                                    ProcessorHandle* processors) {
  if (processors != nullptr) processors[0] = handle(number(socket) + 10);
  *count = 1;
  return success;
}

Status amdsmi_get_processor_type(ProcessorHandle processor, std::uint32_t* type) {
  *type = is_gpu(processor) ? processor_amd_gpu : processor_amd_cpu;
  return success;
}

Status amdsmi_get_gpu_bdf_id(ProcessorHandle processor, std::uint64_t* id) {
  *id = gpu_index(processor) == 0 ? 0x0500 : 0x2600;
  return success;
}

Status amdsmi_get_gpu_memory_total(ProcessorHandle, std::uint32_t type, std::uint64_t* bytes) {
  *bytes = 206141652992;
  return type == memory_vram ? success : not_supported;
}

Status amdsmi_get_gpu_memory_usage(ProcessorHandle, std::uint32_t type, std::uint64_t* bytes) {
  *bytes = 297000000;
  return type == memory_vram ? success : not_supported;
}

Status amdsmi_get_temp_metric(ProcessorHandle processor, std::uint32_t sensor, std::uint32_t,
                              std::int64_t* temperature) {
  *temperature = 45 + static_cast<std::int64_t>(gpu_index(processor));
  return sensor == temperature_junction ? success : not_supported;
}

Status amdsmi_get_gpu_device_uuid(ProcessorHandle processor, unsigned* length, char* uuid) {
  if (*length < uuid_size) return invalid;
  std::snprintf(uuid, uuid_size, "8cff74a1-0000-1000-8000-00000000000%u",
                static_cast<unsigned>(gpu_index(processor)));
  return success;
}

Status amdsmi_get_gpu_topo_numa_affinity(ProcessorHandle processor, std::int32_t* node) {
  *node = static_cast<std::int32_t>(gpu_index(processor));
  return success;
}

Status amdsmi_get_gpu_asic_info(ProcessorHandle, void* structure) {
  const Version v = version();
  const bool old_target = v < Version{25, 2, 0};
  if (v < Version{24, 7, 0}) {
    std::strcpy(static_cast<char*>(structure), "AMD Instinct MI300X");
    // What stands where a later release has the compute units must not be taken for them.
    std::memset(static_cast<char*>(structure) + 64, 0x11, 400);
  } else if (v < Version{25, 2, 0}) {
    fill_asic(*static_cast<AsicInfo24_7*>(structure), old_target ? 942 : 0x942);
  } else {
    fill_asic(*static_cast<AsicInfo25_2*>(structure), old_target ? 942 : 0x942);
  }
  return success;
}

Status amdsmi_get_clock_info(ProcessorHandle, std::uint32_t clock, ClockInfo* info) {
  if (clock == clock_gfx) *info = {132, 132, 2100};
  if (clock == clock_memory) *info = {900, 900, 1300};
  return clock == clock_gfx || clock == clock_memory ? success : invalid;
}

Status amdsmi_get_gpu_driver_info(ProcessorHandle, char* structure) {
  std::strcpy(structure, version() < driver_version_first ? "amdgpu" : "6.14.14");
  return success;
}

Status amdsmi_topo_get_link_type(ProcessorHandle from, ProcessorHandle to, std::uint64_t* hops,
                                 std::uint32_t* type) {
  if (from == to || !is_gpu(from) || !is_gpu(to)) return invalid;
  *hops = 1;
  *type = link_xgmi;
  return success;
}

}  // extern "C"
