// What a worker that does not do its work costs: its case, and no other.
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "probe/base/files.hpp"
#include "probe/base/temporary_folder.hpp"
#include "suites/file_size_limit.hpp"
#include "suites/runner.hpp"
#include "suites/scripted_worker.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

using namespace std::chrono_literals;

// A case of no tokens passes when its worker does nothing at all.
Case idle_case(int hidden = 8) {
  return parse_case("rms_norm dtype=fp32 tokens=0 eps=0 hidden=" + std::to_string(hidden));
}

// Shell: what happens to the case with hidden=7, and to no other.
std::string at_seven(const std::string& fault) {
  return "case $request in *'\"columns\":7,'*) " + fault + " ;; esac";
}

class RunnerFaults : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path starts_ = folder_.path() / "starts";

  // A worker that counts how often it was started.
  [[nodiscard]] Implementation counted(const std::string& body,
                                       const std::string& first = "") const {
    Implementation worker = worker_that(body);
    worker.command[2] = "echo >> " + starts_.string() + "; " + first + worker.command[2];
    return worker;
  }
  [[nodiscard]] std::size_t starts() const { return read_text(starts_).value_or("").size(); }
};

// ---- Faults that cost one case ------------------------------------------------------------------

struct Fault {
  const char* name;
  const char* body;
  Verdict verdict;
  const char* reason;
};

class EveryFault : public RunnerFaults, public testing::WithParamInterface<Fault> {};
INSTANTIATE_TEST_SUITE_P(
    Faults, EveryFault,
    testing::Values(Fault{"crash", "kill -SEGV $$", Verdict::crash,
                          "the worker was killed by SIGSEGV before it answered"},
                    Fault{"exit", "exit 0", Verdict::crash,
                          "the worker exited with status 0 before it answered"},
                    Fault{"hang", "sleep 100", Verdict::timeout, "no answer within 0.5 s"},
                    Fault{"garbage", "echo loading", Verdict::error,
                          "the worker sent a line that is no answer: 'loading'"},
                    Fault{"wrong_id", "n=$((n+1))", Verdict::error,
                          "the worker sent a line that is no answer: '"},
                    Fault{"long_line", "head -c 1100000 /dev/zero | tr '\\0' x", Verdict::error,
                          "the worker sent a line of more than 1048576 bytes"},
                    Fault{"no_result", "result='[]'", Verdict::error,
                          "the worker's result is not of the protocol: "}),
    [](const auto& fault) { return std::string(fault.param.name); });

TEST_P(EveryFault, CostsItsCaseAndAWorker) {
  Session session(counted(at_seven(GetParam().body)), {.case_time_limit = 500ms});
  const Result faulty = session.run(idle_case(7));
  EXPECT_EQ(faulty.verdict, GetParam().verdict) << faulty.reason;
  EXPECT_TRUE(faulty.reason.starts_with(GetParam().reason)) << faulty.reason;
  EXPECT_EQ(session.run(idle_case(8)).verdict, Verdict::pass);
  EXPECT_EQ(starts(), 2u) << "a lost worker is replaced once";
  EXPECT_EQ(session.out_of_service(), "");
}

TEST_F(RunnerFaults, InARepetitionCostTheCaseToo) {
  Session session(worker_that("case $request in *'\"schedule\":0}'*) ;; *) kill -ABRT $$ ;; esac"),
                  {});
  const Result result = session.run(idle_case());
  EXPECT_EQ(result.verdict, Verdict::crash);
  EXPECT_EQ(result.runs, 1) << "of two, the second was not finished";
}

TEST_F(RunnerFaults, KeepTheWorkersLastWords) {
  Session session(worker_that("echo page fault >&2; kill -SEGV $$"), {});
  EXPECT_EQ(session.run(idle_case()).worker_errors, "page fault\n");
}

TEST_F(RunnerFaults, LeaveNoLastWordsWhereThereIsNoFault) {
  Session session(worker_that("echo chatter >&2"), {});
  EXPECT_EQ(session.run(idle_case()).worker_errors, "");
}

// ---- Errors that a worker answers ----------------------------------------------------------

struct Kind {
  const char* kind;
  Verdict verdict;
};

class EveryErrorKind : public RunnerFaults, public testing::WithParamInterface<Kind> {};
INSTANTIATE_TEST_SUITE_P(
    Kinds, EveryErrorKind,
    testing::Values(Kind{"unsupported", Verdict::unsupported}, Kind{"no_device", Verdict::error},
                    Kind{"out_of_memory", Verdict::error}, Kind{"runtime", Verdict::error},
                    Kind{"kernel_fault", Verdict::fail}, Kind{"invalid_request", Verdict::error}),
    [](const auto& kind) { return std::string(kind.param.kind); });

TEST_P(EveryErrorKind, HasItsVerdictAndKeepsTheWorker) {
  Session session(counted(at_seven(fails_with(GetParam().kind))), {});
  const Result result = session.run(idle_case(7));
  EXPECT_EQ(result.verdict, GetParam().verdict);
  EXPECT_EQ(result.reason, std::string(GetParam().kind) + ": it says why");
  EXPECT_EQ(session.run(idle_case(8)).verdict, Verdict::pass);
  EXPECT_EQ(starts(), 1u);
}

TEST_P(EveryErrorKind, CostsTheWorkerWhereItIsFatal) {
  Session session(counted(at_seven(fails_with(GetParam().kind, true))), {});
  EXPECT_EQ(session.run(idle_case(7)).verdict, GetParam().verdict);
  EXPECT_EQ(session.run(idle_case(8)).verdict, Verdict::pass);
  EXPECT_EQ(starts(), 2u);
}

// ---- Workers that do not start again -------------------------------------------------------

