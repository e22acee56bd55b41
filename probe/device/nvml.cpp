#include "probe/device/nvml.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probe/device/architecture.hpp"
#include "probe/device/nvml_abi.hpp"
#include "probe/device/pci_address.hpp"

namespace fusegate::probe {
namespace {

using namespace nvml;

std::string fix_for(Status status) {
  switch (status) {
    case driver_not_loaded:
      return "load the NVIDIA kernel driver (nvidia-smi or modprobe nvidia does it); in a "
             "container, pass the GPUs (--gpus all)";
    case lib_rm_version_mismatch:
      return "the driver was upgraded under a running kernel module: reboot, or unload and load "
             "the nvidia modules";
    default:
      return "see whether nvidia-smi works on this machine, and mend what it reports";
  }
}

/// One of a device's NVLinks that is up.
struct ActiveLink {
  std::uint32_t remote_type;
  std::string remote_pci;
};

class Nvml {
 public:
  explicit Nvml(const SharedLibrary& library) : library_(library) {}

  Status start() const { return library_.require<Init>("nvmlInit_v2")(); }

  std::string error_text(Status status) const {
    const auto to_text = library_.find<ErrorString>("nvmlErrorString");
    const char* text = to_text == nullptr ? nullptr : to_text(status);
    return text == nullptr ? "" : text;
  }

  std::string system_text(const char* function) const {
    std::array<char, 96> text{};
    const auto get = library_.find<SystemGetText>(function);
    return get != nullptr && get(text.data(), text.size()) == success ? text.data() : "";
  }

  std::vector<DeviceHandle> devices() const {
    unsigned count = 0;
    library_.require<DeviceGetCount>("nvmlDeviceGetCount_v2")(&count);
    const auto get = library_.require<DeviceGetHandleByIndex>("nvmlDeviceGetHandleByIndex_v2");
    std::vector<DeviceHandle> devices;
    for (unsigned i = 0; i < count; ++i) {
      DeviceHandle device = nullptr;
      if (get(i, &device) == success) devices.push_back(device);
    }
    return devices;
  }

  Device describe(DeviceHandle handle) const {
    Device device;
    device.vendor = "nvidia";
    device.source = "nvml";
    device.name = text("nvmlDeviceGetName", handle);
    if (const auto uuid = text("nvmlDeviceGetUUID", handle); !uuid.empty()) device.uuid = uuid;
    add_place(handle, device);
    add_capability(handle, device);
    add_memory(handle, device);
    device.clocks = {clock("nvmlDeviceGetClockInfo", handle, clock_sm),
                     clock("nvmlDeviceGetMaxClockInfo", handle, clock_sm),
                     clock("nvmlDeviceGetClockInfo", handle, clock_memory),
                     clock("nvmlDeviceGetMaxClockInfo", handle, clock_memory)};
    unsigned celsius = 0;
    const auto get_temperature = library_.find<DeviceGetTemperature>("nvmlDeviceGetTemperature");
    if (get_temperature != nullptr &&
        get_temperature(handle, temperature_gpu, &celsius) == success) {
      device.temperature_c = static_cast<int>(celsius);
    }
    if (const auto milliwatts = number("nvmlDeviceGetPowerUsage", handle)) {
      device.power_w = *milliwatts / 1000.0;
    }
    return device;
  }

  std::vector<ActiveLink> active_links(DeviceHandle handle) const {
    const auto get_state = library_.find<DeviceGetLinkValue>("nvmlDeviceGetNvLinkState");
    const auto get_type = library_.find<DeviceGetLinkValue>("nvmlDeviceGetNvLinkRemoteDeviceType");
    const auto get_pci =
        library_.find<DeviceGetLinkRemotePci>("nvmlDeviceGetNvLinkRemotePciInfo_v2");
    std::vector<ActiveLink> links;
    for (unsigned link = 0; link < max_links && get_state != nullptr; ++link) {
      std::uint32_t state = 0;
      if (get_state(handle, link, &state) != success || state != feature_enabled) continue;
      ActiveLink active{remote_gpu, ""};
      PciInfo pci{};
      if (get_pci != nullptr && get_pci(handle, link, &pci) == success) {
        active.remote_pci = canonical_pci_address(pci.bus_id);
      }
      if (get_type != nullptr) get_type(handle, link, &active.remote_type);
      links.push_back(std::move(active));
    }
    return links;
  }

  bool reaches_by_nvlink(DeviceHandle from, DeviceHandle to) const {
    std::uint32_t status = p2p_ok + 1;
    const auto get = library_.find<DeviceGetP2PStatus>("nvmlDeviceGetP2PStatus");
    return get != nullptr && get(from, to, p2p_nvlink, &status) == success && status == p2p_ok;
  }

 private:
  std::string text(const char* function, DeviceHandle handle) const {
    std::array<char, 96> text{};
    const auto get = library_.find<DeviceGetText>(function);
    return get != nullptr && get(handle, text.data(), text.size()) == success ? text.data() : "";
  }

  std::optional<unsigned> number(const char* function, DeviceHandle handle) const {
    unsigned value = 0;
    const auto get = library_.find<DeviceGetNumber>(function);
    if (get == nullptr || get(handle, &value) != success) return std::nullopt;
    return unless_all_ones(value);
  }

