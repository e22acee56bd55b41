#include "suites/worker_client.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <system_error>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "suites/scripted_worker.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

// ---- Talking ----------------------------------------------------------------------------------

TEST_F(WorkerClientTest, GreetsAndAsks) {
  auto worker = start_worker(hello + answer(2, R"({"runtime": "sh"})") +
                             answer(3, R"({"operations": [5]})") + wait);
  EXPECT_EQ(worker.describe(patience), (Json{{"runtime", "sh"}}));
  EXPECT_EQ(worker.list(patience), (Json{{"operations", {5}}}));
}

TEST_F(WorkerClientTest, SendsRequestsOfTheProtocol) {
  const TemporaryFolder folder;
  const auto log = folder.path() / "requests";
  kernels::RunRequest request{.op = "rms_norm", .parameters = {{"eps", 1e-06}}, .schedule = 7};
  auto worker =
      start_worker("n=0; while read line; do n=$((n+1)); echo \"$line\" >> " + log.string() +
                   "; echo \"{\\\"id\\\": $n, \\\"result\\\": " + R"({\"launches\": []}}"; done)");
  static_cast<void>(worker.describe(patience));
  static_cast<void>(worker.list(patience));
  static_cast<void>(worker.run(request, patience));
  worker.shutdown();
  EXPECT_EQ(read_text(log),
            R"({"id":1,"method":"hello","params":{"protocol":1}})"
            "\n"
            R"({"id":2,"method":"describe","params":{}})"
            "\n"
            R"({"id":3,"method":"list","params":{}})"
            "\n"
            R"({"id":4,"method":"run","params":{"op":"rms_norm","parameters":{"eps":1e-06},)"
            R"("tensors":[],"arena_bytes":0,"schedule":7}})"
            "\n"
            R"({"id":5,"method":"shutdown","params":{}})"
            "\n");
}

TEST_F(WorkerClientTest, GivesTheArenaToTheWorker) {
  const auto memory = arena_.reserve(4096);
  auto worker = start_worker(hello +
                             "read request; printf hello | dd of=/proc/self/fd/$FUSEGATE_ARENA_FD "
                             "bs=1 seek=100 conv=notrunc 2> /dev/null; "
                             "echo '{\"id\": 2, \"result\": {}}'; " +
                             wait);
  static_cast<void>(worker.describe(patience));
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(&memory[100]), 5), "hello");
}

TEST_F(WorkerClientTest, TellsWhatARunLaunched) {
  auto worker = start_worker(
      hello +
      answer(2,
             R"({"launches": [{"kernel": "k", "grid": [3,1,1], "block": [64,1,1], "vector": 8}], )"
             R"("device_us": 2.5})") +
      wait);
  const auto result = worker.run({}, patience);
  ASSERT_EQ(result.launches.size(), 1u);
  EXPECT_EQ(result.launches[0].kernel, "k");
  EXPECT_EQ(result.device_us, 2.5);
}

// ---- Errors that a worker answers ----------------------------------------------------------

TEST_F(WorkerClientTest, ThrowsTheErrorsOfAWorker) {
  for (const char* kind : {"unsupported", "no_device", "out_of_memory", "runtime", "kernel_fault",
                           "invalid_request"}) {
    for (const bool fatal : {false, true}) {
      auto worker = start_worker(hello + answer_error(2, kind, "it says why", fatal) + wait);
      try {
        static_cast<void>(worker.describe(patience));
        ADD_FAILURE() << "nothing was thrown";
      } catch (const kernels::WorkerError& error) {
        EXPECT_STREQ(kernels::error_kind_name(error.kind()), kind);
        EXPECT_STREQ(error.what(), "it says why");
        EXPECT_EQ(error.fatal(), fatal);
      }
    }
  }
}

TEST_F(WorkerClientTest, IsTalkedToAfterAnError) {
  auto worker = start_worker(hello + answer_error(2, "unsupported", "no") +
                             answer(3, R"({"operations": []})") + wait);
  EXPECT_THROW(static_cast<void>(worker.describe(patience)), kernels::WorkerError);
  EXPECT_TRUE(worker.list(patience).contains("operations"));
}

TEST_F(WorkerClientTest, AnErrorIsNotFatalUnlessItSaysSo) {
  auto worker = start_worker(
      hello + R"(read request; echo '{"id": 2, "error": {"kind": "novel", "message": "m"}}'; )" +
      wait);
  try {
    static_cast<void>(worker.describe(patience));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const kernels::WorkerError& error) {
    EXPECT_FALSE(error.fatal());
    EXPECT_EQ(error.kind(), kernels::ErrorKind::runtime) << "what an unknown kind counts as";
  }
}

