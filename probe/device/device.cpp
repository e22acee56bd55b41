#include "probe/device/device.hpp"

#include <nlohmann/json.hpp>

namespace fusegate::probe {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
void put(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

void put(Json& json, const char* key, const std::string& value) {
  if (!value.empty()) json[key] = value;
}

template <class T>
void put(Json& json, const char* key, const std::vector<T>& values) {
  if (!values.empty()) json[key] = values;
}

template <class T>
void get(const Json& json, const char* key, T& value) {
  if (const auto at = json.find(key); at != json.end() && !at->is_null()) at->get_to(value);
}

template <class T>
void get(const Json& json, const char* key, std::optional<T>& value) {
  value.reset();
  if (const auto at = json.find(key); at != json.end() && !at->is_null()) value = at->get<T>();
}

}  // namespace

void to_json(Json& json, const DeviceLink& link) {
  json = Json{{"peer", link.peer}, {"type", link.type}};
  put(json, "hops", link.hops);
  put(json, "link_count", link.count);
}

void from_json(const Json& json, DeviceLink& link) {
  get(json, "peer", link.peer);
  get(json, "type", link.type);
  get(json, "hops", link.hops);
  get(json, "link_count", link.count);
}

void to_json(Json& json, const DeviceClocks& clocks) {
  json = Json::object();
  put(json, "core_mhz", clocks.core_mhz);
  put(json, "core_max_mhz", clocks.core_max_mhz);
  put(json, "memory_mhz", clocks.memory_mhz);
  put(json, "memory_max_mhz", clocks.memory_max_mhz);
}

void from_json(const Json& json, DeviceClocks& clocks) {
  get(json, "core_mhz", clocks.core_mhz);
  get(json, "core_max_mhz", clocks.core_max_mhz);
  get(json, "memory_mhz", clocks.memory_mhz);
  get(json, "memory_max_mhz", clocks.memory_max_mhz);
}

void to_json(Json& json, const Device& device) {
  json = Json{{"index", device.index}, {"vendor", device.vendor}, {"source", device.source}};
  put(json, "name", device.name);
  put(json, "architecture", device.architecture);
  put(json, "memory_bytes", device.memory_bytes);
  put(json, "memory_used_bytes", device.memory_used_bytes);
  put(json, "compute_units", device.compute_units);
  if (device.clocks != DeviceClocks{}) json["clocks"] = device.clocks;
  put(json, "pci_address", device.pci_address);
  if (device.partition != 0) json["partition"] = device.partition;
  put(json, "uuid", device.uuid);
  put(json, "numa_node", device.numa_node);
  put(json, "temperature_c", device.temperature_c);
  put(json, "power_w", device.power_w);
  put(json, "links", device.links);
}

void from_json(const Json& json, Device& device) {
  get(json, "index", device.index);
  get(json, "vendor", device.vendor);
  get(json, "source", device.source);
  get(json, "name", device.name);
  get(json, "architecture", device.architecture);
  get(json, "memory_bytes", device.memory_bytes);
  get(json, "memory_used_bytes", device.memory_used_bytes);
  get(json, "compute_units", device.compute_units);
  get(json, "clocks", device.clocks);
  get(json, "pci_address", device.pci_address);
  get(json, "partition", device.partition);
  get(json, "uuid", device.uuid);
  get(json, "numa_node", device.numa_node);
  get(json, "temperature_c", device.temperature_c);
  get(json, "power_w", device.power_w);
  get(json, "links", device.links);
}

void to_json(Json& json, const BackendReport& report) {
  json = Json{{"name", report.name}, {"found", report.found}};
  put(json, "path", report.path);
  put(json, "version", report.version);
  json["device_count"] = report.device_count;
  put(json, "failure", report.failure);
  put(json, "fix", report.fix);
  put(json, "notes", report.notes);
}

void from_json(const Json& json, BackendReport& report) {
  get(json, "name", report.name);
  get(json, "found", report.found);
  get(json, "path", report.path);
  get(json, "version", report.version);
  get(json, "device_count", report.device_count);
  get(json, "failure", report.failure);
  get(json, "fix", report.fix);
  get(json, "notes", report.notes);
}

void to_json(Json& json, const DeviceSurvey& survey) {
  json = Json{{"devices", survey.devices}, {"backends", survey.backends}};
  Json drivers = Json::object();
  put(drivers, "amd", survey.amd_driver_version);
  put(drivers, "nvidia", survey.nvidia_driver_version);
  json["drivers"] = std::move(drivers);
}

void from_json(const Json& json, DeviceSurvey& survey) {
  get(json, "devices", survey.devices);
  get(json, "backends", survey.backends);
  if (const auto drivers = json.find("drivers"); drivers != json.end()) {
    get(*drivers, "amd", survey.amd_driver_version);
    get(*drivers, "nvidia", survey.nvidia_driver_version);
  }
}

}  // namespace fusegate::probe