TEST_F(RunnerFaults, AWorkerThatFailsToStartThreeTimesIsOutOfService) {
  const std::string once = "[ $(wc -l < " + starts_.string() + ") = 1 ] || exit 9; ";
  Session session(counted("kill -SEGV $$", once), {});
  EXPECT_EQ(session.run(idle_case()).verdict, Verdict::crash);
  EXPECT_EQ(session.out_of_service(), "");
  for (int i = 0; i < 3; ++i) {
    const Result result = session.run(idle_case());
    EXPECT_EQ(result.verdict, Verdict::skipped);
    EXPECT_EQ(result.reason,
              "scripted no longer starts: the worker exited with status 9 before it answered");
    EXPECT_EQ(session.out_of_service(), result.reason);
  }
  EXPECT_EQ(starts(), 4u) << "three times after the first, and not for every case";
}

TEST_F(RunnerFaults, AWorkerThatStartsAtTheThirdTryGoesOn) {
  const std::string sometimes = "case $(wc -l < " + starts_.string() + ") in 2|3) exit 9 ;; esac; ";
  Session session(counted(at_seven("kill -SEGV $$"), sometimes), {});
  EXPECT_EQ(session.run(idle_case(7)).verdict, Verdict::crash);
  EXPECT_EQ(session.run(idle_case(8)).verdict, Verdict::pass);
  EXPECT_EQ(session.out_of_service(), "");
  EXPECT_EQ(starts(), 4u);
}

TEST_F(RunnerFaults, ASickDeviceCountsAsAFailedStart) {
  const std::string sick = hello + answer_error(2, "no_device", "the GPU fell off the bus");
  const std::string later =
      "[ $(wc -l < " + starts_.string() + ") = 1 ] || { " + sick + "exit; }; ";
  Session session(counted("kill -SEGV $$", later), {});
  EXPECT_EQ(session.run(idle_case()).verdict, Verdict::crash);
  EXPECT_EQ(session.run(idle_case()).reason, "scripted no longer starts: the GPU fell off the bus");
}

TEST_F(RunnerFaults, ASlowStartIsMadeBeforeItIsNeeded) {
  Session session(counted(at_seven("kill -SEGV $$")),
                  {.slow_start = 0ms, .cases_before_standby = 2});
  EXPECT_EQ(session.run(idle_case()).verdict, Verdict::pass);
  EXPECT_EQ(starts(), 1u) << "few cases are not worth another";
  EXPECT_EQ(session.run(idle_case()).verdict, Verdict::pass);
  EXPECT_EQ(starts(), 2u);
  EXPECT_EQ(session.run(idle_case(7)).verdict, Verdict::crash);
  EXPECT_EQ(starts(), 2u) << "the one that waits is not started anew";
  EXPECT_EQ(session.run(idle_case()).verdict, Verdict::pass);
  EXPECT_EQ(starts(), 3u) << "the next one to wait";
}

TEST_F(RunnerFaults, ForManyCasesTheSecondStartsWithTheFirst) {
  Session session(counted(at_seven("kill -SEGV $$")), {.standby_at_once = true});
  EXPECT_EQ(starts(), 2u);
  EXPECT_EQ(session.run(idle_case(7)).verdict, Verdict::crash);
  EXPECT_EQ(session.run(idle_case()).verdict, Verdict::pass);
  EXPECT_EQ(starts(), 2u);
}

TEST_F(RunnerFaults, AWaitingWorkerThatEndsIsReplaced) {
  // The second to start ends as soon as it is asked what it is.
  const std::string second =
      "[ $(wc -l < " + starts_.string() + ") != 2 ] || { " + hello + "exit 9; }; ";
  Session session(counted(at_seven("kill -SEGV $$"), second),
                  {.slow_start = 0ms, .cases_before_standby = 1});
  EXPECT_EQ(session.run(idle_case(7)).verdict, Verdict::crash);
  EXPECT_EQ(session.run(idle_case()).verdict, Verdict::pass);
  EXPECT_EQ(session.out_of_service(), "");
}

// ---- The parent's own troubles -------------------------------------------------------------

TEST_F(RunnerFaults, StopsWhenAPersonEndsTheRun) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const UniqueFd interrupt(ends[0]);
  const UniqueFd button(ends[1]);
  Session session(worker_that("sleep 100"), {.interrupt_fd = interrupt.get()});
  ASSERT_EQ(::write(button.get(), "!", 1), 1);
  EXPECT_THROW(static_cast<void>(session.run(idle_case())), Interrupted);
}

TEST_F(RunnerFaults, ACaseThatDoesNotFitInMemoryIsAnError) {
  Session session(counted(""), {});
  {
    const FileSizeLimit limit(1 << 20);  // of the memory that is shared with workers
    const Result result =
        session.run(parse_case("rms_norm dtype=fp32 tokens=1000 hidden=1000 eps=0"));
    EXPECT_EQ(result.verdict, Verdict::error);
    EXPECT_EQ(result.reason, "out_of_memory: this machine has not enough for the case's tensors");
  }
  EXPECT_EQ(session.run(idle_case()).verdict, Verdict::pass) << "smaller cases go on";
  EXPECT_EQ(starts(), 1u);
}

TEST_F(RunnerFaults, AsksTheWorkerToEndWhenItIsDone) {
  const auto end = folder_.path() / "end";
  {
    Session session(worker_that("true ;; *'\"method\":\"shutdown\"'*) echo > " + end.string()), {});
    EXPECT_EQ(session.run(idle_case()).verdict, Verdict::pass);
  }
  EXPECT_TRUE(std::filesystem::exists(end));
}

}  // namespace
}  // namespace fusegate::suites
