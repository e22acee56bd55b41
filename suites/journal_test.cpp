#include "suites/journal.hpp"

#include <sys/stat.h>

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "suites/file_size_limit.hpp"
#include "suites/result.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

const JournalHeader header{.plan = "0123456789abcdef",
                           .implementations = {"builtin/simt", "mine"},
                           .tool = "1.2.3 (abc)",
                           .started = "2024-05-06T07:08:09Z"};

std::string id_of(const std::string& name) {
  return result_id("mine", name);
}

Json result(const std::string& name, const char* verdict = "pass") {
  return {{"id", id_of(name)}, {"case", name}, {"implementation", "mine"}, {"verdict", verdict}};
}

class JournalTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "journal.jsonl";

  // A journal with these results, closed again.
  void write_journal(const Names& names) {
    Journal journal = Journal::create(path_, header);
    for (const auto& name : names) journal.append(result(name));
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

// Of the cases in it.
Names names_in(const Journal& journal) {
  Names names;
  journal.for_each([&](const Json& json) { names.push_back(json.at("case").get<std::string>()); });
  return names;
}

template <class Action>
std::string cannot_run(Action&& action) {
  return message_of<CannotRun>(action);
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
  EXPECT_EQ(names_in(journal), (Names{"c", "a", "b"}));
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
  EXPECT_EQ(names_in(Journal::resume(path_, header)), Names{"c"});
}

TEST_F(JournalTest, KeepsALineOneLineWhateverIsInIt) {
  Json odd = result("a");
  odd["reason"] = "two\nlines, a \"quote\" and \x80 that is no UTF-8";
  Journal journal = Journal::create(path_, header);
  journal.append(odd);
  journal.append(result("b"));
  EXPECT_EQ(names_in(journal), (Names{"a", "b"}));
}

TEST_F(JournalTest, KeepsTheResultsOfAnEarlierRunAside) {
  write_journal({"a", "b"});
  const std::string before = text();
  write_journal({"c"});
  EXPECT_EQ(read_text(path_.string() + ".old"), before);
}

TEST_F(JournalTest, OfAFolderIsOpenOnceAtATime) {
  {
    const Journal journal = Journal::create(path_, header);
    const std::string before = text();
    const std::string why = "another run is writing into " + folder_.path().string();
    expect_contains(cannot_run([&] { Journal::create(path_, header); }), why);
    expect_contains(cannot_run([&] { Journal::resume(path_, header); }), why);
    EXPECT_EQ(text(), before);
  }
  EXPECT_EQ(Journal::resume(path_, header).size(), 0u);
}

// ---- Going on ---------------------------------------------------------------------------------

TEST_F(JournalTest, GoesOnWithTheResultsThatAreThere) {
  write_journal({"a", "b"});
  Journal journal = Journal::resume(path_, header);
  EXPECT_EQ(journal.size(), 2u);
  EXPECT_TRUE(journal.has(id_of("a")));
  EXPECT_TRUE(journal.has(id_of("b")));
  EXPECT_FALSE(journal.has(id_of("c")));
  journal.append(result("c"));
  EXPECT_EQ(journal.size(), 3u);
  EXPECT_EQ(names_in(journal), (Names{"a", "b", "c"}));
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
  EXPECT_FALSE(journal.has(id_of("c")));
  journal.append(result("d"));
  EXPECT_EQ(names_in(journal), (Names{"a", "b", "d"}));
}

TEST_F(JournalTest, RunsAgainWhatWasSkipped) {
  {
    Journal journal = Journal::create(path_, header);
    journal.append(result("a"));
    journal.append(result("b", "skipped"));
  }
  Journal journal = Journal::resume(path_, header);
  EXPECT_TRUE(journal.has(id_of("a")));
  EXPECT_FALSE(journal.has(id_of("b")));
  journal.append(result("b"));
  EXPECT_EQ(names_in(journal), (Names{"a", "b"}));
}

TEST_F(JournalTest, DropsDamagedLinesAndKeepsThoseBehindThem) {
  write_journal({"a"});
  Json deep = result("deep");
  for (int i = 0; i < 100; ++i) deep = Json{{"id", id_of("deep")}, {"more", deep}};
  Json alien = result("alien");
  alien["case"] = "another";
  for (const Json& line : {deep, alien, result("a"), Json{{"id", id_of("b")}}}) {
    append_bytes(line.dump() + "\n");
  }
  append_bytes("{\"id\n" + result("c").dump() + "\n");
  const Journal journal = Journal::resume(path_, header);
  EXPECT_EQ(names_in(journal), (Names{"a", "c"}));
  EXPECT_EQ(journal.damaged(), 5u);
}

TEST_F(JournalTest, DropsWhatItsReaderFindsUnsound) {
  write_journal({"a", "b"});
  const Journal journal =
      Journal::resume(path_, header, [](const Json& json) { return json.at("case") != "a"; });
  EXPECT_EQ(names_in(journal), Names{"b"});
  EXPECT_EQ(journal.damaged(), 1u);
}

TEST_F(JournalTest, IsNoPipe) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  expect_contains(cannot_run([&] { Journal::create(path_, header); }), "it is a pipe; remove it");
  expect_contains(cannot_run([&] { Journal::resume(path_, header); }), "it is a pipe; remove it");
}

