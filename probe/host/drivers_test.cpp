#include "probe/host/drivers.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"

namespace fusegate::probe {
namespace {

TEST(Drivers, ReadsBothOfThem) {
  const TemporaryFolder root;
  std::filesystem::create_directories(root.path() / "sys/module/amdgpu");
  std::ofstream(root.path() / "sys/module/amdgpu/version") << "6.8.5\n";
  std::filesystem::create_directories(root.path() / "proc/driver/nvidia");
  std::ofstream(root.path() / "proc/driver/nvidia/version")
      << "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC\n"
         "GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n";
  const auto drivers = read_drivers(root.path());
  EXPECT_EQ(drivers.amdgpu, (KernelDriver{true, "6.8.5"}));
  EXPECT_EQ(drivers.nvidia, (KernelDriver{true, "535.183.01"}));
}

TEST(Drivers, KnowsAmdgpuWithoutAVersion) {
  const TemporaryFolder root;
  std::filesystem::create_directories(root.path() / "sys/module/amdgpu");
  EXPECT_EQ(nlohmann::ordered_json(read_drivers(root.path())).dump(),
            R"({"amdgpu":{"loaded":true},"nvidia":{"loaded":false}})");
}

TEST(Drivers, FindsTheVersionOfTheOpenModule) {
  EXPECT_EQ(nvidia_version_in("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  "
                              "580.159.04  Release Build"),
            "580.159.04");
  EXPECT_EQ(nvidia_version_in("something else"), "");
}

}  // namespace
}  // namespace fusegate::probe