// ---- Ends -------------------------------------------------------------------------------------

TEST_F(WorkerClientTest, ThatIsKilledHasCrashed) {
  const auto error = lost("read request; echo its last words >&2; kill -SEGV $$");
  EXPECT_EQ(error.verdict(), Verdict::crash);
  EXPECT_STREQ(error.what(), "the worker was killed by SIGSEGV before it answered");
  EXPECT_EQ(error.errors(), "its last words\n");
}

TEST_F(WorkerClientTest, HasLastWordsThatAreUtf8) {
  EXPECT_EQ(lost("read request; printf 'caf\\303\\251 \\377\\n' >&2; exit 1").errors(),
            "caf\xc3\xa9 \xef\xbf\xbd\n");
}

TEST_F(WorkerClientTest, ThatExitsHasCrashedEvenWithStatusZero) {
  const auto error = lost("read request; exit 0");
  EXPECT_EQ(error.verdict(), Verdict::crash);
  EXPECT_STREQ(error.what(), "the worker exited with status 0 before it answered");
}

TEST_F(WorkerClientTest, ThatExitsInTheMiddleOfALineHasCrashed) {
  const auto error = lost(R"(read request; printf '{"id": 2, "result": {}}'; exit 3)");
  EXPECT_EQ(error.verdict(), Verdict::crash);
  EXPECT_STREQ(error.what(), "the worker exited with status 3 before it answered");
}

TEST_F(WorkerClientTest, ThatHasExitedBeforeItIsAskedHasCrashed) {
  // It closes its input before it tells, so that the next request cannot be written.
  auto worker = start_worker(
      "read request; exec < /dev/null; "
      "echo '{\"id\": 1, \"result\": {}}'; exit 4");
  try {
    static_cast<void>(worker.describe(patience));
    ADD_FAILURE() << "it was not lost";
  } catch (const WorkerLost& error) {
    EXPECT_EQ(error.verdict(), Verdict::crash);
    expect_contains(error.what(), "the worker exited with status 4");
  }
}

TEST_F(WorkerClientTest, ThatClosesItsOutputIsLost) {
  const auto error = lost("read request; exec > /dev/null; sleep 100");
  EXPECT_EQ(error.verdict(), Verdict::crash);
  EXPECT_STREQ(error.what(), "the worker closed its output");
}

TEST_F(WorkerClientTest, ThatDoesNotAnswerInTimeIsEnded) {
  const auto error = lost("read request; echo working >&2; sleep 100", 200ms);
  EXPECT_EQ(error.verdict(), Verdict::timeout);
  EXPECT_STREQ(error.what(), "no answer within 0.2 s");
  EXPECT_EQ(error.errors(), "working\n");
}

TEST_F(WorkerClientTest, ThatDoesNotGreetIsLost) {
  EXPECT_THROW(start_worker("exit 1"), WorkerLost);
  EXPECT_THROW(start_worker("sleep 100", 200ms), WorkerLost);
}

TEST_F(WorkerClientTest, ThatIsNotThereDoesNotStart) {
  EXPECT_THROW(WorkerClient({"x", {"/nonexistent/worker"}}, arena_.fd(), -1, patience),
               std::system_error);
}

// ---- Interruptions and the end -------------------------------------------------------------

TEST_F(WorkerClientTest, StopsWaitingWhenAPersonEndsTheRun) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const UniqueFd interrupt(ends[0]);
  const UniqueFd button(ends[1]);
  WorkerClient worker(scripted(hello + "sleep 100"), arena_.fd(), interrupt.get(), patience);
  ASSERT_EQ(::write(button.get(), "!", 1), 1);
  EXPECT_THROW(static_cast<void>(worker.describe(patience)), Interrupted);
}

TEST_F(WorkerClientTest, LetsAWorkerEndByItself) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "ended";
  auto worker = start_worker(hello + answer(2, "{}") + "echo shut down > " + file.string());
  worker.shutdown();
  EXPECT_EQ(read_text(file), "shut down\n");
}

TEST_F(WorkerClientTest, EndsAWorkerThatHasEndedBefore) {
  auto worker = start_worker(hello);
  worker.shutdown();
  worker.shutdown();
}

}  // namespace
}  // namespace fusegate::suites
