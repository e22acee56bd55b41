#include "probe/generation/entry_contract.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

TEST(EntryContract, ReadsACallOfACFunctionAndGivesItBack) {
  const std::string arguments =
      R"([{"name":"out","type":"uint64","meaning":"address","of":"x -> out"},)"
      R"({"name":"dtype","type":"int32","meaning":"dtype","of":"x","codes":{"bf16":1}},)"
      R"({"name":"gemma","type":"int32","meaning":"constant","value":0.0},)"
      R"({"name":"stream","type":"uint64","meaning":"stream"}])";
  const auto contract = parse_entry_contract(R"json({
    "contract": "norm_raw", "op": "rms_norm", "summary": "a norm", "symbol": "norm_raw",
    "generations": [{"id": "first", "module": "toy.ops.a", "signature": "(out, dtype, gemma, stream)",
      "binding": "ctypes", "c_call": {"source": "norm.cu", "arguments": )json" +
                                             arguments +
                                             R"json(},
      "releases": [{"first": "1.0", "last": null}]}]})json");
  const auto& call = contract.generations.at(0).c_call;
  ASSERT_TRUE(call);
  EXPECT_EQ(call->source, "norm.cu");
  EXPECT_EQ(to_json(call->arguments).dump(), arguments);
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
