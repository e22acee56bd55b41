#include "reference/policy.hpp"

#include <gtest/gtest.h>

namespace fusegate::reference {
namespace {

TEST(PolicyText, NamesEveryChoice) {
  EXPECT_EQ(policy_text({}), "accumulate=fp32 sum=unrounded store=nearest");
  EXPECT_EQ(policy_text({.norm_of_rounded_sum = true}),
            "accumulate=fp32 sum=rounded store=nearest");
  EXPECT_EQ(policy_text({.store = Rounding::toward_zero}),
            "accumulate=fp32 sum=unrounded store=truncate");
  EXPECT_EQ(policy_text({.rounds_before_weight = true}),
            "accumulate=fp32 sum=unrounded store=nearest weight=after_rounding");
  EXPECT_EQ(policy_text({}, true),
            "accumulate=fp32 sum=unrounded store=nearest codes=nearest least_amax=1e-10");
  EXPECT_EQ(
      policy_text({.codes = Rounding::toward_zero, .least_amax = 0, .largest_fp8 = 224}, true),
      "accumulate=fp32 sum=unrounded store=nearest codes=truncate least_amax=0 "
      "largest_fp8=224");
}

}  // namespace
}  // namespace fusegate::reference
