#include "probe/generation/entry_contract.hpp"

#include <gtest/gtest.h>

namespace fusegate::probe {
namespace {

TEST(EntryContract, ReadsAFile) {
  const auto contract = parse_entry_contract(R"json({
    "contract": "toy.norm", "op": "rms_norm", "summary": "a norm", "symbol": "norm",
    "modules": ["toy.ops"],
    "generations": [{"id": "first", "module": "toy.ops.a", "signature": "(x)",
      "binding": "python", "outputs": ["x"], "adapter": null,
      "releases": [{"first": "1.0", "last": "1.1"}, {"first": "1.3", "last": null}]}],
    "defects": [{"id": "slow", "summary": "is slow", "consequence": "slow", "source": "#1",
      "generations": ["first"], "releases": [{"first": "1.0", "last": "1.0"}],
      "features": [{"file": ["a.h", "b/a.h"], "lacks": "fast"}]}]
})json");
  EXPECT_EQ(contract.name, "toy.norm");
  EXPECT_EQ(contract.modules, std::vector<std::string>{"toy.ops"});
  ASSERT_EQ(contract.generations.size(), 1u);
  EXPECT_EQ(contract.generations[0].outputs, std::vector<std::string>{"x"});
  EXPECT_FALSE(contract.generations[0].adapter);
  EXPECT_FALSE(contract.generations[0].releases[1].last);
  ASSERT_EQ(contract.defects.size(), 1u);
  EXPECT_EQ(contract.defects[0].features[0].files, (std::vector<std::string>{"a.h", "b/a.h"}));
  EXPECT_EQ(contract.defects[0].features[0].lacks, "fast");
}

TEST(Contains, IncludesBothEndsAndFollowsPep440) {
  const std::vector<ReleaseRange> releases{{"0.1.13-rc1", "0.1.13.post1"}, {"0.2", std::nullopt}};
  for (const char* version : {"0.1.13-rc1", "0.1.13rc2", "0.1.13", "0.1.13.post1", "0.2", "1.0"}) {
    EXPECT_TRUE(contains(releases, version)) << version;
  }
  for (const char* version : {"0.1.12", "0.1.13.dev0", "0.1.13.post2", "0.1.99"}) {
    EXPECT_FALSE(contains(releases, version)) << version;
  }
}

}  // namespace
}  // namespace fusegate::probe
