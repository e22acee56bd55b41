#include "probe/host/drivers.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>

#include <nlohmann/json.hpp>

#include "probe/base/files.hpp"
#include "probe/base/text.hpp"

namespace fusegate::probe {

std::string nvidia_version_in(std::string_view text) {
  for (const auto word : split_words(text)) {
    const bool digits_and_dots = word.find_first_not_of("0123456789.") == std::string_view::npos;
    if (digits_and_dots && std::ranges::count(word, '.') >= 1 && word.front() != '.') {
      return std::string(word);
    }
  }
  return "";
}

GpuDrivers read_drivers(const std::filesystem::path& root) {
  GpuDrivers drivers;
  std::error_code ignored;
  const auto amdgpu = root / "sys/module/amdgpu";
  drivers.amdgpu.loaded = std::filesystem::is_directory(amdgpu, ignored);
  drivers.amdgpu.version = trim(read_text(amdgpu / "version").value_or(""));
  if (const auto text = read_text(root / "proc/driver/nvidia/version")) {
    drivers.nvidia = {true, nvidia_version_in(*text)};
  }
  return drivers;
}

void to_json(nlohmann::ordered_json& json, const KernelDriver& driver) {
  json = nlohmann::ordered_json{{"loaded", driver.loaded}};
  if (!driver.version.empty()) json["version"] = driver.version;
}

void to_json(nlohmann::ordered_json& json, const GpuDrivers& drivers) {
  json = nlohmann::ordered_json{{"amdgpu", drivers.amdgpu}, {"nvidia", drivers.nvidia}};
}

}  // namespace fusegate::probe
