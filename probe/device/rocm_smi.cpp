#include "probe/device/rocm_smi.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include <fmt/format.h>

#include "probe/device/architecture.hpp"
#include "probe/device/pci_address.hpp"
#include "probe/device/rocm_smi_abi.hpp"

namespace fusegate::probe {
namespace {

using namespace rocm_smi;

constexpr const char* library_install_fix =
    "install librocm-smi64-1 (Debian) or rocm-smi-lib (ROCm), or add its folder to LD_LIBRARY_PATH";
constexpr const char* library_reinstall_fix =
    "install the rocm_smi library of the ROCm release in use, with all that it depends on";

struct ClockRange {
  std::optional<unsigned> current_mhz, maximum_mhz;
};

/// Nothing, when the numbers cannot be a list of frequencies.
ClockRange clock_range(std::uint32_t supported, std::uint32_t current,
                       std::span<const std::uint64_t> hz) {
  if (supported == 0 || supported > hz.size()) return {};
  const auto given = hz.first(supported);
  constexpr std::uint64_t hz_per_mhz = 1'000'000;
  ClockRange range;
  range.maximum_mhz = plausible_mhz(*std::ranges::max_element(given) / hz_per_mhz);
  if (current < supported) range.current_mhz = plausible_mhz(given[current] / hz_per_mhz);
  return range;
}

class RocmSmi {
 public:
  explicit RocmSmi(const SharedLibrary& library) : library_(library) {
    version_ = {};
    library_.require<VersionGet>("rsmi_version_get")(&version_);
  }

  const Version& version() const { return version_; }

  /// Empty, or why the library does not start.
  std::string start() const {
    const Status status = library_.require<Init>("rsmi_init")(init_thread_only_mutex);
    if (status == success) return "";
    const char* text = nullptr;
    const auto to_text = library_.find<StatusString>("rsmi_status_string");
    if (to_text != nullptr) to_text(status, &text);
    return fmt::format("rsmi_init of {} returned {}{}{}", library_.path(), status,
                       text == nullptr ? "" : ": ", text == nullptr ? "" : text);
  }

  std::uint32_t count() const {
    std::uint32_t count = 0;
    const auto get = library_.require<NumMonitorDevices>("rsmi_num_monitor_devices");
    return get(&count) == success ? count : 0;
  }

  Device describe(std::uint32_t index) const {
    Device device;
    device.index = index;
    device.vendor = "amd";
    device.source = "rocm_smi";
    device.name = name(index);
    add_identity(index, device);
    device.memory_bytes = memory("rsmi_dev_memory_total_get", index);
    device.memory_used_bytes = memory("rsmi_dev_memory_usage_get", index);
    const auto core = clock(index, clock_system);
    const auto memory_clock = clock(index, clock_memory);
    device.clocks = {core.current_mhz, core.maximum_mhz, memory_clock.current_mhz,
                     memory_clock.maximum_mhz};
    device.temperature_c = temperature(index);
    return device;
  }

  std::vector<DeviceLink> links(std::uint32_t from, std::uint32_t count) const {
    std::vector<DeviceLink> links;
    const auto get = library_.find<TopoGetLinkType>("rsmi_topo_get_link_type");
    for (std::uint32_t to = 0; to < count && get != nullptr; ++to) {
      std::uint64_t hops = 0;
      std::uint32_t type = 0;
      if (to == from || get(from, to, &hops, &type) != success) continue;
      if (type != link_xgmi && type != link_pcie) continue;
      links.push_back(
          {to, type == link_xgmi ? "xgmi" : "pcie", static_cast<unsigned>(hops), std::nullopt});
    }
    return links;
  }

  std::string driver_version() const {
    std::array<char, 256> text{};
    const auto get = library_.find<VersionStrGet>("rsmi_version_str_get");
    const bool told =
        get != nullptr && get(component_driver, text.data(), text.size() - 1) == success;
    return told ? text.data() : "";
  }

 private:
  std::string name(std::uint32_t index) const {
    std::array<char, 256> text{};
    const auto market = library_.find<DevMarketNameGet>("rsmi_dev_market_name_get");
    if (market != nullptr && market(index, text.data(), text.size() - 1) == success &&
        text.front() != '\0') {
      return text.data();
    }
    text = {};
    const auto get = library_.find<DevNameGet>("rsmi_dev_name_get");
    const bool told = get != nullptr && get(index, text.data(), text.size() - 1) == success;
    return told ? text.data() : "";
  }

