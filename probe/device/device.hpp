#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace fusegate::probe {

/// The way from one device to another of the same vendor.
struct DeviceLink {
  unsigned peer = 0;              ///< index of the other device
  std::string type;               ///< "xgmi", "nvlink" or "pcie"
  std::optional<unsigned> hops;   ///< 1 is a direct connection
  std::optional<unsigned> count;  ///< physical links that carry it

  bool operator==(const DeviceLink&) const = default;
};

struct DeviceClocks {
  std::optional<unsigned> core_mhz;  ///< at the moment; AMD: sclk, NVIDIA: SM
  std::optional<unsigned> core_max_mhz;
  std::optional<unsigned> memory_mhz;
  std::optional<unsigned> memory_max_mhz;

  bool operator==(const DeviceClocks&) const = default;
};

/// A GPU, whoever reported it. What its backend did not tell stays empty.
struct Device {
  unsigned index = 0;  ///< among the vendor's devices, as the vendor's own tools number them
  std::string vendor;  ///< "amd" or "nvidia"
  std::string source;  ///< the backend that listed it; sysfs may have filled what that left open
  std::string name;    ///< market name, empty when not known
  std::optional<std::string> architecture;  ///< "gfx942", "sm_90"
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t> memory_used_bytes;
  std::optional<unsigned> compute_units;  ///< AMD: CUs, NVIDIA: SMs
  DeviceClocks clocks;
  std::optional<std::string> pci_address;  ///< "0000:05:00.0"
  unsigned partition = 0;           ///< which share of a partitioned GPU (DPX, CPX) at this address
  std::optional<std::string> uuid;  ///< as the backend writes it; for AMD maybe the unique id
  std::optional<int> numa_node;
  std::optional<int> temperature_c;  ///< the hottest spot where it is told, else the edge
  std::optional<double> power_w;
  std::vector<DeviceLink> links;

  bool operator==(const Device&) const = default;
};

/// How one source of devices fared. Either device_count is positive or failure and fix say why not.
struct BackendReport {
  std::string name;                ///< "amd_smi", "rocm_smi", "nvml", "sysfs"
  bool found = false;              ///< its library, or tree, is there, whether it works or not
  std::string path;                ///< the library's file or the tree's root, empty when not found
  std::string version;             ///< empty when not told
  unsigned device_count = 0;       ///< that it reported
  std::string failure;             ///< one sentence: what was looked for, where, what came
  std::string fix;                 ///< one sentence: how to mend it
  std::vector<std::string> notes;  ///< what was left out, and why

  bool operator==(const BackendReport&) const = default;
};

struct DeviceSurvey {
  std::vector<Device> devices;  ///< AMD's first
  /// In the order they were asked. rocm_smi is asked only where amd_smi gave no device.
  std::vector<BackendReport> backends;
  std::string amd_driver_version;  ///< of the kernel module; empty when not told
  std::string nvidia_driver_version;
};

struct SurveyOptions {
  /// Where the file system's tree starts, for sysfs and procfs.
  std::filesystem::path root = "/";
  /// When not empty, vendor libraries are looked for in these folders and nowhere else; otherwise
  /// where the loader looks, and then where the vendors install.
  std::vector<std::filesystem::path> library_folders;
  /// How long each backend may take to answer.
  std::chrono::milliseconds time_limit{5000};
};

/// Asks every backend, each in a child process: a vendor library that is missing, broken, crashes
/// or hangs becomes a BackendReport with a reason, never an exception. AMD devices come from
/// amd_smi, else rocm_smi; NVIDIA's from NVML. sysfs fills what those left open, and lists the
/// devices of a vendor none of whose libraries gave one.
[[nodiscard]] DeviceSurvey survey_devices(const SurveyOptions& options = {});

// JSON leaves out what is not known; reading tolerates keys that it does not know.
void to_json(nlohmann::ordered_json& json, const DeviceLink& link);
void from_json(const nlohmann::ordered_json& json, DeviceLink& link);
void to_json(nlohmann::ordered_json& json, const DeviceClocks& clocks);
void from_json(const nlohmann::ordered_json& json, DeviceClocks& clocks);
void to_json(nlohmann::ordered_json& json, const Device& device);
void from_json(const nlohmann::ordered_json& json, Device& device);
void to_json(nlohmann::ordered_json& json, const BackendReport& report);
void from_json(const nlohmann::ordered_json& json, BackendReport& report);
/// {devices[], backends[], drivers{amd, nvidia}}
void to_json(nlohmann::ordered_json& json, const DeviceSurvey& survey);
void from_json(const nlohmann::ordered_json& json, DeviceSurvey& survey);

}  // namespace fusegate::probe
