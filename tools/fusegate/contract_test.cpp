// contract list and check, on a made-up engine that looks like a known one, and a made-up library.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/sources/test_files.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

using Files = std::map<std::string, std::string>;

class Contract : public ::testing::Test {
 protected:
  void SetUp() override {
    FUSEGATE_NEEDS_PYTHON();
    write("engine",
          {{"sglang/srt/server_args.py", ""},
           {"sglang/srt/models/registry.py", ""},
           {"sglang/srt/layers/norm.py",
            "if get_bool_env_var('SGLANG_USE_AITER') and is_hip():\n"
            "    from aiter.ops.norm import fast_norm\n"},
           {"sglang/srt/models/toy.py",
            "from sglang.srt.layers.norm import fast_norm\nEntryClass = ToyForCausalLM\n"},
           {"sglang/srt/late.py", "def run(x):\n    import aiter\n    aiter.norm(x, scale=1)\n"}});
    write("library", {{"aiter/__init__.py", "from .ops.norms import norm\n"},
                      {"aiter/jit/core.py", ""},
                      {"aiter/ops/__init__.py", ""},
                      {"aiter/ops/norms.py", "def norm(x, eps=1e-6): ...\n"}});
  }

  void write(const std::string& folder, const Files& files) {
    for (const auto& [name, text] : files) probe::write_file(folder_.path() / folder / name, text);
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).native();
  }

  Finished check(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{
        "contract",           "check",     "--engine",
        path("engine"),       "--library", "aiter=" + path("library"),
        "--assume",           "gfx942",    "--assume",
        "SGLANG_USE_AITER=1", "--python",  probe::test_python()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return fusegate(arguments, {{{"FUSEGATE_CACHE_DIR", ""}}});
  }
  Json document() { return Json::parse(check({"--json", "-"}).output); }

  TemporaryFolder folder_;
};

TEST_F(Contract, SaysWhatBreaksAndWhatGoesDownWithIt) {
  const auto finished = check();
  EXPECT_EQ(finished.exit_code, 1) << finished.errors;
  for (const char* text :
       {"stops importing (1)", "sglang/srt/layers/norm.py:2  aiter.ops.norm.fast_norm",
        "2 modules stop importing: sglang.srt.layers.norm, sglang.srt.models.toy",
        "1 model modules, 1 architectures: ToyForCausalLM", "fails at call (1)",
        "there is no parameter scale"}) {
    EXPECT_NE(finished.output.find(text), std::string::npos) << text << "\n" << finished.output;
  }
}

TEST_F(Contract, WithoutTheAssumptionTheFlagIsOff) {
  const auto finished =
      fusegate({"contract", "check", "--engine", path("engine"), "--library",
                "aiter=" + path("library"), "--python", probe::test_python(), "--json", "-"});
  EXPECT_EQ(finished.exit_code, 1) << "the call is under no flag";
  EXPECT_EQ(Json::parse(finished.output).at("counts").at("stops_import"), 0);
}

TEST_F(Contract, WritesADocument) {
  const auto found = document();
  EXPECT_EQ(found.at("schema"), "fusegate.contract");
  EXPECT_EQ(found.at("engine").at("name"), "sglang");
  EXPECT_EQ(found.at("assumed"), (Json{"gfx942", "SGLANG_USE_AITER=1"}));
  EXPECT_EQ(found.at("broken").size(), 2u);
  const auto& use = found.at("uses").at(0);
  EXPECT_EQ(use.at("where"), "sglang/srt/late.py:2");
  EXPECT_EQ(use.at("status"), "ok");
  EXPECT_EQ(use.at("when"), "call");
  EXPECT_EQ(found.at("blast_radius").at(0).at("architectures"), Json{"ToyForCausalLM"});
}

