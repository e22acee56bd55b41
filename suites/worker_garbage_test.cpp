// What workers send that is no answer of the protocol.
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "suites/scripted_worker.hpp"
#include "suites/test_support.hpp"
#include "suites/worker_client.hpp"

namespace fusegate::suites {
namespace {

using WorkerGarbageTest = WorkerClientTest;

// ---- Garbage ----------------------------------------------------------------------------------

struct Garbage {
  const char* name;
  const char* line;  // in place of the answer to request 2, in single quotes of the shell
};

class GarbageTest : public WorkerGarbageTest, public testing::WithParamInterface<Garbage> {};
INSTANTIATE_TEST_SUITE_P(
    Lines, GarbageTest,
    testing::Values(Garbage{"text", "Loading checkpoint..."}, Garbage{"empty", ""},
                    Garbage{"cut", R"({"id": 2, "resu)"}, Garbage{"list", "[]"},
                    Garbage{"number", "2"}, Garbage{"null", "null"}, Garbage{"object", "{}"},
                    Garbage{"wrong_id", R"({"id": 1, "result": {}})"},
                    Garbage{"later_id", R"({"id": 3, "result": {}})"},
                    Garbage{"text_id", R"({"id": "2", "result": {}})"},
                    Garbage{"no_id", R"({"result": {}})"}, Garbage{"neither", R"({"id": 2})"},
                    Garbage{"error_text", R"({"id": 2, "error": "no"})"},
                    Garbage{"error_without_kind", R"({"id": 2, "error": {"message": "m"}})"},
                    Garbage{"error_without_message", R"({"id": 2, "error": {"kind": "runtime"}})"},
                    Garbage{"error_null", R"({"id": 2, "error": null})"},
                    Garbage{"fatal_text",
                            R"({"id": 2, "error": {"kind": "runtime", "message": "m", )"
                            R"("fatal": "yes"}})"},
                    Garbage{"no_utf8", "{\"id\": 2, \"result\": \"\xff\"}"},
                    Garbage{"two_answers", R"({"id": 2, "result": {}} {"id": 3})"}),
    [](const auto& garbage) { return std::string(garbage.param.name); });

TEST_P(GarbageTest, IsNoAnswer) {
  const auto error = lost("read request; echo '" + std::string(GetParam().line) + "'; " + wait);
  EXPECT_EQ(error.verdict(), Verdict::error);
  expect_contains(error.what(), "the worker sent a line that is no answer: '");
}

TEST_F(WorkerGarbageTest, ShowsTheBeginningOfGarbage) {
  const auto error = lost("read request; printf 'a\\033[2Jb%0100d\\n' 0; " + wait);
  EXPECT_EQ(error.what(), "the worker sent a line that is no answer: 'a\\x1b[2Jb" +
                              std::string(71, '0') + "...'");
}

TEST_F(WorkerGarbageTest, ALineOfMoreThanAMebibyteIsRefused) {
  const auto error = lost("read request; head -c 1048577 /dev/zero | tr '\\0' x; " + wait);
  EXPECT_EQ(error.verdict(), Verdict::error);
  EXPECT_EQ(error.what(), "the worker sent a line of more than 1048576 bytes, beginning with '" +
                              std::string(80, 'x') + "...'");
}

TEST_F(WorkerGarbageTest, ALineOfAMebibyteIsTaken) {
  const std::string begin = R"({"id": 2, "result": {"runtime": ")";
  const std::string end = R"("}})";
  const std::size_t padding = (1u << 20) - begin.size() - end.size();
  auto worker = start_worker(hello + "read request; printf '" + begin + "'; head -c " +
                             std::to_string(padding) + " /dev/zero | tr '\\0' x; echo '" + end +
                             "'; " + wait);
  EXPECT_EQ(worker.describe(patience).at("runtime").get<std::string>().size(), padding);
}

TEST_F(WorkerGarbageTest, AnAnswerNestedWithoutEndIsNoAnswer) {
  // What copies a document by recursion would overflow the stack.
  const auto error = lost(
      "read request; printf '{\"id\": 2, \"result\": '; "
      "head -c 500000 /dev/zero | tr '\\0' '['; "
      "head -c 500000 /dev/zero | tr '\\0' ']'; echo '}'; " +
      wait);
  EXPECT_EQ(error.verdict(), Verdict::error);
  expect_contains(error.what(), "is no answer");
}

TEST_F(WorkerGarbageTest, ARunThatTellsNoLaunchesIsNoAnswer) {
  auto worker = start_worker(hello + answer(2, R"({"device_us": 1})") + wait);
  try {
    static_cast<void>(worker.run({}, patience));
    ADD_FAILURE() << "it was not lost";
  } catch (const WorkerLost& error) {
    EXPECT_EQ(error.verdict(), Verdict::error);
    expect_contains(error.what(), "the worker's result is not of the protocol: key 'launches'");
  }
}

// ---- Answers of another shape --------------------------------------------------------------

struct Shape {
  const char* result;
  const char* why;
};

class OddDescription : public WorkerGarbageTest, public testing::WithParamInterface<Shape> {};
INSTANTIATE_TEST_SUITE_P(
    Results, OddDescription,
    testing::Values(
        Shape{"[]", "describe is no object"}, Shape{"\"GPU\"", "describe is no object"},
        Shape{"null", "describe is no object"},
        Shape{R"({"runtime": 5})", "describe has a runtime of type number, not string"},
        Shape{R"({"device": "GPU"})", "describe has a device of type string, not object"},
        Shape{R"({"device": null})", "describe has a device of type null, not object"},
        Shape{R"({"versions": []})", "describe has a versions of type array, not object"}));

TEST_P(OddDescription, IsRefused) {
  const auto error = lost(answer(2, GetParam().result) + wait);
  EXPECT_EQ(error.verdict(), Verdict::error);
  EXPECT_EQ(error.what(), "the worker's answer to " + std::string(GetParam().why));
}

TEST_F(WorkerGarbageTest, AListThatIsNoneIsRefused) {
  for (const char* result : {"[]", "null", R"({"operations": {}})", R"({"operations": null})"}) {
    auto worker = start_worker(hello + answer(2, result) + wait);
    EXPECT_THROW(static_cast<void>(worker.list(patience)), WorkerLost) << result;
  }
}

TEST_F(WorkerGarbageTest, AnotherProtocolIsRefused) {
  for (const char* protocol : {"2", "0", "\"1\"", "null"}) {
    EXPECT_THROW(start_worker(answer(1, fmt::format("{{\"protocol\": {}}}", protocol)) + wait),
                 WorkerLost)
        << protocol;
  }
}

}  // namespace
}  // namespace fusegate::suites
