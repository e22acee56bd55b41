#include "probe/device/sysfs.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "probe/base/files.hpp"
#include "probe/base/text.hpp"
#include "probe/device/kfd.hpp"
#include "probe/device/pci_address.hpp"
#include "probe/host/drivers.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t pci_vendor_amd = 0x1002;
constexpr std::uint64_t pci_vendor_nvidia = 0x10de;
// The upper byte of the class code. Instinct GPUs from MI200 on are processing accelerators.
constexpr std::uint64_t pci_class_display = 0x03;
constexpr std::uint64_t pci_class_accelerator = 0x12;

/// The number in a file that holds one, decimal or with 0x in front.
std::optional<std::uint64_t> read_number(const fs::path& path) {
  const auto text = read_text(path);
  if (!text) return std::nullopt;
  auto digits = trim(*text);
  const bool hexadecimal = digits.starts_with("0x");
  if (hexadecimal) digits.remove_prefix(2);
  std::uint64_t value = 0;
  const auto end = std::from_chars(digits.begin(), digits.end(), value, hexadecimal ? 16 : 10);
  return end.ec == std::errc{} && end.ptr == digits.end() ? std::optional(value) : std::nullopt;
}

std::string read_line(const fs::path& path) {
  return std::string(trim(read_text(path).value_or("")));
}

/// The folders in `folder`, by name; none when it is not there.
std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) entries.push_back(entry.path());
  std::ranges::sort(entries);
  return entries;
}

/// A pp_dpm_* file: a line for each level, as in "1: 2100Mhz *", the star at the current one. Deep
/// sleep has an S in place of the number.
void add_clock(const fs::path& path, std::optional<unsigned>& current,
               std::optional<unsigned>& maximum) {
  const auto text = read_text(path);
  if (!text) return;
  for (const auto line : split(*text, '\n')) {
    const auto words = split_words(line);
    if (words.size() < 2) continue;
    unsigned mhz = 0;
    if (std::from_chars(words[1].begin(), words[1].end(), mhz).ec != std::errc{}) continue;
    maximum = std::max(maximum.value_or(0), mhz);
    if (words.back() == "*") current = plausible_mhz(mhz);
  }
}

/// Temperature and power: Linux, Documentation/hwmon/sysfs-interface.rst, in millidegrees and
/// microwatts.
void add_sensors(const fs::path& pci_folder, Device& device) {
  for (const auto& hwmon : sorted_entries(pci_folder / "hwmon")) {
    std::optional<std::uint64_t> edge, junction;
    for (const char* sensor : {"temp1", "temp2", "temp3"}) {
      const auto label = read_line(hwmon / (std::string(sensor) + "_label"));
      const auto value = read_number(hwmon / (std::string(sensor) + "_input"));
      if (label == "edge") edge = value;
      if (label == "junction") junction = value;
    }
    if (const auto hottest = junction ? junction : edge) {
      device.temperature_c = static_cast<int>(*hottest / 1000);
    }
    auto microwatts = read_number(hwmon / "power1_average");
    if (!microwatts) microwatts = read_number(hwmon / "power1_input");
    if (microwatts) device.power_w = static_cast<double>(*microwatts) / 1e6;
  }
}

void add_pci_facts(const fs::path& pci_folder, Device& device) {
  const auto numa_text = read_line(pci_folder / "numa_node");  // -1 where there is none
  int numa_node = -1;
  std::from_chars(numa_text.data(), numa_text.data() + numa_text.size(), numa_node);
  if (numa_node >= 0) device.numa_node = numa_node;
  if (device.vendor != "amd") return;
  device.name = read_line(pci_folder / "product_name");
  // The topology knows what belongs to a partition; these files know the whole GPU.
  if (!device.memory_bytes) device.memory_bytes = read_number(pci_folder / "mem_info_vram_total");
  device.memory_used_bytes = read_number(pci_folder / "mem_info_vram_used");
  if (const auto id = read_line(pci_folder / "unique_id"); !device.uuid && !id.empty()) {
    device.uuid = "0x" + id;
  }
  add_clock(pci_folder / "pp_dpm_sclk", device.clocks.core_mhz, device.clocks.core_max_mhz);
  add_clock(pci_folder / "pp_dpm_mclk", device.clocks.memory_mhz, device.clocks.memory_max_mhz);
  add_sensors(pci_folder, device);
}

