#include "probe/device/architecture.hpp"

#include <fmt/format.h>

namespace fusegate::probe {
namespace {

constexpr std::uint64_t decimal_first = 700, decimal_last = 1299;
constexpr std::uint64_t hexadecimal_first = 0x700, hexadecimal_last = 0x1fff;
constexpr std::uint64_t minor_zero_first = 9000, minor_zero_last = 9015;
static_assert(decimal_last < hexadecimal_first && hexadecimal_last < minor_zero_first);

}  // namespace

std::optional<std::string> gfx_from_kfd_version(std::uint64_t version) {
  const std::uint64_t minor = version / 100 % 100;
  const std::uint64_t step = version % 100;
  if (version < 10000 || minor > 0xf || step > 0xf) return std::nullopt;
  return fmt::format("gfx{}{:x}{:x}", version / 10000, minor, step);
}

std::optional<std::string> gfx_from_smi_version(std::uint64_t version) {
  if (version >= decimal_first && version <= decimal_last) return fmt::format("gfx{}", version);
  if (version >= hexadecimal_first && version <= hexadecimal_last) {
    return fmt::format("gfx{:x}", version);
  }
  if (version >= minor_zero_first && version <= minor_zero_last) {
    return fmt::format("gfx90{:x}", version - minor_zero_first);
  }
  return std::nullopt;
}

std::string sm_from_compute_capability(int major, int minor) {
  return fmt::format("sm_{}{}", major, minor);
}

std::optional<unsigned> cuda_cores_per_sm(int major, int minor) {
  switch (major * 10 + minor) {
    case 70:
    case 72:
    case 75:
    case 80:
      return 64;
    case 86:
    case 87:
    case 89:
    case 90:
    case 100:
    case 103:
    case 120:
    case 121:
      return 128;
    default:
      return std::nullopt;
  }
}

}  // namespace fusegate::probe
