#include "probe/device/amd_smi.hpp"

#include <gtest/gtest.h>

#include "probe/device/amd_smi_abi.hpp"
#include "probe/device/test_support.hpp"

namespace fusegate::probe {
namespace {

using amd_smi::decode_version;
using amd_smi::Version;

DeviceSurvey survey_as(const std::string& version) {
  const FakeTree nothing;
  const ScopedVariable release("FUSEGATE_STUB_AMD_SMI", version);
  return survey_devices(with_stubs(nothing, {"stub_amd_smi"}));
}

TEST(AmdSmiVersion, IsReadAsEachReleaseTellsIt) {
  EXPECT_EQ(decode_version({{24, 6, 3, 0}, nullptr}), (Version{24, 6, 3}));
  EXPECT_EQ(decode_version({{25, 1, 0, 0}, nullptr}), (Version{25, 1, 0}));
  EXPECT_EQ(decode_version({{25, 25, 2, 1}, nullptr}), (Version{25, 2, 1}));
  EXPECT_EQ(decode_version({{26, 1, 0, 0xffff}, nullptr}), (Version{26, 1, 0}));
  EXPECT_EQ(decode_version({{26, 26, 0, 0xffff}, nullptr}), (Version{26, 26, 0}));
}

TEST(AmdSmi, DescribesEveryGpuAndNoCpu) {
  const auto survey = survey_as("26.1.0");
  ASSERT_EQ(survey.devices.size(), 2u);
  const Device& second = survey.devices[1];
  EXPECT_EQ(second.index, 1u);
  EXPECT_EQ(second.vendor, "amd");
  EXPECT_EQ(second.source, "amd_smi");
  EXPECT_EQ(second.name, "AMD Instinct MI300X");
  EXPECT_EQ(second.architecture, "gfx942");
  EXPECT_EQ(second.memory_bytes, 206141652992u);
  EXPECT_EQ(second.memory_used_bytes, 297000000u);
  EXPECT_EQ(second.compute_units, 304u);
  EXPECT_EQ(second.clocks, (DeviceClocks{132, 2100, 900, 1300}));
  EXPECT_EQ(second.pci_address, "0000:26:00.0");
  EXPECT_EQ(second.uuid, "8cff74a1-0000-1000-8000-000000000001");
  EXPECT_EQ(second.numa_node, 1);
  EXPECT_EQ(second.temperature_c, 46);
  EXPECT_EQ(second.links, (std::vector<DeviceLink>{{0, "xgmi", 1, std::nullopt}}));
  EXPECT_EQ(survey.amd_driver_version, "6.14.14");
}

TEST(AmdSmi, ReportsTheLibraryAndDoesNotAskRocmSmi) {
  const auto survey = survey_as("26.1.0");
  const auto report = report_of(survey, "amd_smi").value();
  EXPECT_TRUE(report.found);
  EXPECT_EQ(report.path, stub_folder("stub_amd_smi") / "libamd_smi.so");
  EXPECT_EQ(report.version, "26.1.0");
  EXPECT_EQ(report.device_count, 2u);
  EXPECT_EQ(report.failure, "");
  EXPECT_EQ(report_of(survey, "rocm_smi"), std::nullopt);
}

// The layouts of amdsmi_asic_info_t: each release gets what it has where it has it.
class AmdSmiRelease : public ::testing::TestWithParam<const char*> {};

TEST_P(AmdSmiRelease, TellsNameArchitectureAndComputeUnits) {
  const auto survey = survey_as(GetParam());
  ASSERT_EQ(survey.devices.size(), 2u);
  EXPECT_EQ(report_of(survey, "amd_smi")->version, GetParam());
  EXPECT_EQ(survey.devices[0].name, "AMD Instinct MI300X");
  EXPECT_EQ(survey.devices[0].architecture, "gfx942");
  EXPECT_EQ(survey.devices[0].compute_units, 304u);
  EXPECT_EQ(survey.devices[0].clocks, (DeviceClocks{132, 2100, 900, 1300}));
}

INSTANTIATE_TEST_SUITE_P(Known, AmdSmiRelease,
                         ::testing::Values("24.7.1", "25.1.0", "25.2.0", "25.5.1", "26.0.0",
                                           "26.5.0", "27.0.0"));

class AmdSmiEarlyRelease : public ::testing::TestWithParam<const char*> {};

TEST_P(AmdSmiEarlyRelease, LeavesOutWhatItDoesNotTell) {
  const auto survey = survey_as(GetParam());
  ASSERT_EQ(survey.devices.size(), 2u);
  EXPECT_EQ(survey.devices[0].name, "AMD Instinct MI300X");
  EXPECT_EQ(survey.devices[0].architecture, std::nullopt);
  EXPECT_EQ(survey.devices[0].compute_units, std::nullopt);
  EXPECT_EQ(report_of(survey, "amd_smi")->notes.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Known, AmdSmiEarlyRelease, ::testing::Values("24.5.2", "24.6.3"));

TEST(AmdSmi, ReadsNoStructureOfAReleaseItDoesNotKnow) {
  const auto survey = survey_as("28.0.0");
  ASSERT_EQ(survey.devices.size(), 2u);
  EXPECT_EQ(survey.devices[0].name, "");
  EXPECT_EQ(survey.devices[0].clocks, DeviceClocks{});
  EXPECT_EQ(survey.devices[0].memory_bytes, 206141652992u) << "scalars have not changed so far";
  EXPECT_EQ(report_of(survey, "amd_smi")->notes,
            (std::vector<std::string>{"the structures of version 28.0.0 are not known to this "
                                      "build: names and clocks left out"}));
}

TEST(AmdSmi, TakesNoDriverNameForAVersion) {
  EXPECT_EQ(survey_as("23.4.0").amd_driver_version, "");
}

}  // namespace
}  // namespace fusegate::probe
