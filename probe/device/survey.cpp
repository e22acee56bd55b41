#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"
#include "probe/device/amd_smi.hpp"
#include "probe/device/backend.hpp"
#include "probe/device/device.hpp"
#include "probe/device/nvml.hpp"
#include "probe/device/rocm_smi.hpp"
#include "probe/device/sysfs.hpp"
#include "probe/host/drivers.hpp"
#include "probe/process/isolated.hpp"

namespace fusegate::probe {
namespace {

using Json = nlohmann::ordered_json;

struct Backend {
  const char* name;
  BackendAnswer (*ask)(const SurveyOptions&);
  VendorLibrary (*library)();  ///< null where there is none
};

constexpr Backend amd_smi_backend{"amd_smi", ask_amd_smi, amd_smi_library};
constexpr Backend rocm_smi_backend{"rocm_smi", ask_rocm_smi, rocm_smi_library};
constexpr Backend nvml_backend{"nvml", ask_nvml, nvml_library};
constexpr Backend sysfs_backend{"sysfs", ask_sysfs, nullptr};

/// A crash of a vendor library is an answer, not something to keep a core file of.
void forgo_core_files() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

/// Runs in the child.
std::string ask_here(const Backend& backend, const SurveyOptions& options) {
  forgo_core_files();
  BackendAnswer answer;
  try {
    answer = backend.ask(options);
  } catch (const std::exception& error) {
    // Above all a function that the library lacks.
    answer = {};
    if (backend.library != nullptr) {
      describe_search(find_vendor_library(backend.library(), options), answer.report);
    }
    answer.report.failure = error.what();
    answer.report.fix = "install the library whole, from one release, or a newer one";
  }
  // Names come from foreign libraries and need not be UTF-8.
  return Json(answer).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The file that the backend's library would be loaded from, asked in a child of its own because
/// the one that failed could not tell.
std::string locate_library(const Backend& backend, const SurveyOptions& options) {
  if (backend.library == nullptr) return "";
  const auto find = [&] {
    forgo_core_files();
    return find_vendor_library(backend.library(), options).path;
  };
  return run_isolated(find, options.time_limit).value;
}

BackendReport failed_report(const Backend& backend, const SurveyOptions& options,
                            const std::string& failure) {
  BackendReport report;
  report.found = true;
  report.path = locate_library(backend, options);
  report.failure = fmt::format("asking {} failed: the child process {}",
                               report.path.empty() ? backend.name : report.path, failure);
  report.fix =
      "see whether the vendor's own tool (amd-smi, rocm-smi, nvidia-smi) works here; reinstall or "
      "upgrade its library if it does not";
  return report;
}

BackendAnswer ask_isolated(const Backend& backend, const SurveyOptions& options) {
  BackendAnswer answer;
  try {
    const auto result =
        run_isolated([&] { return ask_here(backend, options); }, options.time_limit);
    if (result.ok) {
      answer = Json::parse(result.value).get<BackendAnswer>();
    } else {
      answer.report = failed_report(backend, options, result.failure);
    }
  } catch (const std::exception& error) {
    // No child could be started, or it was killed in the middle of its answer.
    answer = {};
    answer.report.failure =
        fmt::format("{} could not be asked: {}", backend.name, json_error_text(error.what()));
    answer.report.fix = "see whether this machine still has memory and processes to spare";
  }
  answer.report.name = backend.name;
  answer.report.device_count = static_cast<unsigned>(answer.devices.size());
  return answer;
}

template <class T>
void fill(std::optional<T>& value, const std::optional<T>& other) {
  if (!value) value = other;
}

void fill_from(Device& device, const Device& other) {
  if (device.name.empty()) device.name = other.name;
  fill(device.architecture, other.architecture);
  fill(device.memory_bytes, other.memory_bytes);
  fill(device.memory_used_bytes, other.memory_used_bytes);
  fill(device.compute_units, other.compute_units);
  fill(device.clocks.core_mhz, other.clocks.core_mhz);
  fill(device.clocks.core_max_mhz, other.clocks.core_max_mhz);
  fill(device.clocks.memory_mhz, other.clocks.memory_mhz);
  fill(device.clocks.memory_max_mhz, other.clocks.memory_max_mhz);
  fill(device.uuid, other.uuid);
  fill(device.numa_node, other.numa_node);
  fill(device.temperature_c, other.temperature_c);
  fill(device.power_w, other.power_w);
}

bool same_place(const Device& a, const Device& b) {
  return a.vendor == b.vendor && a.pci_address && a.pci_address == b.pci_address &&
         a.partition == b.partition;
}

/// Fills the devices that libraries listed from those of sysfs at the same place, and adds sysfs's
/// own of a vendor that no library listed.
void merge_sysfs(std::vector<Device>& devices, const std::vector<Device>& from_sysfs) {
  std::vector<Device> added;
  for (const auto& found : from_sysfs) {
    const auto same = std::ranges::find_if(
        devices, [&](const Device& device) { return same_place(device, found); });
    if (same != devices.end()) {
      fill_from(*same, found);
    } else if (std::ranges::find(devices, found.vendor, &Device::vendor) == devices.end()) {
      added.push_back(found);
    }
  }
  devices.insert(devices.end(), added.begin(), added.end());
  std::ranges::stable_sort(devices, {}, &Device::vendor);
}

}  // namespace

void to_json(Json& json, const BackendAnswer& answer) {
  json = Json{{"report", answer.report},
              {"devices", answer.devices},
              {"driver_version", answer.driver_version}};
}

void from_json(const Json& json, BackendAnswer& answer) {
  json.at("report").get_to(answer.report);
  json.at("devices").get_to(answer.devices);
  json.at("driver_version").get_to(answer.driver_version);
}

DeviceSurvey survey_devices(const SurveyOptions& options) {
  DeviceSurvey survey;
  const auto ask = [&](const Backend& backend) {
    BackendAnswer answer = ask_isolated(backend, options);
    survey.backends.push_back(answer.report);
    return answer;
  };
  BackendAnswer amd = ask(amd_smi_backend);
  if (amd.devices.empty()) amd = ask(rocm_smi_backend);
  BackendAnswer nvidia = ask(nvml_backend);
  const BackendAnswer sysfs = ask(sysfs_backend);

  survey.devices = std::move(amd.devices);
  survey.devices.insert(survey.devices.end(), nvidia.devices.begin(), nvidia.devices.end());
  merge_sysfs(survey.devices, sysfs.devices);

  const auto drivers = read_drivers(options.root);
  survey.amd_driver_version = amd.driver_version;
  if (amd.driver_version.empty()) survey.amd_driver_version = drivers.amdgpu.version;
  survey.nvidia_driver_version = nvidia.driver_version;
  if (nvidia.driver_version.empty()) survey.nvidia_driver_version = drivers.nvidia.version;
  return survey;
}

}  // namespace fusegate::probe
