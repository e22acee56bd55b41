#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/device/device.hpp"

namespace fusegate::probe {

/// What one backend tells. The functions below ask in the calling process, with whatever a vendor
/// library does to it; survey_devices calls each in a child.
struct BackendAnswer {
  BackendReport report;
  std::vector<Device> devices;
  std::string driver_version;
};

void to_json(nlohmann::ordered_json& json, const BackendAnswer& answer);
void from_json(const nlohmann::ordered_json& json, BackendAnswer& answer);

/// A vendor value, unless it is the all-ones that says "not supported".
template <class T>
[[nodiscard]] std::optional<T> unless_all_ones(T value) {
  return value == static_cast<T>(-1) ? std::nullopt : std::optional<T>(value);
}

/// A clock in MHz, unless it is 0 or a 16- or 32-bit all-ones, which the SMI libraries use for
/// "not supported".
[[nodiscard]] inline std::optional<unsigned> plausible_mhz(std::uint64_t mhz) {
  return mhz == 0 || mhz >= 0xffff ? std::nullopt
                                   : std::optional<unsigned>(static_cast<unsigned>(mhz));
}

/// What to do when a library of AMD's is there but sees no device.
inline constexpr const char* amd_device_fix =
    "load the amdgpu kernel driver and give this user /dev/kfd and /dev/dri/renderD* (groups "
    "render and video; in a container --device=/dev/kfd --device=/dev/dri)";

}  // namespace fusegate::probe
