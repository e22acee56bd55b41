#include "suites/journal.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "suites/file_size_limit.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;
using Ids = std::vector<std::string>;

const JournalHeader header{.plan = "0123456789abcdef",
                           .implementations = {"builtin/simt", "mine"},
                           .tool = "1.2.3 (abc)",
                           .started = "2024-05-06T07:08:09Z"};

Json result(const std::string& id) {
  return {{"id", id}, {"verdict", "pass"}};
}

class JournalTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "journal.jsonl";

  // A journal with these results, closed again.
  void write_journal(const Ids& ids) {
    Journal journal = Journal::create(path_, header);
    for (const auto& id : ids) journal.append(result(id));
  }
  void write_file(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  void append_bytes(const std::string& text) {
    std::ofstream(path_, std::ios::binary | std::ios::app) << text;
  }
  [[nodiscard]] std::string text() const { return read_text(path_).value_or("(none)"); }
  // Without its newline, with which each line of the file ends.
  [[nodiscard]] std::string header_line() {
    write_journal({});
    const std::string whole = text();
    return whole.substr(0, whole.size() - 1);
  }
  std::string resume_error(const JournalHeader& wanted = header) {
    return usage_error([&] { Journal::resume(path_, wanted); });
  }
};

Ids ids_of(const Journal& journal) {
  Ids ids;
  journal.for_each([&](const Json& json) { ids.push_back(json.at("id").get<std::string>()); });
  return ids;
}

// ---- Beginning and appending --------------------------------------------------------------------

TEST_F(JournalTest, BeginsWithALineThatSaysWhatItIsOf) {
  write_journal({});
  const Json json = Json::parse(text());
  EXPECT_EQ(json.at("schema"), "fusegate.journal");
  EXPECT_EQ(json.at("schema_version"), 1);
  EXPECT_EQ(json.at("plan"), header.plan);
  EXPECT_EQ(json.at("implementations"), Json(header.implementations));
  EXPECT_EQ(json.at("tool"), header.tool);
  EXPECT_EQ(json.at("started"), header.started);
}

TEST_F(JournalTest, HasEachResultInTheFileAsSoonAsItIsAppended) {
  Journal journal = Journal::create(path_, header);
  for (const char* id : {"a", "b"}) {
    journal.append(result(id));
    EXPECT_TRUE(text().ends_with(result(id).dump() + "\n")) << text();
  }
}

TEST_F(JournalTest, VisitsResultsInTheirOrderWithoutTheHeader) {
  Journal journal = Journal::create(path_, header);
  for (const char* id : {"c", "a", "b"}) journal.append(result(id));
  EXPECT_EQ(ids_of(journal), (Ids{"c", "a", "b"}));
}

TEST_F(JournalTest, CountsResultsWithoutTheHeader) {
  Journal journal = Journal::create(path_, header);
  EXPECT_EQ(journal.size(), 0u);
  journal.append(result("a"));
  EXPECT_EQ(journal.size(), 1u);
}

TEST_F(JournalTest, BeginsAnewInPlaceOfWhatIsThere) {
  write_journal({"a", "b"});
  write_journal({"c"});
  EXPECT_EQ(ids_of(Journal::resume(path_, header)), Ids{"c"});
}

TEST_F(JournalTest, KeepsALineOneLineWhateverIsInIt) {
  Json odd = result("a");
  odd["reason"] = "two\nlines, a \"quote\" and \x80 that is no UTF-8";
  Journal journal = Journal::create(path_, header);
  journal.append(odd);
  journal.append(result("b"));
  EXPECT_EQ(ids_of(journal), (Ids{"a", "b"}));
}

// ---- Going on ---------------------------------------------------------------------------------

TEST_F(JournalTest, GoesOnWithTheResultsThatAreThere) {
  write_journal({"a", "b"});
  Journal journal = Journal::resume(path_, header);
  EXPECT_EQ(journal.size(), 2u);
  EXPECT_TRUE(journal.has("a"));
  EXPECT_TRUE(journal.has("b"));
  EXPECT_FALSE(journal.has("c"));
  journal.append(result("c"));
  EXPECT_EQ(journal.size(), 3u);
  EXPECT_EQ(ids_of(journal), (Ids{"a", "b", "c"}));
}

TEST_F(JournalTest, SaysWhenItsRunBegan) {
  write_journal({});
  JournalHeader later = header;
  later.started = "2030-01-01T00:00:00Z";
  EXPECT_EQ(Journal::resume(path_, later).started(), header.started);
  EXPECT_EQ(Journal::create(path_, later).started(), later.started);
}

class TruncatedJournal : public JournalTest, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(LastLines, TruncatedJournal,
                         testing::Values("{", "{\"id\": \"c\", \"verd",
                                         "{\"id\": \"c\", \"verdict\": \"pass\"}", "not json\n",
                                         "[\"id\"]\n", "{\"verdict\": \"pass\"}\n", "{\"id\": 5}\n",
                                         "null\n", "\n", "\xff\n"));