TEST_F(Contract, ExplainsAUseByItsId) {
  const auto found = document();
  const auto id = found.at("broken").at(0).get<std::string>();
  const auto finished = check({"--explain", id});
  EXPECT_NE(finished.output.find("fails_at_call: mismatch"), std::string::npos) << finished.output;
  EXPECT_NE(finished.output.find("+norm(x=x)"), std::string::npos) << finished.output;
  const auto unknown = check({"--explain", "nothing"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_NE(unknown.errors.find("no use has the id 'nothing'"), std::string::npos)
      << unknown.errors;
}

TEST_F(Contract, AnnotatesForGitHub) {
  const auto finished = check({"--format", "github"});
  EXPECT_NE(finished.output.find("::error file=sglang/srt/layers/norm.py,line=2,title=stops_import "
                                 "aiter.ops.norm.fast_norm::"),
            std::string::npos)
      << finished.output;
}

/// An engine whose rules say how it finds its objects.
class ContractOfObjects : public Contract {
 protected:
  void SetUp() override {
    Contract::SetUp();
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
  Finished check_objects(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"contract",  "check",
                                       "--engine",  "vllm=" + path("vllm"),
                                       "--library", "aiter=" + path("library"),
                                       "--python",  probe::test_python()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return fusegate(arguments, {{{"FUSEGATE_CACHE_DIR", ""}}});
  }
};

TEST_F(ContractOfObjects, NamesAnAttributeThatAClassLacks) {
  const auto finished = check_objects({});
  EXPECT_EQ(finished.exit_code, 1) << finished.errors;
  for (const char* text :
       {"engine objects without an attribute that is read (1)", "vllm/fusion.py:5  New.sizes  [",
        "sizes of New (vllm/layers.py:3): nothing sets it; it has size"}) {
    EXPECT_NE(finished.output.find(text), std::string::npos) << text << "\n" << finished.output;
  }
  const auto document = Json::parse(check_objects({"--json", "-"}).output);
  EXPECT_EQ(document.at("attribute_counts"), (Json{{"ok", 1}, {"missing", 1}, {"unresolved", 0}}));
  EXPECT_EQ(document.at("attributes").at(0).at("alternatives"), Json{"sizes"});
  const auto annotated = check_objects({"--format", "github"});
  EXPECT_NE(annotated.output.find("::error file=vllm/fusion.py,line=5,title=missing New.sizes::"),
            std::string::npos)
      << annotated.output;
}

TEST_F(Contract, ABaselineLeavesWhatIsNew) {
  ASSERT_EQ(check({"--json", path("old.json")}).exit_code, 1);
  const auto same = check({"--baseline", path("old.json")});
  EXPECT_EQ(same.exit_code, 0) << same.output;
  EXPECT_EQ(same.output.find("stops importing"), std::string::npos) << same.output;
  write("engine", {{"sglang/srt/more.py", "import aiter.gone\n"}});
  const auto more = check({"--baseline", path("old.json")});
  EXPECT_EQ(more.exit_code, 1);
  EXPECT_NE(more.output.find("sglang/srt/more.py:1"), std::string::npos) << more.output;
}

TEST_F(Contract, WhatIsAcceptedCountsUntilItsDay) {
  Json list = Json::array();
  const Json found = document();
  for (const auto& id : found.at("broken")) {
    list.push_back({{"id", id}, {"reason", "known"}, {"owner", "me"}, {"expires", "2999-12-31"}});
  }
  probe::write_file(path("accepted.json"), list.dump());
  const auto accepted = check({"--accept", path("accepted.json")});
  EXPECT_EQ(accepted.exit_code, 0) << accepted.output;
  EXPECT_NE(accepted.output.find("accepted until 2999-12-31 by me: known"), std::string::npos);
  list[0]["expires"] = "2001-01-01";
  probe::write_file(path("accepted.json"), list.dump());
  const auto expired = check({"--accept", path("accepted.json")});
  EXPECT_EQ(expired.exit_code, 1);
  EXPECT_NE(expired.output.find("accepted until 2001-01-01 and broken again"), std::string::npos);
}

TEST_F(Contract, RefusesAListWithoutAReason) {
  probe::write_file(path("accepted.json"),
                    R"([{"id": "a", "owner": "me", "expires": "2999-12-31"}])");
  const auto finished = check({"--accept", path("accepted.json")});
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_NE(finished.errors.find("entry 1"), std::string::npos) << finished.errors;
  EXPECT_NE(finished.errors.find("has no reason"), std::string::npos) << finished.errors;
}

TEST_F(Contract, ListsTheUses) {
  const auto finished =
      fusegate({"contract", "list", "--engine", path("engine"), "--python", probe::test_python()});
  EXPECT_EQ(finished.exit_code, 0) << finished.errors;
  EXPECT_NE(finished.output.find("sglang/srt/layers/norm.py:2  import  aiter.ops.norm.fast_norm  "
                                 "under: if get_bool_env_var('SGLANG_USE_AITER') and is_hip()"),
            std::string::npos)
      << finished.output;
}

TEST_F(Contract, SaysWhatIsNoEngine) {
  const auto nowhere =
      fusegate({"contract", "check", "--engine", "/nowhere", "--library", "aiter"});
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_NE(nowhere.errors.find("there is no folder /nowhere"), std::string::npos)
      << nowhere.errors;
  const auto mistyped =
      fusegate({"contract", "check", "--engine", "sglnag=/tmp", "--library", "aiter"});
  EXPECT_EQ(mistyped.exit_code, 2);
  EXPECT_NE(mistyped.errors.find("did you mean 'sglang'?"), std::string::npos) << mistyped.errors;
}

}  // namespace
}  // namespace fusegate::testing
