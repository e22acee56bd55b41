#include "probe/device/sysfs.hpp"

#include <gtest/gtest.h>

#include "probe/device/kfd.hpp"
#include "probe/device/test_support.hpp"

namespace fusegate::probe {
namespace {

SurveyOptions at(const FakeTree& tree) {
  SurveyOptions options;
  options.root = tree.root();
  return options;
}

TEST(Kfd, DescribesGpusAndSkipsCpus) {
  FakeTree tree;
  tree.add_kfd_cpu_node(0);
  tree.add_kfd_cpu_node(1);
  tree.add_mi300x(2, 0x0500, {10});
  tree.add_mi300x(10, 0x2600, {2});
  const auto devices = read_kfd_devices(tree.root());
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_EQ(devices[0].vendor, "amd");
  EXPECT_EQ(devices[0].architecture, "gfx942");
  EXPECT_EQ(devices[0].compute_units, 304u);
  EXPECT_EQ(devices[0].memory_bytes, 206141652992u);
  EXPECT_EQ(devices[0].clocks.core_max_mhz, 2100u);
  EXPECT_EQ(devices[0].pci_address, "0000:05:00.0");
  EXPECT_EQ(devices[0].uuid, "0xc000000000000001");
  EXPECT_EQ(devices[1].pci_address, "0000:26:00.0") << "node 10 comes after node 2";
}

TEST(Kfd, LinksGpusWithEachOtherOnly) {
  FakeTree tree;
  tree.add_kfd_cpu_node(0);
  tree.add_mi300x(1, 0x0500, {2});
  tree.add_mi300x(2, 0x2600, {1});
  const auto devices = read_kfd_devices(tree.root());
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_EQ(devices[0].links, (std::vector<DeviceLink>{{1, "xgmi", 1, std::nullopt}}));
  EXPECT_EQ(devices[1].links, (std::vector<DeviceLink>{{0, "xgmi", 1, std::nullopt}}));
}

TEST(Kfd, FindsLinksThroughTheHost) {
  FakeTree tree;
  tree.add_mi300x(1, 0x0500, {});
  tree.add_mi300x(2, 0x2600, {});
  tree.write("sys/class/kfd/kfd/topology/nodes/1/p2p_links/0/properties",
             "type 2\nnode_from 1\nnode_to 2\nweight 40\n");
  const auto devices = read_kfd_devices(tree.root());
  EXPECT_EQ(devices.at(0).links,
            (std::vector<DeviceLink>{{1, "pcie", std::nullopt, std::nullopt}}));
}

TEST(Kfd, TellsPartitionsApart) {
  FakeTree tree;
  tree.add_mi300x(1, 0x0500, {});
  tree.add_mi300x(2, 0x10000500, {});
  const auto devices = read_kfd_devices(tree.root());
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_EQ(devices[1].pci_address, "0000:05:00.0");
  EXPECT_EQ(devices[0].partition, 0u);
  EXPECT_EQ(devices[1].partition, 1u);
}

TEST(Kfd, SkipsNodesThatThisProcessMayNotUse) {
  FakeTree tree;
  tree.add_mi300x(2, 0x0500, {});
  // A directory opens but cannot be read, as the properties of a GPU not given to a container.
  tree.make_folder("sys/class/kfd/kfd/topology/nodes/1/properties");
  EXPECT_EQ(read_kfd_devices(tree.root()).size(), 1u);
}

TEST(Sysfs, AddsWhatAmdgpuTellsOnTheBus) {
  FakeTree tree;
  tree.add_mi300x(1, 0x0500, {});
  tree.add_pci_device("0000:05:00.0", "0x1002", "0x120000");
  const std::string folder = "sys/bus/pci/devices/0000:05:00.0/";
  tree.write(folder + "product_name", "AMD Instinct MI300X OAM\n");
  tree.write(folder + "numa_node", "1\n");
  tree.write(folder + "mem_info_vram_used", "297000000\n");
  tree.write(folder + "pp_dpm_sclk", "S: 19Mhz\n0: 132Mhz *\n1: 2100Mhz\n");
  tree.write(folder + "pp_dpm_mclk", "0: 900Mhz *\n1: 1300Mhz\n");
  tree.write(folder + "hwmon/hwmon3/temp2_label", "junction\n");
  tree.write(folder + "hwmon/hwmon3/temp2_input", "45000\n");
  tree.write(folder + "hwmon/hwmon3/power1_input", "121500000\n");
  const auto answer = ask_sysfs(at(tree));
  ASSERT_EQ(answer.devices.size(), 1u);
  const Device& device = answer.devices[0];
  EXPECT_EQ(device.name, "AMD Instinct MI300X OAM");
  EXPECT_EQ(device.numa_node, 1);
  EXPECT_EQ(device.memory_used_bytes, 297000000u);
  EXPECT_EQ(device.clocks, (DeviceClocks{132, 2100, 900, 1300}));
  EXPECT_EQ(device.temperature_c, 45);
  EXPECT_EQ(device.power_w, 121.5);
}

TEST(Sysfs, ListsGpusWithoutADriver) {
  FakeTree tree;
  tree.add_pci_device("0000:05:00.0", "0x1002", "0x120000");  // processing accelerator
  tree.add_pci_device("0000:07:00.0", "0x1002", "0x030000");  // display controller
  tree.add_pci_device("0000:08:00.0", "0x1002", "0x040300");  // audio
  tree.add_pci_device("0000:09:00.0", "0x10de", "0x030200");
  tree.add_pci_device("0000:0a:00.0", "0x10de", "0x068000");  // NVSwitch
  tree.add_pci_device("0000:0b:00.0", "0x1a03", "0x030000");  // the server's own display
  const auto answer = ask_sysfs(at(tree));
  ASSERT_EQ(answer.devices.size(), 3u);
  EXPECT_EQ(answer.devices[0].pci_address, "0000:05:00.0");
  EXPECT_EQ(answer.devices[1].index, 1u);
  EXPECT_EQ(answer.devices[2].vendor, "nvidia");
  EXPECT_EQ(answer.devices[2].index, 0u);
  EXPECT_EQ(answer.devices[2].numa_node, std::nullopt) << "-1 is not a node";
}

TEST(Sysfs, DoesNotAddGpusBesideThoseTheDriverGave) {
  FakeTree tree;
  tree.add_mi300x(1, 0x0500, {});
  tree.add_pci_device("0000:05:00.0", "0x1002", "0x120000");
  tree.add_pci_device("0000:26:00.0", "0x1002", "0x120000");
  EXPECT_EQ(ask_sysfs(at(tree)).devices.size(), 1u);
}

TEST(Sysfs, ReadsTheFilesOfTheNvidiaDriver) {
  FakeTree tree;
  tree.write("proc/driver/nvidia/gpus/0000:1a:00.0/information",
             "Model: \t\t NVIDIA H200\nIRQ:   \t\t 0\n"
             "GPU UUID: \t GPU-b1f2\nBus Location: \t 0000:1a:00.0\n");
  tree.write("proc/driver/nvidia/gpus/0000:3b:00.0/information",
             "Model: \t\t NVIDIA H200\nGPU UUID: \t GPU-????????\n");
  const auto answer = ask_sysfs(at(tree));
  ASSERT_EQ(answer.devices.size(), 2u);
  EXPECT_EQ(answer.devices[0].name, "NVIDIA H200");
  EXPECT_EQ(answer.devices[0].pci_address, "0000:1a:00.0");
  EXPECT_EQ(answer.devices[0].uuid, "GPU-b1f2");
  EXPECT_EQ(answer.devices[1].uuid, std::nullopt) << "not a UUID yet";
}

TEST(Sysfs, SaysWhereItLooked) {
  const FakeTree tree;
  const auto report = ask_sysfs(at(tree)).report;
  EXPECT_FALSE(report.found);
  EXPECT_NE(report.failure.find("/sys/class/kfd"), std::string::npos) << report.failure;
  EXPECT_NE(report.failure.find(tree.root().string()), std::string::npos) << report.failure;
  EXPECT_NE(report.fix, "");
}

}  // namespace
}  // namespace fusegate::probe
