// A stand-in for libnvidia-ml that knows two H200 behind NVSwitch.

#include <cstdio>
#include <cstring>

#include "probe/device/nvml_abi.hpp"

namespace {

using namespace fusegate::probe::nvml;

constexpr Status not_supported = 3;

// Devices are the handles 1 and 2.
std::uintptr_t index_of(DeviceHandle device) {
  return reinterpret_cast<std::uintptr_t>(device) - 1;
}

}  // namespace

extern "C" {

Status nvmlInit_v2() {
  return success;
}

Status nvmlSystemGetDriverVersion(char* text, unsigned length) {
  std::snprintf(text, length, "%s", "580.159.04");
  return success;
}

Status nvmlSystemGetNVMLVersion(char* text, unsigned length) {
  std::snprintf(text, length, "%s", "13.580.159.04");
  return success;
}

Status nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 2;
  return success;
}

Status nvmlDeviceGetHandleByIndex_v2(unsigned index, DeviceHandle* device) {
  *device = reinterpret_cast<DeviceHandle>(static_cast<std::uintptr_t>(index) + 1);
  return success;
}

Status nvmlDeviceGetName(DeviceHandle, char* text, unsigned length) {
  std::snprintf(text, length, "%s", "NVIDIA H200");
  return success;
}

Status nvmlDeviceGetUUID(DeviceHandle device, char* text, unsigned length) {
  std::snprintf(text, length, "GPU-00000000-0000-0000-0000-00000000000%u",
                static_cast<unsigned>(index_of(device)));
  return success;
}

Status nvmlDeviceGetMemoryInfo(DeviceHandle, Memory* memory) {
  *memory = {150754820096, 150000000000, 754820096};
  return success;
}

Status nvmlDeviceGetMemoryInfo_v2(DeviceHandle, MemoryV2* memory) {
  if (memory->version != memory_v2) return not_supported;
  *memory = {memory_v2, 150754820096, 600000000, 150000000000, 154820096};
  return success;
}

Status nvmlDeviceGetCudaComputeCapability(DeviceHandle, int* major, int* minor) {
  *major = 9;
  *minor = 0;
  return success;
}

Status nvmlDeviceGetNumGpuCores(DeviceHandle, unsigned* cores) {
  *cores = 16896;
  return success;
}

Status nvmlDeviceGetClockInfo(DeviceHandle, std::uint32_t clock, unsigned* mhz) {
  *mhz = clock == clock_sm ? 345 : 3201;
  return success;
}

Status nvmlDeviceGetMaxClockInfo(DeviceHandle, std::uint32_t clock, unsigned* mhz) {
  *mhz = clock == clock_sm ? 1980 : 3201;
  return success;
}

Status nvmlDeviceGetPciInfo_v3(DeviceHandle device, PciInfo* pci) {
  std::snprintf(pci->bus_id, sizeof pci->bus_id, "00000000:%02X:00.0",
                index_of(device) == 0 ? 0x1a : 0x3b);
  return success;
}

Status nvmlDeviceGetTemperature(DeviceHandle, std::uint32_t, unsigned* celsius) {
  *celsius = 31;
  return success;
}

Status nvmlDeviceGetPowerUsage(DeviceHandle, unsigned* milliwatts) {
  *milliwatts = 75250;
  return success;
}

Status nvmlDeviceGetNvLinkState(DeviceHandle, unsigned, std::uint32_t* state) {
  *state = feature_enabled;
  return success;
}

Status nvmlDeviceGetNvLinkRemoteDeviceType(DeviceHandle, unsigned, std::uint32_t* type) {
  *type = remote_switch;
  return success;
}

Status nvmlDeviceGetNvLinkRemotePciInfo_v2(DeviceHandle, unsigned, PciInfo* pci) {
  std::strcpy(pci->bus_id, "00000000:86:00.0");
  return success;
}

Status nvmlDeviceGetP2PStatus(DeviceHandle, DeviceHandle, std::uint32_t capability,
                              std::uint32_t* status) {
  *status = p2p_ok;
  return capability == p2p_nvlink ? success : not_supported;
}

}  // extern "C"
