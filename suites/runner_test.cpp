#include "suites/runner.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/files.hpp"
#include "probe/base/hash.hpp"
#include "probe/base/temporary_folder.hpp"
#include "suites/scripted_worker.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;

const std::string norm = "rms_norm dtype=bf16 tokens=4 hidden=8 eps=1e-06 out_stride=9";

class RunnerTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  Case case_ = parse_case(norm);
  Image image_{case_};

  // Shell that writes what a right implementation writes, behind the arena's descriptor.
  [[nodiscard]] std::string right_outputs(Poison poison = Poison::first) const {
    auto arena = fresh_arena(image_, poison);
    run_rightly(case_, image_, arena);
    const auto file = folder_.path() / (poison == Poison::first ? "first" : "second");
    const std::size_t begin = image_.offset(tensor_of(image_, "out"));
    const std::size_t bytes = std::size_t{4} * 9 * 2;
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(&arena[begin]), static_cast<std::streamsize>(bytes));
    return "dd if=" + file.string() + write_at(begin);
  }
  static std::string write_at(std::size_t byte) {
    return " of=/proc/self/fd/$FUSEGATE_ARENA_FD bs=1 conv=notrunc 2> /dev/null seek=" +
           std::to_string(byte) + "; ";
  }
  // The first run of a case writes what the first poison leaves between rows, the second ...
  [[nodiscard]] std::string right_runs() const {
    return "case $request in *'\"schedule\":0}'*) " + right_outputs(Poison::first) + ";; *) " +
           right_outputs(Poison::second) + ";; esac; ";
  }
  static Result run_once(const std::string& body, RunnerOptions options = {}) {
    return Session(worker_that(body), options).run(parse_case(norm));
  }
};

// ---- Starting ---------------------------------------------------------------------------------

std::string unavailable(const Implementation& implementation, RunnerOptions options = {}) {
  try {
    const Session session(implementation, options);
  } catch (const SessionUnavailable& error) {
    return error.what();
  }
  ADD_FAILURE() << "it is available";
  return "";
}

TEST(SessionStart, SaysThatTheWorkerIsNotThere) {
  EXPECT_EQ(unavailable({"mine", {"/nonexistent/worker"}}),
            "mine cannot run: its worker does not start: /nonexistent/worker: No such file or "
            "directory");
}

TEST(SessionStart, SaysHowTheWorkerEndedAndWhatItWrote) {
  EXPECT_EQ(unavailable(scripted("echo no driver >&2; exit 3")),
            "scripted cannot run: the worker exited with status 3 before it answered; it wrote: "
            "no driver\n");
}

TEST(SessionStart, SaysWhatTheWorkerLacks) {
  EXPECT_EQ(unavailable(scripted(hello + answer_error(2, "no_device", "there is no GPU") + wait)),
            "scripted cannot run: there is no GPU");
}

TEST(SessionStart, GivesUpOnAWorkerThatHangs) {
  EXPECT_EQ(
      unavailable(scripted("sleep 100"), {.start_time_limit = std::chrono::milliseconds(200)}),
      "scripted cannot run: no answer within 0.2 s");
}

TEST(SessionStart, RefusesAWorkerThatDescribesItselfOddly) {
  expect_contains(unavailable(scripted(hello + answer(2, R"({"device": "GPU"})") + wait)),
                  "scripted cannot run: the worker's answer to describe has a device");
  expect_contains(unavailable(scripted(hello + answer(2, "{}") + answer(3, "[]") + wait)),
                  "scripted cannot run: the worker's answer to list is no object");
}

TEST_F(RunnerTest, DescribesTheImplementationAsTheReportHasIt) {
  const auto program = folder_.path() / "worker";
  const Implementation scripted = worker_that("");
  const std::string text = "#!/bin/sh\n" + scripted.command.at(2);
  std::ofstream(program) << text;
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const Session session({"mine", {program.string()}}, {});
  const auto fingerprint = session.description().at("fingerprint");
  EXPECT_EQ(session.description(), (Json{{"name", "mine"},
                                         {"runtime", "sh"},
                                         {"device", {{"name", "shell"}}},
                                         {"versions", {{"sh", "1"}}},
                                         {"operations", {{{"op", "rms_norm"}}}},
                                         {"fingerprint", fingerprint}}));
}

TEST_F(RunnerTest, FingerprintsWhatTheCommandRuns) {
  const auto fingerprint = [&](const char* file, const char* comment, const char* argument) {
    const auto script = folder_.path() / file;
    std::ofstream(script) << worker_that("").command.at(2) << '\n' << comment;
    const Session session({"mine", {"sh", script.string(), argument}}, {});
    return session.description().at("fingerprint").get<std::string>();
  };
  const auto first = fingerprint("a.sh", "# 1", "--fast");
  EXPECT_EQ(fingerprint("elsewhere.sh", "# 1", "--fast"), first) << "of the content, not the path";
  EXPECT_NE(fingerprint("a.sh", "# 2", "--fast"), first);
  EXPECT_NE(fingerprint("a.sh", "# 1", "--slow"), first);
}

TEST(SessionStart, DescribesAWorkerThatSaysLittle) {
  const Session session(scripted(hello + answer(2, "{}") + answer(3, "{}") + "read request"), {});
  EXPECT_EQ(session.description(),
            (Json{{"name", "scripted"},
                  {"runtime", ""},
                  {"device", Json::object()},
                  {"versions", Json::object()},
                  {"operations", Json::array()},
                  {"fingerprint", session.description().at("fingerprint")}}));
}

// ---- Running ----------------------------------------------------------------------------------

