#include "probe/engine/conditions/profile.hpp"

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/test_support.hpp"
#include "probe/engine/conditions/platform.hpp"

namespace fusegate::probe {
namespace {

TEST(ParseAssumption, TellsGpusFromNames) {
  Profile profile;
  for (const char* text : {"gfx942", "USE_A=1", "USE_B", "self.use_mla=False", "EMPTY="}) {
    parse_assumption(profile, text);
  }
  EXPECT_EQ(profile.architecture, "gfx942");
  EXPECT_EQ(profile.variables,
            (std::map<std::string, std::string>{
                {"USE_A", "1"}, {"USE_B", "1"}, {"self.use_mla", "False"}, {"EMPTY", ""}}));
}

TEST(ParseAssumption, ReadsGpusAsDriversSayThem) {
  EXPECT_EQ(parse_architecture("gfx942:sramecc+:xnack-"), "gfx942");
  EXPECT_EQ(parse_architecture("sm90a"), "sm_90");
  EXPECT_EQ(parse_architecture("sm_120f"), "sm_120");
  EXPECT_EQ(parse_architecture("GFX942"), "gfx942");
  EXPECT_EQ(parse_architecture("gfx1100"), "gfx1100");
  EXPECT_EQ(parse_architecture("gfx9422"), std::nullopt);
  EXPECT_EQ(parse_architecture("small"), std::nullopt);
}

TEST(ParseAssumption, RefusesNonsense) {
  for (const char* text : {"", "=1", "a b", "gfxabc", "sm_x", "1A=2", "a..b", "gfx942=1"}) {
    Profile profile;
    EXPECT_THROW(parse_assumption(profile, text), UsageError) << text;
  }
}

TEST(ParseAssumption, RefusesContradictions) {
  Profile profile;
  parse_assumption(profile, "gfx942");
  parse_assumption(profile, "gfx942");
  parse_assumption(profile, "A=1");
  expect_contains(message_of<UsageError>([&] { parse_assumption(profile, "sm_90"); }),
                  "gfx942 or sm_90");
  expect_contains(message_of<UsageError>([&] { parse_assumption(profile, "A=0"); }),
                  "both '1' and '0'");
}

TEST(CapabilityOf, SplitsTheDigits) {
  using Pair = std::pair<int, int>;
  EXPECT_EQ(capability_of("sm_90"), (Pair{9, 0}));
  EXPECT_EQ(capability_of("sm_120"), (Pair{12, 0}));
  EXPECT_EQ(capability_of("gfx942"), (Pair{9, 4}));
  EXPECT_EQ(capability_of("gfx90a"), (Pair{9, 0}));
  EXPECT_EQ(capability_of("gfx1201"), (Pair{12, 0}));
  EXPECT_EQ(capability_of(""), std::nullopt);
}

}  // namespace
}  // namespace fusegate::probe
