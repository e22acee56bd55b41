#include "tools/fusegate/contract_baseline.hpp"

#include <string>

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/sources/test_files.hpp"
#include "tools/fusegate/contract_outcome.hpp"

namespace fusegate::tools {
namespace {

using probe::Consequence;

/// A document with these uses.
std::string document(const std::string& uses, const std::string& library = "aiter") {
  return R"({"schema": "fusegate.contract", "schema_version": "1.0", "engine": {"name": "vllm"},
             "library": {"name": ")" +
         library + R"("}, "uses": )" + uses + "}";
}

std::string use(const std::string& id, const std::string& consequence) {
  return R"({"id": ")" + id + R"(", "consequence": ")" + consequence + "\"}";
}

std::string with_attributes(const std::string& attributes) {
  auto text = document("[]");
  text.replace(text.rfind('}'), 1, R"(, "attributes": )" + attributes + "}");
  return text;
}

class BaselineTest : public ::testing::Test {
 protected:
  Baseline read(const std::string& text) {
    probe::write_file(file(), text);
    return read_baseline(file(), "vllm");
  }
  void expect_refused(const std::string& text, const std::string& why) {
    const auto said = message_of<UsageError>([&] { std::ignore = read(text); });
    expect_contains(said, file());
    expect_contains(said, why);
    EXPECT_EQ(said.find("json.exception"), std::string::npos) << said;
  }
  [[nodiscard]] std::string file() const { return (folder_.path() / "old.json").native(); }

  TemporaryFolder folder_;
};

TEST_F(BaselineTest, HasWhatEachUseCameTo) {
  const auto baseline =
      read(document("[" + use("a", "misled") + "," + use("b", "conditional") + "]"));
  ASSERT_NE(baseline.find("aiter"), nullptr);
  EXPECT_EQ(*baseline.find("aiter"),
            (EarlierCheck{{"a", Consequence::misled}, {"b", Consequence::conditional}}));
  EXPECT_EQ(baseline.find("flashinfer"), nullptr);
}

TEST_F(BaselineTest, HasAttributesToo) {
  const auto baseline = read(with_attributes(
      R"([{"id": "a", "status": "missing"}, {"id": "b", "status": "unresolved"}])"));
  EXPECT_EQ(*baseline.find("aiter"),
            (EarlierCheck{{"a", Consequence::fails_at_call}, {"b", Consequence::conditional}}));
}

TEST_F(BaselineTest, KeepsLibrariesApart) {
  const auto baseline = read("[" + document("[" + use("a", "misled") + "]") + "," +
                             document("[" + use("b", "off") + "]", "flashinfer") + "]");
  EXPECT_TRUE(baseline.find("aiter")->contains("a"));
  EXPECT_FALSE(baseline.find("aiter")->contains("b"));
  EXPECT_TRUE(baseline.find("flashinfer")->contains("b"));
}

TEST_F(BaselineTest, OfALibraryInTwoVersionsHasWhatBrokeOnEither) {
  const auto sound = document("[" + use("a", "fine") + "]");
  const auto broken = document("[" + use("a", "misled") + "]");
  for (const auto& text : {"[" + sound + "," + broken + "]", "[" + broken + "," + sound + "]"}) {
    EXPECT_EQ(read(text).find("aiter")->at("a"), Consequence::misled);
  }
}

TEST_F(BaselineTest, RefusesWhatIsNoDocument) {
  expect_refused("", "is no JSON document");
  for (const char* text : {"{}", "5", "null", R"("text")", "[5]", R"({"schema": 5})",
                           R"({"schema": "fusegate.report"})"}) {
    expect_refused(text, "it is no document of contract check");
  }
}

TEST_F(BaselineTest, RefusesADocumentOfAnotherKind) {
  auto newer = document("[]");
  newer.replace(newer.find("1.0"), 3, "2.0");
  expect_refused(newer, "it is of schema '2.0'");
  auto other = document("[]");
  other.replace(other.find("vllm"), 4, "sglang");
  expect_refused(other, "it is of the engine sglang, not of vllm");
  auto nameless = document("[]");
  nameless.replace(nameless.find("\"library\""), 9, "\"libraries\"");
  expect_refused(nameless, "it does not name its library");
}

