// What contract check says of an engine's own objects, and what of it counts.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "reports/validator.hpp"
#include "tools/fusegate/testing/toy_engine.hpp"

namespace fusegate::testing {
namespace {

/// An engine whose rules say how it finds its objects.
class ContractOfObjects : public ToyEngine {
 protected:
  void SetUp() override {
    ToyEngine::SetUp();
    write("vllm", {{"vllm/envs.py", ""},
                   {"vllm/model_executor/models/registry.py", ""},
                   {"vllm/config/__init__.py", "def get_layers_from_vllm_config(c, kind): ...\n"},
                   {"vllm/layers.py", "class Layer:\n    size = 1\nclass New(Layer): ...\n"},
                   {"vllm/fusion.py",
                    "from vllm.config import get_layers_from_vllm_config\n"
                    "from vllm.layers import New\n"
                    "def fuse(config):\n"
                    "    for layer in get_layers_from_vllm_config(config, New).values():\n"
                    "        print(layer.size, layer.sizes)\n"}});
  }
  Finished check_objects(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"contract",  "check",
                                       "--engine",  "vllm=" + path("vllm"),
                                       "--library", "aiter=" + path("library")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  std::string id_of_gap() {
    const auto found = Json::parse(check_objects({"--json", "-"}).output);
    return found.at("attributes").at(0).at("id");
  }
};

TEST_F(ContractOfObjects, NamesAnAttributeThatAClassLacks) {
  const auto finished = check_objects();
  EXPECT_EQ(finished.exit_code, 1) << finished.errors;
  for (const char* text :
       {"engine objects without an attribute that is read (1)", "vllm/fusion.py:5  New.sizes  [",
        "sizes of New (vllm/layers.py:3): nothing sets it; it has size",
        "; 1 attributes of its own objects are missing"}) {
    expect_contains(finished.output, text);
  }
}

TEST_F(ContractOfObjects, StandInTheDocument) {
  const auto document = Json::parse(check_objects({"--json", "-"}).output);
  EXPECT_EQ(document.at("attribute_counts"), (Json{{"ok", 1}, {"missing", 1}, {"unresolved", 0}}));
  EXPECT_EQ(document.at("attributes").at(0).at("alternatives"), Json{"sizes"});
  EXPECT_EQ(document.at("broken").at(0), document.at("attributes").at(0).at("id"));
  const auto schema = fusegate({"schema", "contract"});
  const reports::Validator validator(nlohmann::json::parse(schema.output));
  EXPECT_EQ(validator.problems(document), std::vector<std::string>{});
}

TEST_F(ContractOfObjects, AreAnnotatedForGitHub) {
  expect_contains(check_objects({"--format", "github"}).output,
                  "::error file=vllm/fusion.py,line=5,title=missing New.sizes::sizes of New "
                  "(vllm/layers.py:3): nothing sets it");
}

TEST_F(ContractOfObjects, AreExplainedByTheirIds) {
  const auto finished = check_objects({"--explain", id_of_gap()});
  EXPECT_EQ(finished.exit_code, 1) << finished.errors;
  expect_contains(finished.output, "missing attribute\n  vllm/fusion.py:5  New.sizes");
}

TEST_F(ContractOfObjects, OfTheBaselineAreNotNew) {
  ASSERT_EQ(check_objects({"--json", path("old.json")}).exit_code, 1);
  const auto same = check_objects({"--baseline", path("old.json")});
  EXPECT_EQ(same.exit_code, 0) << same.output;
  EXPECT_FALSE(has(same.output, "New.sizes")) << same.output;
  write("vllm",
        {{"vllm/layers.py", "class Layer:\n    size = sizes = 1\nclass New(Layer): ...\n"}});
  expect_contains(check_objects({"--baseline", path("old.json")}).output,
                  "mended since the baseline: 1: ");
}

TEST_F(ContractOfObjects, MayBeAccepted) {
  const Json list{
      {{"id", id_of_gap()}, {"reason", "known"}, {"owner", "me"}, {"expires", "2999-12-31"}}};
  probe::write_file(path("accepted.json"), list.dump());
  const auto finished = check_objects({"--accept", path("accepted.json")});
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
  expect_contains(finished.output, "accepted until 2999-12-31 by me: known");
  EXPECT_FALSE(has(finished.output, "may be removed")) << finished.output;
}

}  // namespace
}  // namespace fusegate::testing
