// What of a contract check counts: --baseline and --accept.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/test_support.hpp"
#include "tools/fusegate/testing/toy_engine.hpp"

namespace fusegate::testing {
namespace {

class ContractJudgement : public ToyEngine {
 protected:
  void accept(const Json& list) { probe::write_file(path("accepted.json"), list.dump()); }
  static Json accepted(const std::string& id, const std::string& expires) {
    return {{"id", id}, {"reason", "known"}, {"owner", "me"}, {"expires", expires}};
  }
  /// All that breaks.
  Json all_accepted() {
    const Json found = document();
    Json list = Json::array();
    for (const auto& id : found.at("broken")) list.push_back(accepted(id, "2999-12-31"));
    return list;
  }
};

// ---- --callers ---------------------------------------------------------------------------------

TEST_F(ContractJudgement, SaysWhoMayReachWhatFailsAtCall) {
  write("engine",
        {{"sglang/srt/late.py", "def run_norm(x):\n    import aiter\n    aiter.norm(x, scale=1)\n"},
         {"sglang/srt/layer.py",
          "from sglang.srt import late\nclass Norm:\n    def forward(self, x):\n"
          "        return late.run_norm(x)\n"}});
  ASSERT_EQ(check({"--callers", "--json", path("new.json")}).exit_code, 1);
  const auto document = read_json(path("new.json"));
  std::string id;
  for (const auto& use : document.at("uses")) {
    if (use.at("where") == "sglang/srt/late.py:3") id = use.at("id");
  }
  const auto reach = document.at("reach");
  const auto it = std::find_if(reach.begin(), reach.end(),
                               [&](const Json& one) { return one.at("cause") == id; });
  ASSERT_NE(it, reach.end()) << reach;
  EXPECT_EQ(it->at("callers").at(0).at("where"), "sglang/srt/layer.py:4");
  EXPECT_EQ(it->at("callers").at(0).at("function"), "Norm.forward");
  expect_contains(check({"--explain", id}).output,
                  "sglang/srt/layer.py:4  Norm.forward  (run_norm)");
}

// ---- --baseline --------------------------------------------------------------------------------

TEST_F(ContractJudgement, ABaselineLeavesWhatIsNew) {
  ASSERT_EQ(check({"--json", path("old.json")}).exit_code, 1);
  const auto same = check({"--baseline", path("old.json")});
  EXPECT_EQ(same.exit_code, 0) << same.output;
  EXPECT_FALSE(has(same.output, "stops importing (")) << same.output;
  EXPECT_FALSE(has(same.output, "mended")) << same.output;
  write("engine", {{"sglang/srt/more.py", "import aiter.gone\n"}});
  const auto more = check({"--baseline", path("old.json"), "--json", path("new.json")});
  EXPECT_EQ(more.exit_code, 1);
  expect_contains(more.output, "sglang/srt/more.py:1");
  EXPECT_EQ(read_json(path("new.json")).at("broken").size(), 1u);
  EXPECT_EQ(read_json(path("new.json")).at("known").size(), 2u);
}

TEST_F(ContractJudgement, WhatWasOffInTheBaselineAndBreaksIsNew) {
  const auto without = run({"contract", "check", "--engine", path("engine"), "--library",
                            path("library"), "--assume", "sm_90", "--json", path("old.json")});
  ASSERT_EQ(read_json(path("old.json")).at("counts").at("off"), 1) << without.output;
  const auto finished = check({"--baseline", path("old.json")});
  EXPECT_EQ(finished.exit_code, 1);
  expect_contains(finished.output, "stops importing (1)");
  EXPECT_FALSE(has(finished.output, "fails at call (")) << "that broke before, too";
}

TEST_F(ContractJudgement, ASecondBreakInAFunctionThatHasOneIsNew) {
  ASSERT_EQ(check({"--json", path("old.json")}).exit_code, 1);
  write("engine", {{"sglang/srt/late.py",
                    "def run(x):\n    import aiter\n    aiter.norm(x, scale=1)\n"
                    "    aiter.norm(x, scale=2)\n"}});
  const auto finished = check({"--baseline", path("old.json")});
  EXPECT_EQ(finished.exit_code, 1);
  expect_contains(finished.output, "fails at call (1)");
  expect_contains(finished.output, "sglang/srt/late.py:4");
}

TEST_F(ContractJudgement, CountsWhatOfTheBaselineIsMended) {
  ASSERT_EQ(check({"--json", path("old.json")}).exit_code, 1);
  write("library", {{"aiter/ops/norms.py", "def norm(x, eps=1e-6, scale=1): ...\n"}});
  const auto finished = check({"--baseline", path("old.json"), "--json", path("new.json")});
  EXPECT_EQ(finished.exit_code, 0);
  expect_contains(finished.output, "mended since the baseline: 1: ");
  EXPECT_EQ(read_json(path("new.json")).at("mended").size(), 1u);
}

TEST_F(ContractJudgement, SaysThatTheBaselineHasNoCheckOfALibrary) {
  write_other_library();
  ASSERT_EQ(check({"--json", path("old.json")}).exit_code, 1);
  const auto finished = check({"--library", path("flashinfer"), "--baseline", path("old.json")});
  EXPECT_EQ(finished.exit_code, 1);
  expect_contains(finished.output, "The baseline has no check of flashinfer: all of it is new");
}

TEST_F(ContractJudgement, RefusesABaselineThatIsNone) {
  probe::write_file(path("old.json"), R"({"schema": "fusegate.contract", "schema_version": "1.0",
      "engine": {"name": "sglang"}, "library": {"name": "aiter"}})");
  const auto finished = check({"--baseline", path("old.json")});
  EXPECT_EQ(finished.exit_code, 2);
  expect_contains(finished.errors, path("old.json") + ": it has no uses");
}

// ---- --accept ----------------------------------------------------------------------------------

TEST_F(ContractJudgement, WhatIsAcceptedDoesNotCount) {
  accept(all_accepted());
  const auto finished = check({"--accept", path("accepted.json"), "--json", path("new.json")});
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
  expect_contains(finished.output, "accepted until 2999-12-31 by me: known");
  EXPECT_FALSE(has(finished.output, "may be removed")) << finished.output;
  EXPECT_EQ(read_json(path("new.json")).at("accepted").size(), 2u);
}

TEST_F(ContractJudgement, WhatWasAcceptedCountsAgainAfterItsDay) {
  Json list = all_accepted();
  list[0]["expires"] = "2001-01-01";
  accept(list);
  const auto finished = check({"--accept", path("accepted.json")});
  EXPECT_EQ(finished.exit_code, 1);
  expect_contains(finished.output, "accepted until 2001-01-01 and broken again");
}

TEST_F(ContractJudgement, SaysWhichAcceptedUseMayBeRemoved) {
  write_other_library();
  const auto documents = document({"--library", path("flashinfer")});
  accept({accepted(documents.at(1).at("broken").at(0), "2999-12-31"),
          accepted("ffffffff", "2999-12-31"), accepted("eeeeeeee", "2001-01-01")});
  const auto both = check({"--library", path("flashinfer"), "--accept", path("accepted.json")});
  EXPECT_EQ(both.exit_code, 1);
  expect_contains(both.output, "it may be removed from the list: ffffffff (me, known)");
  expect_contains(both.output, "it may be removed from the list: eeeeeeee (me, known)");
  EXPECT_FALSE(has(both.output, "broken again")) << both.output;
  const std::string id = documents.at(1).at("broken").at(0);
  EXPECT_FALSE(has(both.output, "from the list: " + id)) << "one of the libraries breaks it";
}

TEST_F(ContractJudgement, RefusesAListWithoutAReason) {
  probe::write_file(path("accepted.json"),
                    R"([{"id": "a", "owner": "me", "expires": "2999-12-31"}])");
  const auto finished = check({"--accept", path("accepted.json")});
  EXPECT_EQ(finished.exit_code, 2);
  expect_contains(finished.errors, "entry 1");
  expect_contains(finished.errors, "has no reason");
}

}  // namespace
}  // namespace fusegate::testing