TEST_F(BaselineTest, RefusesUsesOfAnotherKind) {
  auto without = document("[]");
  without.replace(without.find("\"uses\""), 6, "\"used\"");
  expect_refused(without, "it has no uses");
  expect_refused(document("{}"), "its uses are no list");
  expect_refused(document("[5]"), "use 1: it has no id");
  expect_refused(document("[" + use("a", "fine") + R"(, {"id": "b"}])"),
                 "use 2: it has no consequence");
  expect_refused(document(R"([{"id": 5, "consequence": "fine"}])"), "use 1: it has no id");
  expect_refused(document("[" + use("a", "sad") + "]"), "use 1: its consequence is 'sad'");
  expect_refused(with_attributes("{}"), "its attributes are no list");
  expect_refused(with_attributes(R"([{"id": "a"}])"), "attribute 1: it has no status");
  expect_refused(with_attributes(R"([{"id": "a", "status": "lost"}])"),
                 "attribute 1: its status is 'lost', which is none of missing, ok, unresolved");
  expect_refused("[" + document("[]") + "," + document("[5]") + "]", "check 2, use 1: ");
}

// ---- What counts beside a baseline ------------------------------------------------------------

probe::EngineCheck check_of(const std::map<std::string, Consequence>& uses) {
  probe::EngineCheck check;
  for (const auto& [id, consequence] : uses) {
    check.uses.emplace_back();
    check.uses.back().id = id;
    check.uses.back().consequence = consequence;
  }
  return check;
}

TEST(Outcome, CountsWhatBreaksNowAndDidNotBreakBefore) {
  const AcceptList nothing;
  for (const auto before : probe::all_consequences) {
    const EarlierCheck earlier{{"a", before}};
    const auto check = check_of({{"a", Consequence::fails_at_call}});
    const ContractOutcome outcome{check, nothing, &earlier};
    EXPECT_EQ(outcome.is_broken(), !probe::breaks(before)) << name_of(before);
    EXPECT_EQ(outcome.is_new(finding_of(check.uses[0])), !probe::breaks(before)) << name_of(before);
  }
}

TEST(Outcome, WhatOnlyMayBreakIsNewOnce) {
  const AcceptList nothing;
  const auto check = check_of({{"a", Consequence::conditional}, {"b", Consequence::conditional}});
  const EarlierCheck earlier{{"a", Consequence::conditional}, {"b", Consequence::fine}};
  const ContractOutcome outcome{check, nothing, &earlier};
  EXPECT_FALSE(outcome.is_broken());
  EXPECT_FALSE(outcome.is_new(finding_of(check.uses[0])));
  EXPECT_TRUE(outcome.is_new(finding_of(check.uses[1])));
}

TEST(Outcome, WithoutABaselineAllIsNew) {
  const AcceptList nothing;
  const auto check = check_of({{"a", Consequence::off}, {"b", Consequence::misled}});
  const ContractOutcome outcome{check, nothing, nullptr};
  EXPECT_TRUE(outcome.is_new(finding_of(check.uses[0])));
  EXPECT_TRUE(outcome.counts(finding_of(check.uses[1])));
}

TEST(Outcome, CountsAMissingAttributeAsAUse) {
  probe::EngineCheck check;
  check.attributes.gaps.resize(3);
  check.attributes.gaps[1].function = "f";
  check.attributes.gaps[1].status = probe::AttributeStatus::unresolved;
  const auto findings = findings_of(check);
  ASSERT_EQ(findings.size(), 2u) << "the third is the first again";
  EXPECT_EQ(findings[0].consequence, Consequence::fails_at_call);
  EXPECT_EQ(findings[1].consequence, Consequence::conditional);
  const AcceptList nothing;
  const EarlierCheck earlier{{findings[0].id, Consequence::fails_at_call}};
  EXPECT_TRUE((ContractOutcome{check, nothing, nullptr}.is_broken()));
  EXPECT_FALSE((ContractOutcome{check, nothing, &earlier}.is_broken()));
  AcceptList accepted;
  accepted.entries.push_back({findings[0].id, "", "", ""});
  EXPECT_FALSE((ContractOutcome{check, accepted, nullptr}.is_broken()));
}

TEST(MendedSince, IsWhatBrokeAndDoesNotAnyMore) {
  const EarlierCheck earlier{{"gone", Consequence::misled},
                             {"mended", Consequence::stops_import},
                             {"still", Consequence::misled},
                             {"was_off", Consequence::off}};
  const auto check = check_of({{"mended", Consequence::fine},
                               {"still", Consequence::fails_at_call},
                               {"was_off", Consequence::off}});
  EXPECT_EQ(mended_since(earlier, check), (std::vector<std::string>{"gone", "mended"}));
}

}  // namespace
}  // namespace fusegate::tools
