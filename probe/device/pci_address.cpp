#include "probe/device/pci_address.hpp"

#include <array>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace fusegate::probe {

std::string pci_address_text(unsigned domain, unsigned bus, unsigned device, unsigned function) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", domain, bus, device, function);
}

std::string canonical_pci_address(std::string_view text) {
  // Domain, bus, device and function, each with the character that ends it.
  std::array<unsigned, 4> fields{};
  constexpr std::string_view ends = "::.";
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto parsed = std::from_chars(at, end, fields[i], 16);
    const bool last = i == ends.size();
    const bool ends_well = last ? parsed.ptr == end : parsed.ptr != end && *parsed.ptr == ends[i];
    if (parsed.ec != std::errc{} || !ends_well) return std::string(text);
    at = last ? end : parsed.ptr + 1;
  }
  return pci_address_text(fields[0], fields[1], fields[2], fields[3]);
}

PartitionAddress decode_bdf_id(std::uint64_t id) {
  const auto domain = static_cast<unsigned>(id >> 32);
  const auto location = static_cast<unsigned>(id & 0xffffffffu);
  return {pci_address_text(domain, location >> 8 & 0xff, location >> 3 & 0x1f, location & 0x7),
          location >> 28};
}

}  // namespace fusegate::probe
