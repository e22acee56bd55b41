#include "probe/device/rocm_smi.hpp"

#include <type_traits>

#include <gtest/gtest.h>

#include "probe/device/rocm_smi_abi.hpp"
#include "probe/device/test_support.hpp"

#ifdef FUSEGATE_ROCM_SMI_HEADER
#include <rocm_smi/rocm_smi.h>
#endif

namespace fusegate::probe {
namespace {

DeviceSurvey survey_as(const std::string& major) {
  const FakeTree nothing;
  const ScopedVariable release("FUSEGATE_STUB_ROCM_SMI", major);
  return survey_devices(with_stubs(nothing, {"stub_rocm_smi"}));
}

TEST(RocmSmi, DescribesEveryGpu) {
  const auto survey = survey_as("7");
  ASSERT_EQ(survey.devices.size(), 2u);
  const Device& second = survey.devices[1];
  EXPECT_EQ(second.index, 1u);
  EXPECT_EQ(second.vendor, "amd");
  EXPECT_EQ(second.source, "rocm_smi");
  EXPECT_EQ(second.name, "AMD Instinct MI300X");
  EXPECT_EQ(second.architecture, "gfx942");
  EXPECT_EQ(second.memory_bytes, 206141652992u);
  EXPECT_EQ(second.memory_used_bytes, 297000000u);
  EXPECT_EQ(second.clocks, (DeviceClocks{132, 2100, 900, 1300}));
  EXPECT_EQ(second.pci_address, "0000:26:00.0");
  EXPECT_EQ(second.uuid, "0x00000000c0ffee01");
  EXPECT_EQ(second.numa_node, 1);
  EXPECT_EQ(second.temperature_c, 46);
  EXPECT_EQ(second.links, (std::vector<DeviceLink>{{0, "xgmi", 1, std::nullopt}}));
  EXPECT_EQ(survey.amd_driver_version, "6.14.14");
}

TEST(RocmSmi, IsAskedAfterAmdSmiAndReportsItself) {
  const auto survey = survey_as("7");
  ASSERT_GE(survey.backends.size(), 2u);
  EXPECT_EQ(survey.backends[0].name, "amd_smi");
  EXPECT_FALSE(survey.backends[0].found);
  EXPECT_EQ(survey.backends[1].name, "rocm_smi");
  EXPECT_EQ(survey.backends[1].version, "7.8.0");
  EXPECT_EQ(survey.backends[1].device_count, 2u);
}

TEST(RocmSmi, ReadsTheFrequenciesOfRocm5) {
  const auto survey = survey_as("5");
  ASSERT_EQ(survey.devices.size(), 2u);
  EXPECT_EQ(survey.devices[0].clocks, (DeviceClocks{132, 2100, 900, 1300}));
  EXPECT_EQ(survey.devices[0].architecture, std::nullopt) << "ROCm 5 does not tell it";
}

TEST(RocmSmi, TellsWhyTheRealLibraryGivesNoDevice) {
  const auto report = report_of(survey_devices(), "rocm_smi");
  if (!report || !report->found) GTEST_SKIP() << "librocm_smi64 is not installed here";
  if (report->device_count > 0) GTEST_SKIP() << "there is an AMD GPU here";
  EXPECT_NE(report->failure.find(report->path), std::string::npos) << report->failure;
  EXPECT_NE(report->failure.find("rsmi_init"), std::string::npos) << report->failure;
  EXPECT_NE(report->fix.find("/dev/kfd"), std::string::npos) << report->fix;
}

#ifdef FUSEGATE_ROCM_SMI_HEADER

// The header's type with every enumeration as its underlying type, for comparison with ours.
template <class T, bool = std::is_enum_v<T>>
struct Plain {
  using type = T;
};
template <class T>
struct Plain<T, true> {
  using type = std::underlying_type_t<T>;
};
template <class T>
struct Plain<T*, false> {
  using type = typename Plain<T>::type*;
};
template <class Result, class... Arguments>
struct Plain<Result (*)(Arguments...), false> {
  using type = typename Plain<Result>::type (*)(typename Plain<Arguments>::type...);
};
template <>
struct Plain<rsmi_version_t*, false> {
  using type = void*;
};
template <>
struct Plain<rsmi_frequencies_t*, false> {
  using type = void*;
};

template <class Ours, class Theirs>
constexpr bool same = std::is_same_v<Ours, typename Plain<Theirs>::type>;

static_assert(same<rocm_smi::Init, decltype(&rsmi_init)>);
static_assert(same<rocm_smi::NumMonitorDevices, decltype(&rsmi_num_monitor_devices)>);
static_assert(same<rocm_smi::VersionGet, decltype(&rsmi_version_get)>);
static_assert(same<rocm_smi::VersionStrGet, decltype(&rsmi_version_str_get)>);
static_assert(same<rocm_smi::StatusString, decltype(&rsmi_status_string)>);
static_assert(same<rocm_smi::DevNameGet, decltype(&rsmi_dev_name_get)>);
static_assert(same<rocm_smi::DevPciIdGet, decltype(&rsmi_dev_pci_id_get)>);
static_assert(same<rocm_smi::DevUniqueIdGet, decltype(&rsmi_dev_unique_id_get)>);
static_assert(same<rocm_smi::DevMemoryGet, decltype(&rsmi_dev_memory_total_get)>);
static_assert(same<rocm_smi::DevMemoryGet, decltype(&rsmi_dev_memory_usage_get)>);
static_assert(same<rocm_smi::DevGpuClkFreqGet, decltype(&rsmi_dev_gpu_clk_freq_get)>);
static_assert(same<rocm_smi::DevTempMetricGet, decltype(&rsmi_dev_temp_metric_get)>);
static_assert(same<rocm_smi::TopoGetLinkType, decltype(&rsmi_topo_get_link_type)>);

static_assert(rocm_smi::memory_vram == RSMI_MEM_TYPE_VRAM);
static_assert(rocm_smi::clock_system == RSMI_CLK_TYPE_SYS);
static_assert(rocm_smi::clock_memory == RSMI_CLK_TYPE_MEM);
static_assert(rocm_smi::temperature_edge == RSMI_TEMP_TYPE_EDGE);
static_assert(rocm_smi::temperature_junction == RSMI_TEMP_TYPE_JUNCTION);
static_assert(rocm_smi::temperature_current == RSMI_TEMP_CURRENT);
static_assert(rocm_smi::link_pcie == RSMI_IOLINK_TYPE_PCIEXPRESS);
static_assert(rocm_smi::link_xgmi == RSMI_IOLINK_TYPE_XGMI);
static_assert(rocm_smi::component_driver == RSMI_SW_COMP_DRIVER);
static_assert(sizeof(rocm_smi::Version) == sizeof(rsmi_version_t));

constexpr bool header_is_rocm_6 = RSMI_MAX_NUM_FREQUENCIES == 33;
using Frequencies =
    std::conditional_t<header_is_rocm_6, rocm_smi::FrequenciesSince6, rocm_smi::FrequenciesBefore6>;
static_assert(sizeof(Frequencies) == sizeof(rsmi_frequencies_t));
static_assert(offsetof(Frequencies, supported) == offsetof(rsmi_frequencies_t, num_supported));
static_assert(offsetof(Frequencies, current) == offsetof(rsmi_frequencies_t, current));
static_assert(offsetof(Frequencies, hz) == offsetof(rsmi_frequencies_t, frequency));

#endif

}  // namespace
}  // namespace fusegate::probe
