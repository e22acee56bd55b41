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
}

}  // namespace
}  // namespace fusegate::reference