TEST_P(TruncatedJournal, DropsALastLineThatIsNotWhole) {
  write_journal({"a", "b"});
  append_bytes(GetParam());
  Journal journal = Journal::resume(path_, header);
  EXPECT_EQ(journal.size(), 2u);
  EXPECT_FALSE(journal.has("c"));
  journal.append(result("d"));
  EXPECT_EQ(ids_of(journal), (Ids{"a", "b", "d"}));
}

// ---- What it does not go on with ----------------------------------------------------------------

TEST_F(JournalTest, DoesNotGoOnWithoutAFile) {
  expect_contains(resume_error(), "--resume: there is no journal " + path_.string());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(JournalTest, DoesNotGoOnWithAnEmptyFile) {
  write_file("");
  expect_contains(resume_error(), path_.string());
}

TEST_F(JournalTest, DoesNotGoOnWithAFolder) {
  path_ = folder_.path();
  expect_contains(resume_error(), path_.string());
}

class ForeignHeader : public JournalTest, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(
    Lines, ForeignHeader,
    testing::Values("not json", "{", "[]", "null", "5", "{}", "\xff\xfe",
                    R"({"schema": "fusegate.report", "schema_version": 1})",
                    R"({"schema": 5, "schema_version": 1})",
                    R"({"schema": null, "schema_version": 1})", R"({"schema": "fusegate.journal"})",
                    R"({"schema": "fusegate.journal", "schema_version": 2})",
                    R"({"schema": "fusegate.journal", "schema_version": "1"})",
                    R"({"schema": "fusegate.journal", "schema_version": {}})"));

TEST_P(ForeignHeader, IsRefusedAndTheFileKept) {
  const std::string foreign = std::string(GetParam()) + "\n{\"id\": \"a\"}\n";
  write_file(foreign);
  expect_contains(resume_error(), path_.string() + " is no journal of this program");
  EXPECT_EQ(text(), foreign);
}

TEST_F(JournalTest, DoesNotGoOnWithAHeaderThatIsCutShort) {
  // Whole but for its end: what is appended would stand on the same line.
  write_file(header_line());
  expect_contains(resume_error(), path_.string());
}

TEST_F(JournalTest, DoesNotGoOnWhereAHeadersMemberHasAnotherType) {
  for (const char* key : {"plan", "tool", "implementations", "started"}) {
    Json json = Json::parse(header_line());
    json[key] = 5;
    write_file(json.dump() + "\n");
    expect_contains(resume_error(), path_.string());
  }
}

TEST_F(JournalTest, DoesNotGoOnWithOtherCases) {
  write_journal({"a"});
  const std::string before = text();
  JournalHeader other = header;
  other.plan = "fedcba9876543210";
  expect_contains(resume_error(other),
                  "is of the cases 0123456789abcdef, this run of fedcba9876543210");
  EXPECT_EQ(text(), before);
}

TEST_F(JournalTest, DoesNotGoOnWithOtherImplementationsOrInAnotherOrder) {
  write_journal({"a"});
  JournalHeader other = header;
  other.implementations = {"mine", "builtin/simt"};
  expect_contains(resume_error(other),
                  R"(is of the implementations ["builtin/simt","mine"], this run of )"
                  R"(["mine","builtin/simt"])");
}

TEST_F(JournalTest, DoesNotGoOnWithAnotherBuild) {
  write_journal({"a"});
  JournalHeader other = header;
  other.tool = "1.2.4 (def)";
  expect_contains(resume_error(other), "is of fusegate 1.2.3 (abc), this run of 1.2.4 (def)");
}

// ---- Disks that are full or not there -----------------------------------------------------------

template <class Action>
std::string cannot_run(Action&& action) {
  try {
    action();
  } catch (const CannotRun& error) {
    return error.what();
  }
  ADD_FAILURE() << "CannotRun was not thrown";
  return "";
}

TEST_F(JournalTest, SaysWhereItCannotBegin) {
  const auto nowhere = folder_.path() / "missing" / "journal.jsonl";
  EXPECT_EQ(cannot_run([&] { Journal::create(nowhere, header); }),
            "cannot open " + nowhere.string() + ": No such file or directory");
}

TEST_F(JournalTest, SaysThatTheDiskIsFull) {
  std::filesystem::create_symlink("/dev/full", path_);
  const auto error = cannot_run([&] { Journal::create(path_, header); });
  expect_contains(error, "cannot write to " + path_.string() + ": No space left on device");
}

TEST_F(JournalTest, KeepsWhatIsInItWhenTheDiskFillsUp) {
  Journal journal = Journal::create(path_, header);
  journal.append(result("a"));
  {
    const FileSizeLimit limit(std::filesystem::file_size(path_) + 5);
    expect_contains(cannot_run([&] { journal.append(result("b")); }),
                    "the 1 results in it are kept: make room and go on with --resume");
  }
  EXPECT_TRUE(text().ends_with("{\"id\"")) << "five bytes of it were written";
  EXPECT_EQ(ids_of(Journal::resume(path_, header)), Ids{"a"});
}

}  // namespace
}  // namespace fusegate::suites
