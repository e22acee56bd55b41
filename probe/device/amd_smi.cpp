#include "probe/device/amd_smi.hpp"

#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "probe/device/amd_smi_abi.hpp"
#include "probe/device/architecture.hpp"
#include "probe/device/pci_address.hpp"

namespace fusegate::probe {
namespace {

using namespace amd_smi;

constexpr const char* library_install_fix =
    "install amd-smi-lib (ROCm 6 or later), or add its folder to LD_LIBRARY_PATH";
constexpr const char* library_reinstall_fix =
    "install the amd_smi library of the ROCm release in use, with all that it depends on";

template <class T>
T read(const Storage& storage) {
  T value;
  std::memcpy(&value, storage.bytes.data(), sizeof value);
  return value;
}

/// The text at the beginning of a structure, where every release known has it.
std::string leading_text(const Storage& storage, std::size_t limit) {
  const auto* text = reinterpret_cast<const char*>(storage.bytes.data());
  std::string value(text, ::strnlen(text, limit));
  return value == "N/A" ? "" : value;
}

/// Every handle, by the library's protocol of a first call that counts.
template <class Handle, class Call>
std::vector<Handle> handles(Call&& call) {
  std::uint32_t count = 0;
  if (call(&count, nullptr) != success || count == 0) return {};
  std::vector<Handle> all(count);
  if (call(&count, all.data()) != success) return {};
  all.resize(count);
  return all;
}

class AmdSmi {
 public:
  explicit AmdSmi(const SharedLibrary& library) : library_(library) {}

  /// Empty, or why the library does not start.
  std::string start() const {
    const Status status = library_.require<Init>("amdsmi_init")(init_amd_gpus);
    if (status == success) return "";
    const char* text = nullptr;
    const auto to_text = library_.find<StatusCodeToString>("amdsmi_status_code_to_string");
    if (to_text != nullptr) to_text(status, &text);
    return fmt::format("amdsmi_init of {} returned {}{}{}", library_.path(), status,
                       text == nullptr ? "" : ": ", text == nullptr ? "" : text);
  }

  std::optional<Version> version() const {
    Storage storage;
    const auto get = library_.require<GetLibVersion>("amdsmi_get_lib_version");
    if (get(&storage) != success) return std::nullopt;
    return decode_version(read<RawVersion>(storage));
  }

  std::vector<ProcessorHandle> gpus() const {
    const auto get_sockets = library_.require<GetSocketHandles>("amdsmi_get_socket_handles");
    const auto get_processors =
        library_.require<GetProcessorHandles>("amdsmi_get_processor_handles");
    const auto get_type = library_.require<GetProcessorType>("amdsmi_get_processor_type");
    std::vector<ProcessorHandle> gpus;
    for (const SocketHandle socket : handles<SocketHandle>(get_sockets)) {
      const auto count_or_get = [&](std::uint32_t* count, ProcessorHandle* processors) {
        return get_processors(socket, count, processors);
      };
      for (const ProcessorHandle processor : handles<ProcessorHandle>(count_or_get)) {
        std::uint32_t type = 0;
        if (get_type(processor, &type) == success && type == processor_amd_gpu) {
          gpus.push_back(processor);
        }
      }
    }
    return gpus;
  }

  Device describe(ProcessorHandle gpu, Version version) const {
    Device device;
    device.vendor = "amd";
    device.source = "amd_smi";
    add_address(gpu, device);
    device.memory_bytes = memory("amdsmi_get_gpu_memory_total", gpu);
    device.memory_used_bytes = memory("amdsmi_get_gpu_memory_usage", gpu);
    device.temperature_c = temperature(gpu);
    if (version >= oldest_known && version < not_yet_known) {
      add_asic(gpu, version, device);
      const auto core = clock(gpu, clock_gfx);
      const auto memory_clock = clock(gpu, clock_memory);
      device.clocks = {plausible_mhz(core.current), plausible_mhz(core.maximum),
                       plausible_mhz(memory_clock.current), plausible_mhz(memory_clock.maximum)};
    }
    return device;
  }

  std::vector<DeviceLink> links(const std::vector<ProcessorHandle>& gpus, std::size_t from) const {
    std::vector<DeviceLink> links;
    const auto get = library_.find<GetLinkType>("amdsmi_topo_get_link_type");
    for (std::size_t to = 0; to < gpus.size() && get != nullptr; ++to) {
      std::uint64_t hops = 0;
      std::uint32_t type = 0;
      if (to == from || get(gpus[from], gpus[to], &hops, &type) != success) continue;
      if (type != link_xgmi && type != link_pcie) continue;
      links.push_back({static_cast<unsigned>(to), type == link_xgmi ? "xgmi" : "pcie",
                       static_cast<unsigned>(hops), std::nullopt});
    }
    return links;
  }

  std::string driver_version(ProcessorHandle gpu, Version version) const {
    const auto get = library_.find<GetStructure>("amdsmi_get_gpu_driver_info");
    const bool known = version >= driver_version_first && version < not_yet_known;
    Storage storage;
    if (!known || get == nullptr || get(gpu, &storage) != success) return "";
    return leading_text(storage, 64);
  }