  std::optional<unsigned> clock(const char* function, DeviceHandle handle,
                                std::uint32_t type) const {
    unsigned mhz = 0;
    const auto get = library_.find<DeviceGetClock>(function);
    if (get == nullptr || get(handle, type, &mhz) != success) return std::nullopt;
    return plausible_mhz(mhz);
  }

  void add_place(DeviceHandle handle, Device& device) const {
    PciInfo pci{};
    const auto get = library_.find<DeviceGetPciInfo>("nvmlDeviceGetPciInfo_v3");
    if (get != nullptr && get(handle, &pci) == success) {
      device.pci_address = canonical_pci_address(pci.bus_id);
    }
    if (const auto node = number("nvmlDeviceGetNumaNodeId", handle)) {
      device.numa_node = static_cast<int>(*node);
    }
  }

  void add_capability(DeviceHandle handle, Device& device) const {
    int major = 0, minor = 0;
    const auto get =
        library_.find<DeviceGetComputeCapability>("nvmlDeviceGetCudaComputeCapability");
    if (get == nullptr || get(handle, &major, &minor) != success) return;
    device.architecture = sm_from_compute_capability(major, minor);
    // NVML counts cores; SMs follow only where the division is exact.
    const auto cores = number("nvmlDeviceGetNumGpuCores", handle);
    const auto per_sm = cuda_cores_per_sm(major, minor);
    if (cores && per_sm && *cores > 0 && *cores % *per_sm == 0) {
      device.compute_units = *cores / *per_sm;
    }
  }

  void add_memory(DeviceHandle handle, Device& device) const {
    MemoryV2 newer{memory_v2, 0, 0, 0, 0};
    const auto get_newer = library_.find<DeviceGetMemoryInfoV2>("nvmlDeviceGetMemoryInfo_v2");
    if (get_newer != nullptr && get_newer(handle, &newer) == success) {
      device.memory_bytes = newer.total;
      device.memory_used_bytes = newer.used;
      return;
    }
    Memory memory{};
    const auto get = library_.find<DeviceGetMemoryInfo>("nvmlDeviceGetMemoryInfo");
    if (get == nullptr || get(handle, &memory) != success) return;
    device.memory_bytes = memory.total;
    device.memory_used_bytes = memory.used;
  }

  const SharedLibrary& library_;
};

/// Links between the devices of `handles`, which are described by `devices` in the same order.
/// Direct NVLinks are told by the address at their other end; through NVSwitch every GPU reaches
/// every other over all its links to switches.
void add_links(const Nvml& nvml, const std::vector<DeviceHandle>& handles,
               std::vector<Device>& devices) {
  for (std::size_t from = 0; from < devices.size() && devices.size() > 1; ++from) {
    const auto active = nvml.active_links(handles[from]);
    const auto to_switch = std::ranges::count(active, remote_switch, &ActiveLink::remote_type);
    for (std::size_t to = 0; to < devices.size(); ++to) {
      if (to == from) continue;
      const auto direct = std::ranges::count_if(active, [&](const ActiveLink& link) {
        return !link.remote_pci.empty() && link.remote_pci == devices[to].pci_address;
      });
      DeviceLink link{static_cast<unsigned>(to), "pcie", std::nullopt, std::nullopt};
      if (direct > 0) {
        link = {link.peer, "nvlink", 1, static_cast<unsigned>(direct)};
      } else if (nvml.reaches_by_nvlink(handles[from], handles[to])) {
        link.type = "nvlink";
        if (to_switch > 0) link.count = static_cast<unsigned>(to_switch);
      }
      devices[from].links.push_back(std::move(link));
    }
  }
}

}  // namespace

VendorLibrary nvml_library() {
  // The folders are those of NVIDIA's container toolkit, of Google's driver installer and of WSL.
  return {
      {"libnvidia-ml.so.1", "libnvidia-ml.so"},
      {"/usr/local/nvidia/lib64", "/usr/lib/x86_64-linux-gnu/nvidia/current", "/usr/lib/wsl/lib"}};
}

BackendAnswer ask_nvml(const SurveyOptions& options) {
  BackendAnswer answer;
  BackendReport& report = answer.report;
  report.name = "nvml";
  const auto search = find_vendor_library(nvml_library(), options);
  describe_search(search, report);
  if (!search.library) {
    report.fix = search.found ? "reinstall the NVIDIA driver's libraries for this architecture"
                              : "install the NVIDIA driver, which brings this library, or add its "
                                "folder to LD_LIBRARY_PATH";
    return answer;
  }
  const Nvml nvml(*search.library);
  if (const Status status = nvml.start(); status != success) {
    report.failure =
        fmt::format("nvmlInit of {} returned {}: {}", report.path, status, nvml.error_text(status));
    report.fix = fix_for(status);
    return answer;
  }
  report.version = nvml.system_text("nvmlSystemGetNVMLVersion");
  answer.driver_version = nvml.system_text("nvmlSystemGetDriverVersion");
  const auto handles = nvml.devices();
  for (const DeviceHandle handle : handles) {
    Device device = nvml.describe(handle);
    device.index = static_cast<unsigned>(answer.devices.size());
    answer.devices.push_back(std::move(device));
  }
  add_links(nvml, handles, answer.devices);
  if (handles.empty()) {
    report.failure = fmt::format("{} starts but reports no GPU", report.path);
    report.fix = fix_for(driver_not_loaded);
  }
  return answer;
}

}  // namespace fusegate::probe
