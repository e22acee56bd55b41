#include "tools/fusegate/accept_list.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/temporary_folder.hpp"
#include "probe/base/test_support.hpp"
#include "probe/sources/test_files.hpp"

namespace fusegate::tools {
namespace {

using probe::Consequence;

const std::string today = "2026-03-01";

class AcceptListTest : public ::testing::Test {
 protected:
  AcceptList read(const std::string& text) {
    const auto file = folder_.path() / "accept.json";
    probe::write_file(file, text);
    return read_accept_list(file, today);
  }
  std::string refusal(const std::string& text) {
    return message_of<UsageError>([&] { std::ignore = read(text); });
  }
  static std::string entry(const std::string& id, const std::string& expires) {
    return R"({"id": ")" + id + R"(", "reason": "slow", "owner": "me", "expires": ")" + expires +
           "\"}";
  }

  TemporaryFolder folder_;
};

TEST_F(AcceptListTest, AnEntryCountsUntilTheEndOfItsDay) {
  const auto list = read("[" + entry("a", today) + "," + entry("b", "2026-02-28") + "]");
  EXPECT_TRUE(list.has("a"));
  EXPECT_FALSE(list.has("b"));
  ASSERT_EQ(list.expired.size(), 1u);
  EXPECT_EQ(list.expired[0].id, "b");
}

TEST_F(AcceptListTest, WithoutAFileIsEmpty) {
  EXPECT_TRUE(read_accept_list("", today).entries.empty());
}

TEST_F(AcceptListTest, RefusesADayThatThereIsNot) {
  for (const char* day : {"2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10", "2026-04-31",
                          "2026-1-1", "tomorrow", "2026-01-01T00:00"}) {
    expect_contains(refusal("[" + entry("a", "2026-12-31") + "," + entry("b", day) + "]"),
                    std::string("entry 2 of ") + (folder_.path() / "accept.json").native() +
                        ": expires is '" + day + "'");
  }
  EXPECT_EQ(read("[" + entry("a", "2028-02-29") + "]").entries.size(), 1u);
}

TEST_F(AcceptListTest, RefusesWhatIsMissing) {
  expect_contains(refusal(R"([{"id": "a", "owner": "me", "expires": "2026-12-31"}])"),
                  "entry 1 of ");
  expect_contains(refusal(R"([{"id": "a", "owner": "me", "expires": "2026-12-31"}])"),
                  "has no reason");
  expect_contains(refusal(R"([{"id": "", "reason": "b", "owner": "me", "expires": "2026-12-31"}])"),
                  "has no id");
  expect_contains(refusal(R"([{"id": 5, "reason": "b", "owner": "me", "expires": "2026-12-31"}])"),
                  "has no id");
}

TEST_F(AcceptListTest, RefusesAKeyThatIsNotKnown) {
  const auto said = refusal(
      R"([{"id": "a", "reason": "b", "owner": "me", "expires": "2026-12-31", "ownr": "you"}])");
  expect_contains(said, "entry 1 of ");
  expect_contains(said, "has 'ownr', which is not known, did you mean 'owner'?");
}

TEST_F(AcceptListTest, RefusesAnIdThatIsThereTwice) {
  const auto said = refusal("[" + entry("a", "2026-12-31") + "," + entry("b", "2026-12-31") + "," +
                            entry("a", "2001-01-01") + "]");
  expect_contains(said, "entry 3 of ");
  expect_contains(said, "has the id of entry 1, 'a'");
}

TEST_F(AcceptListTest, RefusesWhatIsNoList) {
  expect_contains(refusal("{}"), "is no list");
  expect_contains(refusal("[5]"), "entry 1 of ");
  expect_contains(refusal("[5]"), "is no object");
  expect_contains(refusal("[{"), "is no JSON document");
  expect_contains(refusal(std::string(100'000, '[')), "is no JSON document");
}

TEST_F(AcceptListTest, CannotReadAFileThatIsNotThere) {
  expect_contains(
      message_of<CannotRun>([] { std::ignore = read_accept_list("/nonexistent", today); }),
      "--accept: cannot read /nonexistent: No such file or directory");
}

TEST_F(AcceptListTest, CannotReadAFolder) {
  EXPECT_EQ(message_of<CannotRun>([] { std::ignore = read_accept_list("/", today); }),
            "--accept: cannot read /: Is a directory");
}

TEST_F(AcceptListTest, SaysOfAnExpiredEntryWhetherItsUseIsBroken) {
  const auto list = read("[" + entry("a", "2026-01-31") + "," + entry("b", "2026-01-31") + "," +
                         entry("c", "2026-01-31") + "]");
  const auto notes = notes_on(list, {{"a", Consequence::misled}, {"b", Consequence::off}});
  ASSERT_EQ(notes.size(), 3u);
  EXPECT_EQ(notes[0], "accepted until 2026-01-31 and broken again: a (me, slow)");
  EXPECT_EQ(notes[1],
            "accepted until 2026-01-31 and matches nothing that is broken, it is off here; it may "
            "be removed from the list: b (me, slow)");
  expect_contains(notes[2], "nothing has this id; it may be removed");
}

TEST_F(AcceptListTest, SaysWhichEntriesMatchNothingThatIsBroken) {
  const auto list = read("[" + entry("a", "2026-12-31") + "," + entry("b", "2026-12-31") + "]");
  const auto notes = notes_on(list, {{"a", Consequence::stops_import}, {"b", Consequence::fine}});
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0],
            "accepted, but matches nothing that is broken, it is fine here; it may be removed from "
            "the list: b (me, slow)");
}

TEST(Consequences, OfSeveralChecksAreTheWorst) {
  probe::EngineCheck broken, sound;
  broken.uses.resize(1);
  broken.uses[0].id = "a";
  sound = broken;
  broken.uses[0].consequence = Consequence::fails_at_call;
  for (const auto& [first, second] : {std::pair{&broken, &sound}, {&sound, &broken}}) {
    Consequences found;
    add_consequences(found, *first);
    add_consequences(found, *second);
    EXPECT_EQ(found.at("a"), Consequence::fails_at_call);
  }
}

}  // namespace
}  // namespace fusegate::tools
