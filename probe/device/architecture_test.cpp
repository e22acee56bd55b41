#include "probe/device/architecture.hpp"

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

TEST(Architecture, ReadsKfdVersions) {
  EXPECT_EQ(gfx_from_kfd_version(90402), "gfx942");
  EXPECT_EQ(gfx_from_kfd_version(90500), "gfx950");
  EXPECT_EQ(gfx_from_kfd_version(90010), "gfx90a");
  EXPECT_EQ(gfx_from_kfd_version(90006), "gfx906");
  EXPECT_EQ(gfx_from_kfd_version(100300), "gfx1030");
  EXPECT_EQ(gfx_from_kfd_version(110003), "gfx1103");
  EXPECT_EQ(gfx_from_kfd_version(120001), "gfx1201");
}

TEST(Architecture, RefusesKfdVersionsOfNoGpu) {
  EXPECT_EQ(gfx_from_kfd_version(0), std::nullopt);
  EXPECT_EQ(gfx_from_kfd_version(94299), std::nullopt);
}

TEST(Architecture, ReadsDecimalSmiVersions) {
  EXPECT_EQ(gfx_from_smi_version(942), "gfx942");
  EXPECT_EQ(gfx_from_smi_version(1030), "gfx1030");
  EXPECT_EQ(gfx_from_smi_version(1201), "gfx1201");
  EXPECT_EQ(gfx_from_smi_version(9010), "gfx90a");
  EXPECT_EQ(gfx_from_smi_version(9006), "gfx906");
}

TEST(Architecture, ReadsHexadecimalSmiVersions) {
  EXPECT_EQ(gfx_from_smi_version(0x942), "gfx942");
  EXPECT_EQ(gfx_from_smi_version(0x90a), "gfx90a");
  EXPECT_EQ(gfx_from_smi_version(0x1030), "gfx1030");
  EXPECT_EQ(gfx_from_smi_version(0x1201), "gfx1201");
}

TEST(Architecture, RefusesSmiVersionsThatAreNeither) {
  EXPECT_EQ(gfx_from_smi_version(0), std::nullopt);
  EXPECT_EQ(gfx_from_smi_version(90), std::nullopt);  // "90a" read as decimal digits
  EXPECT_EQ(gfx_from_smi_version(~0ull), std::nullopt);
}

TEST(Architecture, NamesComputeCapabilities) {
  EXPECT_EQ(sm_from_compute_capability(9, 0), "sm_90");
  EXPECT_EQ(sm_from_compute_capability(12, 1), "sm_121");
}

TEST(Architecture, KnowsCoresPerSmOrSaysNothing) {
  EXPECT_EQ(cuda_cores_per_sm(8, 0), 64u);
  EXPECT_EQ(cuda_cores_per_sm(9, 0), 128u);
  EXPECT_EQ(cuda_cores_per_sm(99, 0), std::nullopt);
}

}  // namespace
}  // namespace fusegate::probe