// ---- Implementations ----------------------------------------------------------------------------

TEST_F(JournalTest, NotesWhatAnImplementationIsWithoutTakingItForAResult) {
  Journal journal = Journal::create(path_, header);
  journal.record_implementation({{"name", "mine"}, {"fingerprint", "1"}});
  journal.append(result("a"));
  journal.record_implementation({{"name", "other"}, {"fingerprint", "2"}});
  EXPECT_EQ(journal.size(), 1u);
  EXPECT_EQ(names_in(journal), Names{"a"});
}

TEST_F(JournalTest, GoesOnWithTheSameImplementation) {
  const Json mine{{"name", "mine"}, {"fingerprint", "1"}};
  { Journal::create(path_, header).record_implementation(mine); }
  Journal journal = Journal::resume(path_, header);
  const std::string before = text();
  journal.record_implementation(mine);
  EXPECT_EQ(text(), before) << "it is there already";
}

TEST_F(JournalTest, GoesOnWhereOnlyTheImportTookLonger) {
  Json mine{{"name", "mine"}, {"fingerprint", "1"}, {"import_seconds", {{"torch", 1.5}}}};
  { Journal::create(path_, header).record_implementation(mine); }
  Journal journal = Journal::resume(path_, header);
  mine["import_seconds"]["torch"] = 3.25;
  journal.record_implementation(mine);
  EXPECT_EQ(journal.size(), 0u);
}

TEST_F(JournalTest, DoesNotGoOnWithAnotherImplementationOfTheSameName) {
  Journal::create(path_, header).record_implementation({{"name", "mine"}, {"fingerprint", "1"}});
  Journal journal = Journal::resume(path_, header);
  expect_contains(usage_error([&] {
                    journal.record_implementation({{"name", "mine"}, {"fingerprint", "2"}});
                  }),
                  "--resume: the results of mine in " + path_.string() + " are of another worker");
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
  {
    Journal journal = Journal::create(path_, header);
    journal.append(result("a"));
    const FileSizeLimit limit(std::filesystem::file_size(path_) + 5);
    expect_contains(cannot_run([&] { journal.append(result("b")); }),
                    "the 1 results in it are kept: make room and go on with --resume");
  }
  EXPECT_TRUE(text().ends_with("\n{\"id\"")) << "five bytes of it were written";
  EXPECT_EQ(names_in(Journal::resume(path_, header)), Names{"a"});
}

}  // namespace
}  // namespace fusegate::suites
