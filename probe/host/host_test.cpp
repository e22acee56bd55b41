#include "probe/host/host.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/temporary_folder.hpp"

namespace fusegate::probe {
namespace {

using Json = nlohmann::ordered_json;

class HostTest : public ::testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const auto file = root_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  [[nodiscard]] HostFacts read() const { return read_host({root_.path(), "no-such-python"}); }

  TemporaryFolder root_;
};

TEST_F(HostTest, ReadsTheTree) {
  write("etc/os-release",
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
        "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\n");
  write("proc/cpuinfo", "processor\t: 0\nmodel name\t: AMD EPYC 9654 96-Core Processor\n");
  write("proc/meminfo", "MemTotal:       131894628 kB\nMemFree:  1 kB\n");
  write("run/.containerenv", "");
  const auto facts = read();
  EXPECT_EQ(facts.os_name, "Debian GNU/Linux");
  EXPECT_EQ(facts.os_version, "12 (bookworm)");
  EXPECT_EQ(facts.cpu_model, "AMD EPYC 9654 96-Core Processor");
  EXPECT_EQ(facts.memory_bytes, 131894628ull * 1024);
  EXPECT_EQ(facts.container, "podman");
}

TEST_F(HostTest, LeavesOutWhatATreeDoesNotHave) {
  const auto facts = read();
  EXPECT_EQ(facts.os_name, "");
  EXPECT_EQ(facts.memory_bytes, 0u);
  const Json json = facts;
  for (const char* key : {"cpu_model", "memory_bytes", "python"}) {
    EXPECT_FALSE(json.contains(key)) << key;
  }
  EXPECT_TRUE(json["operating_system"].empty());
}

TEST_F(HostTest, TakesTheIdWhereTheVersionHasNoName) {
  write("usr/lib/os-release", "NAME=Fedora\nVERSION_ID=41\n");
  EXPECT_EQ(read().os_version, "41");
}

TEST(Host, DescribesThisMachine) {
  const auto facts = read_host();
  EXPECT_NE(facts.os_name, "");
  EXPECT_NE(facts.kernel_release, "");
  EXPECT_NE(facts.machine, "");
  EXPECT_GT(facts.usable_cores, 0u);
  EXPECT_GT(facts.memory_bytes, 1u << 26);
  EXPECT_EQ(facts.glibc_version.substr(0, 2), "2.");
  EXPECT_NO_THROW(static_cast<void>(Json(facts).dump()));
}

}  // namespace
}  // namespace fusegate::probe
