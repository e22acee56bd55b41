#include "probe/host/environment.hpp"

#include <stdlib.h>

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

TEST(Environment, RecordsByAllowListOnly) {
  EXPECT_TRUE(is_recorded_variable("HIP_VISIBLE_DEVICES"));
  EXPECT_TRUE(is_recorded_variable("SGLANG_USE_AITER"));
  EXPECT_TRUE(is_recorded_variable("AITER_REBUILD"));
  EXPECT_TRUE(is_recorded_variable("VLLM_ROCM_USE_AITER"));
  EXPECT_TRUE(is_recorded_variable("VLLM_ROCM_USE_AITER_RMSNORM"));
  EXPECT_FALSE(is_recorded_variable("HF_TOKEN"));
  EXPECT_FALSE(is_recorded_variable("HOME"));
  EXPECT_FALSE(is_recorded_variable("MY_HIP_VISIBLE_DEVICES"));
  EXPECT_FALSE(is_recorded_variable("HIP_VISIBLE_DEVICES_OLD"));
  EXPECT_FALSE(is_recorded_variable("VLLM_API_KEY"));
}

TEST(Environment, WritesTheHomeFolderAsTilde) {
  EXPECT_EQ(recorded_value("/home/al/lib:/opt/lib:/home/al", "/home/al"), "~/lib:/opt/lib:~");
  EXPECT_EQ(recorded_value("/home/al/lib", "/home/al/"), "~/lib");
  EXPECT_EQ(recorded_value("/home/alice/lib", "/home/al"), "/home/alice/lib");
  EXPECT_EQ(recorded_value("/opt/lib", "/"), "/opt/lib");
  EXPECT_EQ(recorded_value("/opt/lib", ""), "/opt/lib");
}

TEST(Environment, CutsLongValuesAndSaysSo) {
  EXPECT_EQ(recorded_value(std::string(1024, 'x'), ""), std::string(1024, 'x'));
  EXPECT_EQ(recorded_value(std::string(2000, 'x'), ""),
            std::string(1024, 'x') + "... (cut: 2000 characters in all)");
}

TEST(Environment, MakesValuesValidUtf8) {
  EXPECT_EQ(recorded_value("caf\xc3\xa9", ""), "caf\xc3\xa9");
  EXPECT_EQ(recorded_value("caf\xe9", ""), "caf\xef\xbf\xbd");
}

TEST(Environment, ReadsThisProcess) {
  ::setenv("AITER_FUSEGATE_TEST", "1", 1);
  ::setenv("FUSEGATE_SECRET", "x", 1);
  const auto recorded = recorded_environment();
  EXPECT_EQ(recorded.at("AITER_FUSEGATE_TEST"), "1");
  EXPECT_EQ(recorded.count("FUSEGATE_SECRET"), 0u);
  EXPECT_EQ(recorded.count("PATH"), 0u);
  ::unsetenv("AITER_FUSEGATE_TEST");
  ::unsetenv("FUSEGATE_SECRET");
}

}  // namespace
}  // namespace fusegate::probe
