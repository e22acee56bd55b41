#include "probe/device/kfd.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "probe/base/files.hpp"
#include "probe/base/text.hpp"
#include "probe/device/architecture.hpp"
#include "probe/device/pci_address.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

// CRAT_IOLINK_TYPE_* of drivers/gpu/drm/amd/amdkfd/kfd_crat.h.
constexpr std::uint64_t link_type_pcie = 2;
constexpr std::uint64_t link_type_xgmi = 11;
// KFD_CRAT_XGMI_WEIGHT: an XGMI link between GPUs weighs this much for each hop.
constexpr std::uint64_t weight_of_xgmi_hop = 15;
// HSA_MEM_HEAP_TYPE_FB_PUBLIC and _PRIVATE: device memory that the host can or cannot map.
constexpr std::uint64_t heap_frame_buffer_public = 1;
constexpr std::uint64_t heap_frame_buffer_private = 2;

/// A file of "name value" lines with decimal values.
class Properties {
 public:
  explicit Properties(const fs::path& path) {
    const auto text = read_text(path);
    if (!text) return;
    for (const auto line : split(*text, '\n')) {
      const auto words = split_words(line);
      std::uint64_t value = 0;
      if (words.size() == 2 &&
          std::from_chars(words[1].begin(), words[1].end(), value).ec == std::errc{}) {
        values_.emplace(words[0], value);
      }
    }
  }

  /// The value, or 0 where there is no such line.
  [[nodiscard]] std::uint64_t operator[](std::string_view name) const {
    const auto at = values_.find(name);
    return at == values_.end() ? 0 : at->second;
  }

 private:
  std::map<std::string, std::uint64_t, std::less<>> values_;
};

/// The subfolders with numbers for names, by number.
std::map<unsigned, fs::path> numbered_folders(const fs::path& folder) {
  std::map<unsigned, fs::path> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    unsigned number = 0;
    const auto* end = name.data() + name.size();
    if (std::from_chars(name.data(), end, number).ptr == end) folders.emplace(number, entry.path());
  }
  return folders;
}

std::optional<unsigned> positive(std::uint64_t value) {
  return value == 0 ? std::nullopt : std::optional<unsigned>(static_cast<unsigned>(value));
}

Device make_device(const fs::path& node, const Properties& properties) {
  Device device;
  device.vendor = "amd";
  device.source = "sysfs";
  device.architecture = gfx_from_kfd_version(properties["gfx_target_version"]);
  if (properties["simd_per_cu"] > 0) {
    device.compute_units = positive(properties["simd_count"] / properties["simd_per_cu"]);
  }
  device.clocks.core_max_mhz = positive(properties["max_engine_clk_fcompute"]);
  const auto address = decode_bdf_id(properties["domain"] << 32 | properties["location_id"]);
  device.pci_address = address.pci;
  device.partition = address.partition;
  if (properties["unique_id"] != 0) {
    device.uuid = fmt::format("0x{:016x}", properties["unique_id"]);
  }
  std::uint64_t memory = 0;
  for (const auto& [number, bank] : numbered_folders(node / "mem_banks")) {
    const Properties bank_properties(bank / "properties");
    const auto heap = bank_properties["heap_type"];
    if (heap == heap_frame_buffer_public || heap == heap_frame_buffer_private) {
      memory += bank_properties["size_in_bytes"];
    }
  }
  if (memory > 0) device.memory_bytes = memory;
  return device;
}

/// Links to other GPUs; those to CPUs have no place in `index_of_node`.
std::vector<DeviceLink> read_links(const fs::path& node,
                                   const std::map<std::uint64_t, unsigned>& index_of_node) {
  std::vector<DeviceLink> links;
  // io_links holds direct ones, p2p_links those that lead through a CPU.
  for (const char* kind : {"io_links", "p2p_links"}) {
    for (const auto& [number, folder] : numbered_folders(node / kind)) {
      const Properties link(folder / "properties");
      const auto peer = index_of_node.find(link["node_to"]);
      const bool known = link["type"] == link_type_pcie || link["type"] == link_type_xgmi;
      if (peer == index_of_node.end() || !known) continue;
      const bool listed = std::ranges::any_of(
          links, [&](const DeviceLink& other) { return other.peer == peer->second; });
      if (listed) continue;
      DeviceLink made{peer->second, "pcie", std::nullopt, std::nullopt};
      if (link["type"] == link_type_xgmi) {
        made.type = "xgmi";
        if (link["weight"] % weight_of_xgmi_hop == 0) {
          made.hops = positive(link["weight"] / weight_of_xgmi_hop);
        }
      }
      links.push_back(std::move(made));
    }
  }
  std::ranges::sort(links, {}, &DeviceLink::peer);
  return links;
}

}  // namespace

std::vector<Device> read_kfd_devices(const fs::path& root) {
  std::vector<Device> devices;
  std::vector<fs::path> nodes;
  std::map<std::uint64_t, unsigned> index_of_node;
  for (const auto& [number, node] : numbered_folders(root / "sys/class/kfd/kfd/topology/nodes")) {
    const Properties properties(node / "properties");
    if (properties["simd_count"] == 0) continue;
    Device device = make_device(node, properties);
    device.index = static_cast<unsigned>(devices.size());
    index_of_node.emplace(number, device.index);
    devices.push_back(std::move(device));
    nodes.push_back(node);
  }
  for (std::size_t i = 0; i < devices.size(); ++i) {
    devices[i].links = read_links(nodes[i], index_of_node);
  }
  return devices;
}

}  // namespace fusegate::probe
