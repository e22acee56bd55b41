#include "probe/device/device.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fusegate::probe {
namespace {

using Json = nlohmann::ordered_json;

Device full_device() {
  Device device;
  device.index = 1;
  device.vendor = "amd";
  device.source = "amd_smi";
  device.name = "AMD Instinct MI300X";
  device.architecture = "gfx942";
  device.memory_bytes = 206141652992;
  device.memory_used_bytes = 297000000;
  device.compute_units = 304;
  device.clocks = {132, 2100, 900, 1300};
  device.pci_address = "0000:05:00.0";
  device.partition = 2;
  device.uuid = "8cff74a1";
  device.numa_node = 0;
  device.temperature_c = 45;
  device.power_w = 121.5;
  device.links = {{0, "xgmi", 1, 7}, {2, "pcie", std::nullopt, std::nullopt}};
  return device;
}

TEST(DeviceJson, ComesBackWhole) {
  EXPECT_EQ(Json(full_device()).get<Device>(), full_device());
  EXPECT_EQ(Json(Device{}).get<Device>(), Device{});
}

TEST(DeviceJson, LeavesOutWhatIsNotKnown) {
  Device device;
  device.vendor = "nvidia";
  device.source = "sysfs";
  EXPECT_EQ(Json(device).dump(), R"({"index":0,"vendor":"nvidia","source":"sysfs"})");
}

TEST(DeviceJson, PutsUnitsInNames) {
  EXPECT_EQ(Json(full_device()).dump(),
            R"({"index":1,"vendor":"amd","source":"amd_smi","name":"AMD Instinct MI300X",)"
            R"("architecture":"gfx942","memory_bytes":206141652992,"memory_used_bytes":297000000,)"
            R"("compute_units":304,"clocks":{"core_mhz":132,"core_max_mhz":2100,"memory_mhz":900,)"
            R"("memory_max_mhz":1300},"pci_address":"0000:05:00.0","partition":2,)"
            R"("uuid":"8cff74a1","numa_node":0,"temperature_c":45,"power_w":121.5,)"
            R"("links":[{"peer":0,"type":"xgmi","hops":1,"link_count":7},)"
            R"({"peer":2,"type":"pcie"}]})");
}

TEST(DeviceJson, ToleratesNullsAndKeysOfLaterVersions) {
  const auto json = Json::parse(R"({"vendor":"amd","memory_bytes":null,"colour":"red"})");
  const auto device = json.get<Device>();
  EXPECT_EQ(device.vendor, "amd");
  EXPECT_EQ(device.memory_bytes, std::nullopt);
}

TEST(DeviceJson, WritesASurvey) {
  DeviceSurvey survey;
  survey.devices = {full_device()};
  survey.backends = {{"nvml", false, "", "", 0, "no libnvidia-ml.so.1", "install it", {"a"}}};
  survey.amd_driver_version = "6.14.14";
  const Json json = survey;
  EXPECT_EQ(json["drivers"].dump(), R"({"amd":"6.14.14"})");
  EXPECT_EQ(json["backends"].dump(),
            R"([{"name":"nvml","found":false,"device_count":0,"failure":"no libnvidia-ml.so.1",)"
            R"("fix":"install it","notes":["a"]}])");
  const auto back = json.get<DeviceSurvey>();
  EXPECT_EQ(back.devices, survey.devices);
  EXPECT_EQ(back.backends, survey.backends);
  EXPECT_EQ(back.amd_driver_version, survey.amd_driver_version);
}

}  // namespace
}  // namespace fusegate::probe
