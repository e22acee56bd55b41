// The program on machines of other kinds, made up with stand-ins for the vendors' libraries.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

Settings with_libraries(const std::string& folder) {
  return {.environment = {{"LD_LIBRARY_PATH", std::string(FUSEGATE_STUBS) + "/" + folder}}};
}

class TwoMi300x : public ::testing::TestWithParam<std::string> {};

TEST_P(TwoMi300x, AreDescribedWithTheirLinks) {
  const Finished run = fusegate({"probe", "device"}, with_libraries("stub_" + GetParam()));
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  const Json survey = Json::parse(run.output);
  ASSERT_EQ(survey.at("devices").size(), 2u) << run.output;
  for (unsigned i = 0; i < 2; ++i) {
    const Json& device = survey.at("devices").at(i);
    EXPECT_EQ(device.at("source"), GetParam());
    EXPECT_NE(device.at("name").get<std::string>().find("MI300X"), std::string::npos);
    EXPECT_EQ(device.at("architecture"), "gfx942");
    EXPECT_GT(device.at("memory_bytes").get<std::uint64_t>(), std::uint64_t{180} << 30);
    EXPECT_GT(device.at("clocks").at("core_max_mhz").get<int>(), 0);
    EXPECT_EQ(device.at("links").at(0).at("type"), "xgmi");
    EXPECT_EQ(device.at("links").at(0).at("peer"), 1 - i);
  }
}

TEST_P(TwoMi300x, ShowInDoctorAndTheReport) {
  const Finished run = fusegate({"doctor"}, with_libraries("stub_" + GetParam()));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_NE(run.output.find("[ok] amd 1"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("xgmi to 0"), std::string::npos) << run.output;
}

INSTANTIATE_TEST_SUITE_P(Machine, TwoMi300x, ::testing::Values("amd_smi", "rocm_smi"),
                         [](const auto& library) { return library.param; });

class BrokenLibrary : public ::testing::TestWithParam<std::string> {};

TEST_P(BrokenLibrary, IsAFindingAndNotTheEnd) {
  const Finished run = fusegate({"doctor"}, with_libraries("stub_broken/" + GetParam()));
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_NE(run.output.find("[!!] amd_smi"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("fix: "), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("[ok] builtin/simt"), std::string::npos) << run.output;
}

INSTANTIATE_TEST_SUITE_P(Machine, BrokenLibrary,
                         ::testing::Values("crash", "hang", "incomplete", "no_driver",
                                           "missing_dependency", "not_elf"),
                         [](const auto& library) { return library.param; });

TEST(Machine, DoctorNamesAnImplementationOnce) {
  const Finished run = fusegate({"doctor", "--json", "-"});
  ASSERT_EQ(run.exit_code, 0) << run.errors;
  for (const auto& finding : Json::parse(run.output).at("findings")) {
    const auto subject = finding.at("subject").get<std::string>();
    const auto text = finding.at("text").get<std::string>();
    if (!subject.starts_with("builtin/")) continue;
    EXPECT_FALSE(text.starts_with(subject + " ")) << subject << ": " << text;
  }
}

TEST(Machine, BuiltinAmdWithoutADeviceExitsWithThree) {
  if (!std::filesystem::exists(sibling("fusegate-worker-amd"))) {
    GTEST_SKIP() << "this build has no fusegate-worker-amd: no hipcc";
  }
  if (std::filesystem::exists("/dev/kfd")) GTEST_SKIP() << "there is an AMD device here";
  const Finished run = fusegate(
      {"check", "--with", "builtin/amd", "rms_norm dtype=bf16 tokens=1 hidden=64 eps=1e-06"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.output.find("the amd runtime finds no device: hipErrorNoDevice"), std::string::npos)
      << run.output;
  EXPECT_EQ(run.output.find("(hipErrorNoDevice)"), std::string::npos) << run.output;
}

}  // namespace
}  // namespace fusegate::testing