  void add_identity(std::uint32_t index, Device& device) const {
    std::uint64_t id = 0;
    const auto get_id = library_.find<DevPciIdGet>("rsmi_dev_pci_id_get");
    if (get_id != nullptr && get_id(index, &id) == success) {
      const auto address = decode_bdf_id(id);
      device.pci_address = address.pci;
      device.partition = address.partition;
    }
    std::uint64_t unique = 0;
    const auto get_unique = library_.find<DevUniqueIdGet>("rsmi_dev_unique_id_get");
    if (get_unique != nullptr && get_unique(index, &unique) == success && unique != 0) {
      device.uuid = fmt::format("0x{:016x}", unique);
    }
    std::uint64_t target = 0;
    const auto get_target =
        library_.find<DevTargetGraphicsVersionGet>("rsmi_dev_target_graphics_version_get");
    if (get_target != nullptr && get_target(index, &target) == success) {
      device.architecture = gfx_from_smi_version(target);
    }
    std::int32_t node = -1;
    const auto get_node = library_.find<TopoNumaAffinityGet>("rsmi_topo_numa_affinity_get");
    if (get_node != nullptr && get_node(index, &node) == success && node >= 0) {
      device.numa_node = node;
    }
  }

  std::optional<std::uint64_t> memory(const char* function, std::uint32_t index) const {
    std::uint64_t bytes = 0;
    const auto get = library_.find<DevMemoryGet>(function);
    if (get == nullptr || get(index, memory_vram, &bytes) != success) return std::nullopt;
    return unless_all_ones(bytes);
  }

  ClockRange clock(std::uint32_t index, std::uint32_t type) const {
    const auto get = library_.find<DevGpuClkFreqGet>("rsmi_dev_gpu_clk_freq_get");
    Storage storage;
    if (get == nullptr || get(index, type, &storage) != success) return {};
    const auto range = [&]<class T>(T frequencies) {
      std::memcpy(&frequencies, storage.bytes.data(), sizeof frequencies);
      return clock_range(frequencies.supported, frequencies.current, frequencies.hz);
    };
    return version_.major < frequencies_changed ? range(FrequenciesBefore6{})
                                                : range(FrequenciesSince6{});
  }

  std::optional<int> temperature(std::uint32_t index) const {
    const auto get = library_.find<DevTempMetricGet>("rsmi_dev_temp_metric_get");
    for (const std::uint32_t sensor : {temperature_junction, temperature_edge}) {
      std::int64_t millidegrees = 0;
      if (get != nullptr && get(index, sensor, temperature_current, &millidegrees) == success &&
          millidegrees > 0) {
        return static_cast<int>(millidegrees / 1000);
      }
    }
    return std::nullopt;
  }

  const SharedLibrary& library_;
  Version version_;
};

}  // namespace

VendorLibrary rocm_smi_library() {
  return {{"librocm_smi64.so", "librocm_smi64.so.7", "librocm_smi64.so.6", "librocm_smi64.so.5",
           "librocm_smi64.so.1"},
          rocm_library_folders()};
}

BackendAnswer ask_rocm_smi(const SurveyOptions& options) {
  BackendAnswer answer;
  BackendReport& report = answer.report;
  report.name = "rocm_smi";
  const auto search = find_vendor_library(rocm_smi_library(), options);
  describe_search(search, report);
  if (!search.library) {
    report.fix = search.found ? library_reinstall_fix : library_install_fix;
    return answer;
  }

  const RocmSmi smi(*search.library);
  const Version& version = smi.version();
  report.version = fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
  report.failure = smi.start();
  if (!report.failure.empty()) {
    report.fix = amd_device_fix;
    return answer;
  }
  const std::uint32_t count = smi.count();
  for (std::uint32_t i = 0; i < count; ++i) {
    Device device = smi.describe(i);
    device.links = smi.links(i, count);
    answer.devices.push_back(std::move(device));
  }
  if (count == 0) {
    report.failure = fmt::format("{} starts but reports no GPU", report.path);
    report.fix = amd_device_fix;
  }
  answer.driver_version = smi.driver_version();
  return answer;
}

}  // namespace fusegate::probe