std::optional<std::string> gpu_vendor(const fs::path& pci_folder) {
  const auto device_class = read_number(pci_folder / "class").value_or(0) >> 16;
  if (device_class != pci_class_display && device_class != pci_class_accelerator) {
    return std::nullopt;
  }
  const auto vendor = read_number(pci_folder / "vendor");
  if (vendor == pci_vendor_amd) return "amd";
  if (vendor == pci_vendor_nvidia) return "nvidia";
  return std::nullopt;
}

/// /proc/driver/nvidia/gpus/ADDRESS/information: "Model:", "GPU UUID:", "Bus Location:" lines.
std::vector<Device> read_nvidia_devices(const fs::path& root) {
  std::vector<Device> devices;
  for (const auto& folder : sorted_entries(root / "proc/driver/nvidia/gpus")) {
    const auto text = read_text(folder / "information");
    if (!text) continue;
    Device device;
    device.vendor = "nvidia";
    device.source = "sysfs";
    device.pci_address = canonical_pci_address(folder.filename().string());
    for (const auto line : split(*text, '\n')) {
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      const auto key = line.substr(0, colon);
      const std::string value(trim(line.substr(colon + 1)));
      if (key == "Model") device.name = value;
      // The driver writes question marks until the GPU has been used.
      if (key == "GPU UUID" && !value.empty() && value.find('?') == std::string::npos) {
        device.uuid = value;
      }
    }
    devices.push_back(std::move(device));
  }
  return devices;
}

/// Adds the GPUs of the PCI bus of those vendors whose driver listed none, then what the bus knows
/// of each. Where a driver does list some, the others are not this process's: a container sees the
/// whole bus but may use only the GPUs it was given.
void add_pci_devices(const fs::path& root, std::vector<Device>& devices) {
  const fs::path bus = root / "sys/bus/pci/devices";
  std::set<std::string> with_driver;
  for (const auto& device : devices) with_driver.insert(device.vendor);
  for (const auto& folder : sorted_entries(bus)) {
    const auto vendor = gpu_vendor(folder);
    if (!vendor || with_driver.contains(*vendor)) continue;
    Device device;
    device.vendor = *vendor;
    device.source = "sysfs";
    device.pci_address = folder.filename().string();
    devices.push_back(std::move(device));
  }
  for (auto& device : devices) add_pci_facts(bus / device.pci_address.value_or("none"), device);
}

}  // namespace

BackendAnswer ask_sysfs(const SurveyOptions& options) {
  BackendAnswer answer;
  BackendReport& report = answer.report;
  report.name = "sysfs";
  std::error_code ignored;
  for (const char* tree :
       {"sys/class/kfd/kfd/topology/nodes", "sys/bus/pci/devices", "proc/driver/nvidia/gpus"}) {
    report.found = report.found || fs::is_directory(options.root / tree, ignored);
  }
  if (report.found) report.path = (options.root / "sys").string();
  answer.devices = read_kfd_devices(options.root);
  for (auto& device : read_nvidia_devices(options.root)) {
    answer.devices.push_back(std::move(device));
  }
  add_pci_devices(options.root, answer.devices);
  std::ranges::stable_sort(answer.devices, {}, &Device::vendor);
  unsigned index = 0;
  for (std::size_t i = 0; i < answer.devices.size(); ++i) {
    if (i > 0 && answer.devices[i].vendor != answer.devices[i - 1].vendor) index = 0;
    answer.devices[i].index = index++;
  }
  if (answer.devices.empty()) {
    report.failure = fmt::format(
        "no AMD or NVIDIA GPU in /sys/class/kfd/kfd/topology, /sys/bus/pci/devices or "
        "/proc/driver/nvidia/gpus{}",
        options.root == "/" ? "" : fmt::format(" below {}", options.root.string()));
    report.fix =
        "load the kernel driver (modprobe amdgpu, or nvidia); in a container or virtual machine, "
        "pass the GPU to it";
  }
  return answer;
}

}  // namespace fusegate::probe
