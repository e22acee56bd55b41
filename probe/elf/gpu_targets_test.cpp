#include "probe/elf/gpu_targets.hpp"

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

TEST(GpuTargets, OfAmdServeTheirProcessor) {
  EXPECT_TRUE(runs_on("gfx942", "gfx942"));
  EXPECT_FALSE(runs_on("gfx942", "gfx950"));
  EXPECT_FALSE(runs_on("gfx90a", "gfx90"));
  EXPECT_TRUE(runs_on("amdgcnspirv", "gfx1201"));
  EXPECT_FALSE(runs_on("sm_90", "gfx942"));
}

TEST(GpuTargets, WithFeaturesServeDevicesSetSo) {
  EXPECT_TRUE(runs_on("gfx942:xnack-", "gfx942"));  // the device does not tell
  EXPECT_TRUE(runs_on("gfx942", "gfx942:sramecc+:xnack-"));
  EXPECT_TRUE(runs_on("gfx942:sramecc+:xnack-", "gfx942:sramecc+:xnack-"));
  EXPECT_TRUE(runs_on("gfx942:xnack-", "gfx942:sramecc+:xnack-"));
  EXPECT_FALSE(runs_on("gfx942:xnack+", "gfx942:sramecc+:xnack-"));
  EXPECT_FALSE(runs_on("gfx90a:sramecc-", "gfx90a:sramecc+:xnack-"));
  EXPECT_TRUE(runs_on("gfx908+sram-ecc", "gfx908"));  // of old compilers
}

TEST(GpuTargets, OfGenericProcessorsServeTheirMembers) {
  EXPECT_TRUE(runs_on("gfx9-4-generic", "gfx942"));
  EXPECT_TRUE(runs_on("gfx9-4-generic", "gfx950"));
  EXPECT_FALSE(runs_on("gfx9-4-generic", "gfx90a"));
  EXPECT_FALSE(runs_on("gfx9-generic", "gfx942"));
  EXPECT_TRUE(runs_on("gfx11-generic", "gfx1151"));
  EXPECT_FALSE(runs_on("gfx12-generic", "gfx1250"));
  EXPECT_FALSE(runs_on("gfx9-4-generic:xnack+", "gfx942:sramecc+:xnack-"));
  // One that came after this program.
  EXPECT_TRUE(runs_on("gfx13-generic", "gfx1310"));
  EXPECT_FALSE(runs_on("gfx13-generic", "gfx1201"));
}

TEST(GpuTargets, OfNvidiaServeAsTheirSuffixSays) {
  EXPECT_TRUE(runs_on("sm_90", "sm_90"));
  EXPECT_TRUE(runs_on("sm_80", "sm_86"));
  EXPECT_FALSE(runs_on("sm_86", "sm_80"));
  EXPECT_FALSE(runs_on("sm_80", "sm_90"));
  EXPECT_TRUE(runs_on("sm_90a", "sm_90"));
  EXPECT_FALSE(runs_on("sm_100a", "sm_103"));
  EXPECT_TRUE(runs_on("sm_100f", "sm_103"));
  EXPECT_FALSE(runs_on("sm_100f", "sm_120"));
  EXPECT_TRUE(runs_on("compute_80", "sm_120"));
  EXPECT_FALSE(runs_on("compute_120", "sm_90"));
  EXPECT_FALSE(runs_on("compute_90a", "sm_100"));
  EXPECT_FALSE(runs_on("gfx942", "sm_90"));
}

TEST(GpuTargets, ThatAreNonsenseServeNothing) {
  EXPECT_FALSE(runs_on("", "gfx942"));
  EXPECT_FALSE(runs_on("gfx942", ""));
  EXPECT_FALSE(runs_on("sm_", "sm_90"));
  EXPECT_FALSE(runs_on("-generic:", "sm_90"));
}

}  // namespace
}  // namespace fusegate::probe
