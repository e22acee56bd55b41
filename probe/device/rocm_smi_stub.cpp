// A stand-in for librocm_smi64 that knows two MI300X. It answers as the major version in
// FUSEGATE_STUB_ROCM_SMI does (7 when that is not set). FUSEGATE_STUB_DEFECT, defined by the build,
// plants what real installations suffer from.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "probe/device/rocm_smi_abi.hpp"

#define DEFECT_NONE 0
#define DEFECT_CRASH 1
#define DEFECT_HANG 2
#define DEFECT_INCOMPLETE 3
#define DEFECT_NO_DRIVER 4
#ifndef FUSEGATE_STUB_DEFECT
#define FUSEGATE_STUB_DEFECT DEFECT_NONE
#endif

namespace {

using namespace fusegate::probe::rocm_smi;

constexpr Status not_supported = 2;
constexpr Status init_error = 8;
constexpr std::uint64_t mhz = 1'000'000;

unsigned major_version() {
  const char* text = std::getenv("FUSEGATE_STUB_ROCM_SMI");
  return text == nullptr ? 7 : static_cast<unsigned>(std::atoi(text));
}

}  // namespace

extern "C" {

Status rsmi_init(std::uint64_t) {
#if FUSEGATE_STUB_DEFECT == DEFECT_CRASH
  std::fputs("rsmi: no such node\n", stderr);
  std::abort();
#elif FUSEGATE_STUB_DEFECT == DEFECT_HANG
  for (;;) ::pause();
#elif FUSEGATE_STUB_DEFECT == DEFECT_NO_DRIVER
  return init_error;
#endif
  return success;
}

Status rsmi_status_string(Status status, const char** text) {
  *text = status == init_error ? "RSMI_STATUS_INIT_ERROR: An error occurred" : "?";
  return success;
}

Status rsmi_version_get(Version* version) {
  *version = {major_version(), 8, 0, "stub"};
  return success;
}

Status rsmi_version_str_get(std::uint32_t component, char* text, std::uint32_t length) {
  std::snprintf(text, length, "%s", "6.14.14");
  return component == component_driver ? success : not_supported;
}

#if FUSEGATE_STUB_DEFECT != DEFECT_INCOMPLETE
Status rsmi_num_monitor_devices(std::uint32_t* count) {
  *count = 2;
  return success;
}
#endif

Status rsmi_dev_name_get(std::uint32_t, char* name, std::size_t length) {
  std::snprintf(name, length, "%s", "AMD Instinct MI300X");
  return success;
}

Status rsmi_dev_pci_id_get(std::uint32_t device, std::uint64_t* id) {
  *id = device == 0 ? 0x0500 : 0x2600;
  return success;
}

Status rsmi_dev_unique_id_get(std::uint32_t device, std::uint64_t* id) {
  *id = 0xc0ffee00 + device;
  return success;
}

Status rsmi_dev_memory_total_get(std::uint32_t, std::uint32_t type, std::uint64_t* bytes) {
  *bytes = 206141652992;
  return type == memory_vram ? success : not_supported;
}

Status rsmi_dev_memory_usage_get(std::uint32_t, std::uint32_t type, std::uint64_t* bytes) {
  *bytes = 297000000;
  return type == memory_vram ? success : not_supported;
}

Status rsmi_dev_gpu_clk_freq_get(std::uint32_t, std::uint32_t clock, void* structure) {
  const bool core = clock == clock_system;
  if (!core && clock != clock_memory) return not_supported;
  const std::uint64_t low = (core ? 132 : 900) * mhz;
  const std::uint64_t high = (core ? 2100 : 1300) * mhz;
  if (major_version() < frequencies_changed) {
    const FrequenciesBefore6 frequencies{2, 0, {low, high}};
    std::memcpy(structure, &frequencies, sizeof frequencies);
  } else {
    const FrequenciesSince6 frequencies{true, 2, 0, {low, high}};
    std::memcpy(structure, &frequencies, sizeof frequencies);
  }
  return success;
}

Status rsmi_dev_temp_metric_get(std::uint32_t device, std::uint32_t sensor, std::uint32_t,
                                std::int64_t* temperature) {
  *temperature = 45000 + 1000 * static_cast<std::int64_t>(device);
  return sensor == temperature_junction ? success : not_supported;
}

Status rsmi_topo_numa_affinity_get(std::uint32_t device, std::int32_t* node) {
  *node = static_cast<std::int32_t>(device);
  return success;
}

Status rsmi_topo_get_link_type(std::uint32_t, std::uint32_t, std::uint64_t* hops,
                               std::uint32_t* type) {
  *hops = 1;
  *type = link_xgmi;
  return success;
}

Status rsmi_dev_target_graphics_version_get(std::uint32_t, std::uint64_t* version) {
  *version = 0x942;
  return major_version() < 7 ? not_supported : success;
}

}  // extern "C"
