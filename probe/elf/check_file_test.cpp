#include <elf.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/test_support.hpp"
#include "probe/elf/checks.hpp"
#include "probe/elf/testing/gpu_module.hpp"

namespace fusegate::probe {
namespace {

class CheckFile : public testing::Test {
 protected:
  std::vector<BinaryFinding> check(const std::filesystem::path& file,
                                   const std::vector<std::string>& architectures) {
    return check_file("toy", read_module(file, {}, {}), {header_of_this_machine(), architectures});
  }

  std::filesystem::path with_targets(const std::vector<std::string>& targets) {
    std::vector<std::string> entries;
    for (const auto& target : targets) entries.push_back(hip_entry(target));
    return write_gpu_module(folder_.path() / "gpu.so", hip_bundle(entries), "");
  }

  TemporaryFolder folder_;
};

TEST_F(CheckFile, FindsAGpuWithoutCode) {
  const auto file = with_targets({"gfx90a", "gfx950:xnack-"});
  const auto findings = check(file, {"gfx942", "gfx90a"});
  ASSERT_EQ(kinds_of(findings), "missing_gpu_target");
  EXPECT_EQ(to_json(findings.front()), nlohmann::ordered_json::parse(R"({
    "kind": "missing_gpu_target", "module": "toy",
    "what": "it has no code for gfx942, which is in this machine",
    "evidence": ["has code for gfx90a, gfx950:xnack-"],
    "fix": "build or install it for gfx942"})"));
  EXPECT_EQ(kinds_of(check(file, {"gfx942", "gfx1100"})), "missing_gpu_target missing_gpu_target");
  EXPECT_EQ(kinds_of(check(file, {"sm_90"})), "missing_gpu_target");
}

TEST_F(CheckFile, IsContentWithCodeForEveryGpu) {
  EXPECT_EQ(kinds_of(check(with_targets({"gfx942"}), {"gfx942"})), "");
  EXPECT_EQ(kinds_of(check(with_targets({"gfx9-4-generic"}), {"gfx942", "gfx950"})), "");
  EXPECT_EQ(kinds_of(check(with_targets({"gfx90a"}), {})), "");
  EXPECT_EQ(kinds_of(check(with_targets({"gfx90a"}), {"gfx90a", "sm_90"})), "");
  // One without GPU code has nothing that a GPU must run.
  EXPECT_EQ(kinds_of(check(test_module("module_ctypes_v1.so"), {"gfx942"})), "");
}

TEST_F(CheckFile, AccusesNoCodeThatItCannotRead) {
  const auto file = write_gpu_module(
      folder_.path() / "gpu.so",
      padded("CCOB" + std::string(100, 'z')) + hip_bundle({hip_entry("gfx90a")}), "");
  EXPECT_EQ(kinds_of(check(file, {"gfx942"})), "");
}

TEST_F(CheckFile, FindsAFileForAnotherMachine) {
  const auto sound = test_module("module_ctypes_v1.so");
  const auto check_with = [&](std::uint64_t offset, auto number) {
    return check(Bytes(sound).put(offset, number).write(folder_.path() / "module.so"), {});
  };
  const auto arm = check_with(EI_NIDENT + 2, std::uint16_t{EM_ARM});
  ASSERT_EQ(kinds_of(arm), "wrong_machine");
  expect_contains(arm.front().what, "it is for 64-bit ARM, this machine is ");
  EXPECT_EQ(kinds_of(check_with(EI_CLASS, char{ELFCLASS32})), "wrong_machine");
  EXPECT_EQ(kinds_of(check_with(EI_DATA, char{ELFDATA2MSB})), "wrong_machine");
}

TEST_F(CheckFile, FindsWhatCannotBeRead) {
  const auto sound = test_module("module_ctypes_v1.so");
  const auto cut = check(Bytes(sound).cut(2000).write(folder_.path() / "module.so"), {});
  ASSERT_EQ(kinds_of(cut), "unreadable");
  EXPECT_EQ(cut.front().what, "is truncated: its table of sections lies beyond its end");
  const auto object = check(
      Bytes(sound).put(EI_NIDENT, std::uint16_t{ET_REL}).write(folder_.path() / "module.so"), {});
  EXPECT_EQ(kinds_of(object), "unreadable");
  EXPECT_EQ(kinds_of(check(sound, {})), "");
}

}  // namespace
}  // namespace fusegate::probe
