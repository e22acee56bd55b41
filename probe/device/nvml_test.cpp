#include "probe/device/nvml.hpp"

#include <gtest/gtest.h>

#include "probe/device/test_support.hpp"

namespace fusegate::probe {
namespace {

TEST(Nvml, DescribesEveryGpu) {
  const FakeTree nothing;
  const auto survey = survey_devices(with_stubs(nothing, {"stub_nvml"}));
  ASSERT_EQ(survey.devices.size(), 2u);
  const Device& second = survey.devices[1];
  EXPECT_EQ(second.index, 1u);
  EXPECT_EQ(second.vendor, "nvidia");
  EXPECT_EQ(second.source, "nvml");
  EXPECT_EQ(second.name, "NVIDIA H200");
  EXPECT_EQ(second.architecture, "sm_90");
  EXPECT_EQ(second.memory_bytes, 150754820096u);
  EXPECT_EQ(second.memory_used_bytes, 154820096u) << "without what the driver reserves";
  EXPECT_EQ(second.compute_units, 132u);
  EXPECT_EQ(second.clocks, (DeviceClocks{345, 1980, 3201, 3201}));
  EXPECT_EQ(second.pci_address, "0000:3b:00.0");
  EXPECT_EQ(second.uuid, "GPU-00000000-0000-0000-0000-000000000001");
  EXPECT_EQ(second.temperature_c, 31);
  EXPECT_EQ(second.power_w, 75.25);
  EXPECT_EQ(survey.nvidia_driver_version, "580.159.04");
  EXPECT_EQ(report_of(survey, "nvml")->version, "13.580.159.04");
}

TEST(Nvml, CountsLinksThroughSwitchesAndTellsNoHops) {
  const FakeTree nothing;
  const auto survey = survey_devices(with_stubs(nothing, {"stub_nvml"}));
  ASSERT_EQ(survey.devices.size(), 2u);
  EXPECT_EQ(survey.devices[0].links, (std::vector<DeviceLink>{{1, "nvlink", std::nullopt, 18}}));
}

TEST(Nvml, DescribesTheGpuOfThisMachine) {
  const auto survey = survey_devices();
  const auto report = report_of(survey, "nvml").value();
  if (!report.found) GTEST_SKIP() << report.failure;
  if (report.device_count == 0) {
    EXPECT_NE(report.failure, "");
    EXPECT_NE(report.fix, "");
    GTEST_SKIP() << report.failure;
  }
  const auto device = std::ranges::find(survey.devices, "nvml", &Device::source);
  ASSERT_NE(device, survey.devices.end());
  EXPECT_NE(device->name, "");
  EXPECT_TRUE(device->architecture.value_or("").starts_with("sm_"));
  EXPECT_GT(device->memory_bytes.value_or(0), 1u << 30);
  EXPECT_GT(device->clocks.core_max_mhz.value_or(0), 100u);
  EXPECT_EQ(device->pci_address.value_or("").size(), std::string("0000:00:00.0").size());
  EXPECT_NE(survey.nvidia_driver_version, "");
}

}  // namespace
}  // namespace fusegate::probe
