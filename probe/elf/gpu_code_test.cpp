#include "probe/elf/gpu_code.hpp"

#include <gtest/gtest.h>

#include "probe/elf/testing/gpu_module.hpp"

namespace fusegate::probe {
namespace {

using Texts = std::vector<std::string>;

class GpuCodeOf : public testing::Test {
 protected:
  GpuCode of(const std::string& hip, const std::string& cuda) {
    ElfFile file(write_gpu_module(folder_.path() / "module.so", hip, cuda));
    file.read_sections();
    return read_gpu_code(file);
  }

  GpuCode hip(const std::string& content) { return of(content, ""); }
  GpuCode cuda(const std::string& content) { return of("", content); }

  TemporaryFolder folder_;
};

TEST_F(GpuCodeOf, NoContainersIsNone) {
  const auto code = of("", "");
  EXPECT_TRUE(code.targets.empty());
  EXPECT_FALSE(code.more);
}

TEST_F(GpuCodeOf, HipTellsTargetsOfAllBundles) {
  const auto first = hip_bundle({hip_entry("gfx90a:sramecc+:xnack-"), hip_entry("gfx942")});
  const auto second = hip_bundle({hip_entry("gfx942"), hip_entry("gfx9-4-generic")});
  const auto code = hip(padded(first) + second);
  EXPECT_EQ(code.targets, (Texts{"gfx9-4-generic", "gfx90a:sramecc+:xnack-", "gfx942"}));
  EXPECT_FALSE(code.more);
  EXPECT_TRUE(code.remarks.empty());
}

TEST_F(GpuCodeOf, HipKnowsAllFormsOfTriples) {
  EXPECT_EQ(hip(hip_bundle({"hip-amdgcn-amd-amdhsa-unknown-gfx1100"})).targets, Texts{"gfx1100"});
  EXPECT_EQ(hip(hip_bundle({"hip-spirv64-amd-amdhsa--amdgcnspirv"})).targets, Texts{"amdgcnspirv"});
  for (const auto& name : {"hipv4-amdgcn-amd-amdhsa--", "hipv4-amdgcn", "", "hip-x-amdhsa--G!\n"}) {
    const auto code = hip(hip_bundle({name}));
    EXPECT_TRUE(code.targets.empty());
    EXPECT_EQ(code.remarks, Texts{"has GPU code for a target that is not known"});
    EXPECT_TRUE(code.more);
  }
}

TEST_F(GpuCodeOf, HipGoesOnBehindCompressedBundles) {
  for (std::uint16_t version = 1; version <= 3; ++version) {
    std::string compressed = "CCOB";
    append_number<std::uint16_t>(compressed, version);
    append_number<std::uint16_t>(compressed, 1);
    if (version == 2) append_number<std::uint32_t>(compressed, 5000);
    if (version == 3) append_number<std::uint64_t>(compressed, 5000);
    compressed.resize(5000, 'z');
    const auto code = hip(padded(compressed) + hip_bundle({hip_entry("gfx950")}));
    EXPECT_EQ(code.targets, Texts{"gfx950"}) << version;
    EXPECT_EQ(code.remarks, Texts{"has compressed GPU code (CCOB), whose targets are not read"});
    EXPECT_TRUE(code.more);
  }
}

TEST_F(GpuCodeOf, HipNeverBelievesBrokenBundles) {
  const auto good = hip_bundle({hip_entry("gfx942")});
  const auto broken = [&](std::size_t offset, std::uint64_t number) {
    std::string bytes = good;
    std::memcpy(bytes.data() + offset, &number, sizeof number);
    const auto code = hip(bytes);
    EXPECT_TRUE(code.more);
    return code.remarks;
  };
  const Texts complaint{"has a broken GPU code bundle"};
  EXPECT_EQ(broken(24, 257), complaint);  // entries
  EXPECT_EQ(broken(24, ~0ull), complaint);
  EXPECT_EQ(broken(32, good.size() + 1), complaint);  // the first one's offset
  EXPECT_EQ(broken(40, ~0ull), complaint);            // its size
  EXPECT_EQ(broken(48, 257), complaint);              // its name's length
  EXPECT_EQ(hip(good.substr(0, 30)).remarks, complaint);
  EXPECT_EQ(hip("something else").remarks, Texts{"has GPU code in a form that is not known"});
}

TEST_F(GpuCodeOf, CudaTellsMachineCodeAndPtx) {
  constexpr std::uint64_t specific = 1u << 20;
  constexpr std::uint64_t family = 1u << 21;
  const auto first = cuda_container({{2, 80, 0x11}, {2, 90, specific | 0x11}});
  const auto second = cuda_container({{2, 100, family}, {1, 90, 0x8011}, {64, 75, 0}});
  const auto code = cuda(first + std::string(8, '\0') + second);
  EXPECT_EQ(code.targets, (Texts{"compute_90", "sm_100f", "sm_80", "sm_90a"}));
  EXPECT_FALSE(code.more);
}

TEST_F(GpuCodeOf, CudaNeverBelievesBrokenContainers) {
  const auto good = cuda_container({{2, 80, 0x11}});
  const auto broken = [&](std::size_t offset, auto number) {
    std::string bytes = good;
    std::memcpy(bytes.data() + offset, &number, sizeof number);
    return cuda(bytes).remarks;
  };
  const Texts complaint{"has a broken GPU code container"};
  EXPECT_EQ(broken(6, std::uint16_t{0}), complaint);
  EXPECT_EQ(broken(6, std::uint16_t{0xffff}), complaint);
  EXPECT_EQ(broken(8, ~std::uint64_t{0}), complaint);
  EXPECT_EQ(broken(8, std::uint64_t{95}), complaint);
  EXPECT_EQ(broken(20, std::uint32_t{0}), complaint);
  EXPECT_EQ(broken(24, ~std::uint64_t{0}), complaint);
  EXPECT_EQ(broken(44, std::uint32_t{7}), Texts{"has GPU code for a target that is not known"});
  EXPECT_EQ(broken(0, std::uint32_t{1}), Texts{"has GPU code in a form that is not known"});
}

}  // namespace
}  // namespace fusegate::probe