 private:
  void add_address(ProcessorHandle gpu, Device& device) const {
    std::uint64_t id = 0;
    const auto get_id = library_.find<GetGpuBdfId>("amdsmi_get_gpu_bdf_id");
    if (get_id != nullptr && get_id(gpu, &id) == success) {
      const auto address = decode_bdf_id(id);
      device.pci_address = address.pci;
      device.partition = address.partition;
    }
    std::array<char, 2 * uuid_size> uuid{};
    unsigned length = uuid.size();
    const auto get_uuid = library_.find<GetGpuDeviceUuid>("amdsmi_get_gpu_device_uuid");
    if (get_uuid != nullptr && get_uuid(gpu, &length, uuid.data()) == success) {
      device.uuid = std::string(uuid.data(), ::strnlen(uuid.data(), uuid.size()));
    }
    std::int32_t node = -1;
    const auto get_node = library_.find<GetNumaAffinity>("amdsmi_get_gpu_topo_numa_affinity");
    if (get_node != nullptr && get_node(gpu, &node) == success && node >= 0) {
      device.numa_node = node;
    }
  }

  std::optional<std::uint64_t> memory(const char* function, ProcessorHandle gpu) const {
    std::uint64_t bytes = 0;
    const auto get = library_.find<GetGpuMemory>(function);
    if (get == nullptr || get(gpu, memory_vram, &bytes) != success) return std::nullopt;
    return unless_all_ones(bytes);
  }

  std::optional<int> temperature(ProcessorHandle gpu) const {
    const auto get = library_.find<GetTempMetric>("amdsmi_get_temp_metric");
    for (const std::uint32_t sensor : {temperature_junction, temperature_edge}) {
      std::int64_t celsius = 0;
      if (get != nullptr && get(gpu, sensor, temperature_current, &celsius) == success &&
          celsius > 0 && celsius < 200) {
        return static_cast<int>(celsius);
      }
    }
    return std::nullopt;
  }

  void add_asic(ProcessorHandle gpu, Version version, Device& device) const {
    const auto get = library_.find<GetStructure>("amdsmi_get_gpu_asic_info");
    Storage storage;
    if (get == nullptr || get(gpu, &storage) != success) return;
    device.name = leading_text(storage, sizeof AsicInfo25_2::market_name);
    if (version < asic_counts_compute_units) return;
    const auto add = [&](const auto& asic) {
      device.compute_units = unless_all_ones(asic.compute_units);
      device.architecture = gfx_from_smi_version(asic.target_graphics_version);
    };
    if (version < asic_strings_grew) {
      add(read<AsicInfo24_7>(storage));
    } else {
      add(read<AsicInfo25_2>(storage));
    }
  }

  ClockInfo clock(ProcessorHandle gpu, std::uint32_t type) const {
    const auto get = library_.find<GetClockInfo>("amdsmi_get_clock_info");
    Storage storage;
    if (get == nullptr || get(gpu, type, &storage) != success) return {};
    return read<ClockInfo>(storage);
  }

  const SharedLibrary& library_;
};

}  // namespace

VendorLibrary amd_smi_library() {
  return {{"libamd_smi.so", "libamd_smi.so.27", "libamd_smi.so.26", "libamd_smi.so.25",
           "libamd_smi.so.24", "libamd_smi.so.23"},
          rocm_library_folders()};
}

BackendAnswer ask_amd_smi(const SurveyOptions& options) {
  BackendAnswer answer;
  BackendReport& report = answer.report;
  report.name = "amd_smi";
  const auto search = find_vendor_library(amd_smi_library(), options);
  describe_search(search, report);
  if (!search.library) {
    report.fix = search.found ? library_reinstall_fix : library_install_fix;
    return answer;
  }

  // Some releases answer with their version only after amdsmi_init.
  const AmdSmi smi(*search.library);
  report.failure = smi.start();
  const auto told = smi.version();
  if (told) report.version = fmt::format("{}.{}.{}", told->major, told->minor, told->release);
  if (!report.failure.empty()) {
    report.fix = amd_device_fix;
    return answer;
  }
  const Version version = told.value_or(Version{});
  if (version < oldest_known || version >= not_yet_known) {
    report.notes.push_back(fmt::format(
        "the structures of version {} are not known to this build: names and clocks left out",
        report.version));
  } else if (version < asic_counts_compute_units) {
    report.notes.push_back(
        fmt::format("version {} does not tell architecture and compute units", report.version));
  }
  const auto gpus = smi.gpus();
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    Device device = smi.describe(gpus[i], version);
    device.index = static_cast<unsigned>(i);
    device.links = smi.links(gpus, i);
    answer.devices.push_back(std::move(device));
  }
  if (gpus.empty()) {
    report.failure = fmt::format("{} starts but reports no GPU", report.path);
    report.fix = amd_device_fix;
  } else {
    answer.driver_version = smi.driver_version(gpus.front(), version);
  }
  return answer;
}

}  // namespace fusegate::probe