TEST_F(RunnerTest, PassesARightResult) {
  const Result result =
      run_once(right_runs() +
               R"(result='{"launches": [{"kernel": "k", "grid": [4,1,1], "block": [64,1,1]}], )"
               R"("device_us": 2.5}')");
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
  EXPECT_EQ(result.reason, "");
  EXPECT_EQ(result.case_line, norm);
  EXPECT_EQ(result.id, result_id("scripted", norm));
  EXPECT_EQ(result.op, "rms_norm");
  EXPECT_EQ(result.dtype, "bf16");
  EXPECT_EQ(result.implementation, "scripted");
  EXPECT_EQ(result.policy, "accumulate=fp32 sum=unrounded store=nearest");
  EXPECT_EQ(result.runs, 2);
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_EQ(result.errors[0].elements, 32);
  ASSERT_EQ(result.launches.size(), 1u);
  EXPECT_EQ(result.launches[0].kernel, "k");
  EXPECT_EQ(result.device_us, 2.5);
  EXPECT_GT(result.wall_ms, 0);
}

TEST_F(RunnerTest, FailsAWorkerThatWritesNothing) {
  const Result result = run_once("");
  EXPECT_EQ(result.verdict, Verdict::fail);
  expect_contains(result.reason, "32 were never written");
}

TEST_F(RunnerTest, FailsAResultThatIsRightTheFirstTimeOnly) {
  const Result result =
      run_once("case $request in *'\"schedule\":0}'*) " + right_outputs() + ";; esac");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.reason, "a repetition gave other bits in row 0 of out");
}

TEST_F(RunnerTest, FailsDamage) {
  const auto behind = image_.offset(tensor_of(image_, "out")) + std::size_t{4} * 9 * 2;
  const Result result = run_once(right_runs() + "printf x | dd" + write_at(behind));
  EXPECT_EQ(result.verdict, Verdict::fail);
  expect_contains(result.reason, "2 bytes behind the end of out were overwritten");
}

TEST_F(RunnerTest, FailsDamageBetweenRows) {
  const auto gap = image_.offset(tensor_of(image_, "out")) + std::size_t{8} * 2;
  const Result result = run_once(right_runs() + "printf xx | dd" + write_at(gap));
  expect_contains(result.reason, "out was overwritten between its rows, at column 8 of row 0");
}

TEST_F(RunnerTest, RunsACaseAsOftenAsItIsTold) {
  for (const int runs : {1, 2, 5}) {
    const Result result = run_once(right_runs(), {.runs = runs});
    EXPECT_EQ(result.runs, runs);
  }
}

TEST_F(RunnerTest, JudgesByItsPolicy) {
  const reference::NumericPolicy truncating{.store = reference::Rounding::toward_zero};
  EXPECT_EQ(run_once("", {.policy = truncating}).policy, reference::policy_text(truncating));
}

// ---- What a worker is asked ----------------------------------------------------------------

TEST_F(RunnerTest, AsksForTheCasesTensorsAndParameters) {
  const auto log = folder_.path() / "requests";
  const Case c = parse_case(
      "add_rms_norm dtype=fp16 tokens=3 hidden=8 eps=0.5 in_place=1 "
      "x_stride=9 residual_offset=1");
  const Image image(c);
  static_cast<void>(
      Session(worker_that("echo \"$request\" >> " + log.string()), {.runs = 3}).run(c));
  std::vector<kernels::RunRequest> requests;
  std::ifstream in(log);
  for (std::string line; std::getline(in, line);)
    requests.push_back(Json::parse(line).at("params").get<kernels::RunRequest>());
  ASSERT_EQ(requests.size(), 3u);
  const auto& request = requests[0];
  EXPECT_EQ(request.op, "add_rms_norm");
  EXPECT_EQ(request.parameters, (std::map<std::string, kernels::Scalar>{{"eps", 0.5}}));
  EXPECT_EQ(request.arena_bytes, image.bytes());
  ASSERT_EQ(request.tensors.size(), image.layout().tensors.size());
  for (std::size_t i = 0; i < request.tensors.size(); ++i) {
    const Tensor& tensor = image.layout().tensors[i];
    const auto& asked = request.tensors[i];
    EXPECT_EQ(asked.name, tensor.name);
    EXPECT_EQ(asked.dtype, "fp16") << tensor.name;
    EXPECT_EQ(asked.rows, tensor.name == "weight" ? 1 : 3) << tensor.name;
    EXPECT_EQ(asked.columns, 8) << tensor.name;
    EXPECT_EQ(asked.row_stride, tensor.name == "x" || tensor.name == "out" ? 9 : 8) << tensor.name;
    EXPECT_EQ(asked.offset, image.offset(tensor)) << tensor.name;
  }
  EXPECT_EQ(requests[0].schedule, 0u) << "the natural order";
  EXPECT_NE(requests[1].schedule, 0u);
  EXPECT_NE(requests[2].schedule, 0u);
  EXPECT_NE(requests[1].schedule, requests[2].schedule);
}

TEST_F(RunnerTest, TakesTheSameSchedulesForTheSameCase) {
  const auto log = folder_.path() / "requests";
  for (int i = 0; i < 2; ++i)
    static_cast<void>(run_once("echo \"${request##*schedule}\" >> " + log.string()));
  std::vector<std::string> schedules(4);
  std::ifstream in(log);
  for (auto& schedule : schedules) std::getline(in, schedule);
  EXPECT_EQ(schedules[0], schedules[2]);
  EXPECT_EQ(schedules[1], schedules[3]);
}

}  // namespace
}  // namespace fusegate::suites
