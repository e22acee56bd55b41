#include <gtest/gtest.h>

#include "probe/device/device.hpp"
#include "probe/device/test_support.hpp"

namespace fusegate::probe {
namespace {

using ::testing::TestWithParam;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Survey, EndsWithReasonsWhereThereIsNothing) {
  const FakeTree nothing;
  const auto survey = survey_devices(with_stubs(nothing, {}));
  EXPECT_TRUE(survey.devices.empty());
  std::vector<std::string> names;
  for (const auto& report : survey.backends) {
    names.push_back(report.name);
    EXPECT_FALSE(report.found) << report.name;
    EXPECT_NE(report.failure, "") << report.name;
    EXPECT_NE(report.fix, "") << report.name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"amd_smi", "rocm_smi", "nvml", "sysfs"}));
}

TEST(Survey, FallsBackFromAmdSmiToRocmSmi) {
  const FakeTree nothing;
  // The broken library does not end the search for the other folder's librocm_smi64.
  const auto survey = survey_devices(with_stubs(nothing, {"stub_broken/not_elf", "stub_rocm_smi"}));
  ASSERT_EQ(survey.devices.size(), 2u);
  EXPECT_EQ(survey.devices[0].source, "rocm_smi");
}

TEST(Survey, FindsALibraryUnderAVersionedName) {
  const FakeTree tree;
  std::filesystem::copy(stub_folder("stub_amd_smi") / "libamd_smi.so",
                        tree.root() / "libamd_smi.so.26");
  const auto survey = survey_devices(with_stubs(tree, {}));
  EXPECT_EQ(survey.devices.size(), 2u);
  EXPECT_EQ(report_of(survey, "amd_smi")->path, tree.root() / "libamd_smi.so.26");
}

TEST(Survey, ListsBothVendorsAmdFirst) {
  const FakeTree nothing;
  const auto survey = survey_devices(with_stubs(nothing, {"stub_nvml", "stub_amd_smi"}));
  ASSERT_EQ(survey.devices.size(), 4u);
  EXPECT_EQ(survey.devices[0].vendor, "amd");
  EXPECT_EQ(survey.devices[2].vendor, "nvidia");
  EXPECT_EQ(survey.devices[2].index, 0u) << "vendors count on their own";
}

TEST(Survey, FillsGapsFromSysfsAndListsNothingTwice) {
  FakeTree tree;
  tree.add_kfd_cpu_node(0);
  tree.add_mi300x(1, 0x0500, {2});
  tree.add_mi300x(2, 0x2600, {1});
  tree.write("sys/module/amdgpu/version", "6.8.5\n");
  const ScopedVariable release("FUSEGATE_STUB_ROCM_SMI", "5");  // does not tell the architecture
  const auto survey = survey_devices(with_stubs(tree, {"stub_rocm_smi"}));
  ASSERT_EQ(survey.devices.size(), 2u);
  for (const auto& device : survey.devices) {
    EXPECT_EQ(device.source, "rocm_smi");
    EXPECT_EQ(device.architecture, "gfx942");
    EXPECT_EQ(device.compute_units, 304u);
  }
  EXPECT_EQ(report_of(survey, "sysfs")->device_count, 2u);
  EXPECT_EQ(survey.amd_driver_version, "6.14.14") << "the library's word comes first";
}

TEST(Survey, TakesSysfsWhereNoLibraryAnswers) {
  FakeTree tree;
  tree.add_mi300x(1, 0x0500, {2});
  tree.add_mi300x(2, 0x2600, {1});
  tree.write("sys/module/amdgpu/version", "6.8.5\n");
  tree.write("proc/driver/nvidia/version",
             "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release\n"
             "GCC version:  gcc version 12.2.0\n");
  const auto survey = survey_devices(with_stubs(tree, {"stub_broken/not_elf"}));
  ASSERT_EQ(survey.devices.size(), 2u);
  EXPECT_EQ(survey.devices[1].source, "sysfs");
  EXPECT_EQ(survey.devices[1].links, (std::vector<DeviceLink>{{0, "xgmi", 1, std::nullopt}}));
  EXPECT_EQ(survey.amd_driver_version, "6.8.5");
  EXPECT_EQ(survey.nvidia_driver_version, "580.159.04");
}

// A library that cannot be used: the defect and what the reason must say beside the library's file.
struct Defect {
  const char* folder;
  const char* reason;
};

void PrintTo(const Defect& defect, std::ostream* out) {
  *out << defect.folder;
}

class BrokenLibrary : public TestWithParam<Defect> {};

TEST_P(BrokenLibrary, IsReportedWithItsFileAndTheReason) {
  const FakeTree nothing;
  auto options = with_stubs(nothing, {GetParam().folder});
  if (std::string(GetParam().reason).starts_with("did not answer")) {
    options.time_limit = std::chrono::seconds(1);
  }
  const auto survey = survey_devices(options);
  EXPECT_TRUE(survey.devices.empty());
  for (const auto& [name, file] :
       {std::pair("amd_smi", "libamd_smi.so"), std::pair("rocm_smi", "librocm_smi64.so")}) {
    const auto report = report_of(survey, name).value();
    EXPECT_TRUE(report.found) << name;
    EXPECT_EQ(report.path, stub_folder(GetParam().folder) / file);
    EXPECT_TRUE(has(report.failure, report.path)) << report.failure;
    EXPECT_TRUE(has(report.failure, GetParam().reason)) << report.failure;
    EXPECT_NE(report.fix, "") << name;
    EXPECT_EQ(report.device_count, 0u) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Survey, BrokenLibrary,
                         ::testing::Values(Defect{"stub_broken/crash",
                                                  "was killed by SIGABRT after printing: "},
                                           Defect{"stub_broken/hang", "did not answer within 1 s"},
                                           Defect{"stub_broken/incomplete", "has no function "},
                                           Defect{"stub_broken/no_driver", "_init of "},
                                           Defect{"stub_broken/not_elf", "does not load: "}),
                         [](const auto& tested) {
                           std::string name = tested.param.folder;
                           return name.substr(name.find('/') + 1);
                         });

TEST(Survey, NamesTheDependencyThatALibraryLacks) {
  const FakeTree nothing;
  const auto survey = survey_devices(with_stubs(nothing, {"stub_broken/missing_dependency"}));
  const auto report = report_of(survey, "amd_smi").value();
  EXPECT_TRUE(report.found);
  EXPECT_TRUE(has(report.failure, "does not load: libfusegate_stub_dependency.so: cannot open"))
      << report.failure;
}

}  // namespace
}  // namespace fusegate::probe
