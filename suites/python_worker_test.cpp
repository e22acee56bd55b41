// The Python worker with a library that misbehaves (kernels/providers/testing/fake_library).
#include "suites/python_worker.hpp"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/test_support.hpp"
#include "suites/runner.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

Json config_for(const std::string& symbol) {
  return {{"name", "toy"},
          {"package", "hostile"},
          {"root", FUSEGATE_FAKE_LIBRARY},
          {"on_cpu", true},
          {"entries",
           {{{"op", "rms_norm"},
             {"module", "hostile"},
             {"symbol", symbol},
             {"limits", {{"hidden", {{"max", 64}}}}},
             {"arguments", {{"x", "x"}, {"weight", "weight"}, {"eps", "eps"}}},
             {"returns", {"out"}}}}},
          {"lacking", {{"add_rms_norm", "there is no such function in this release"}}}};
}

RunnerOptions quick() {
  RunnerOptions options;
  options.case_time_limit = 20s;
  options.runs = 1;
  return options;
}

class PythonWorker : public ::testing::Test {
 protected:
  PythonWorker() {
    ::setenv("PYTHONPATH", FUSEGATE_FAKE_TORCH, 1);
    ::unsetenv("FAKE_TORCH_GPU");
  }
  ~PythonWorker() override { ::unsetenv("PYTHONPATH"); }

  /// Of the case in which the function misbehaves; the case after it must pass.
  static Result misbehave(const std::string& symbol, RunnerOptions options = quick()) {
    Session session(
        {.name = "toy", .command = python_worker_command("python3", config_for(symbol))}, options);
    auto result = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.5"));
    const auto next = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01"));
    EXPECT_EQ(next.verdict, Verdict::pass) << next.reason;
    EXPECT_TRUE(next.side_effects.empty()) << next.side_effects.front();
    return result;
  }

  /// It comes back with the right result, and tells.
  static void expect_told(const std::string& symbol, const std::string& told) {
    const auto result = misbehave(symbol);
    EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
    EXPECT_EQ(result.side_effects, std::vector<std::string>{told});
  }

  static void expect_harmless(const std::string& symbol) {
    const auto result = misbehave(symbol);
    EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
    EXPECT_TRUE(result.side_effects.empty()) << result.side_effects.front();
  }

  static void expect_lost(const std::string& symbol, Verdict verdict, const std::string& reason) {
    const auto result = misbehave(symbol);
    EXPECT_EQ(result.verdict, verdict);
    expect_contains(result.reason, reason);
  }
};

TEST_F(PythonWorker, KeepsWhatALibraryPrintsFromTheAnswers) {
  expect_harmless("prints");
}

TEST_F(PythonWorker, HasALibraryReadNothing) {
  expect_harmless("reads_input");
}

TEST_F(PythonWorker, AnswersOnceWhereALibraryForks) {
  expect_harmless("forks");
}

TEST_F(PythonWorker, KeepsItsDescriptorsFromALibraryThatClosesThem) {
  expect_harmless("closes_descriptors");
}

TEST_F(PythonWorker, PutsTheDirectoryBack) {
  expect_told("changes_directory", "the working directory was changed, and put back");
}

TEST_F(PythonWorker, PutsTheEnvironmentBack) {
  expect_told("changes_environment", "the environment was changed, and put back");
}

TEST_F(PythonWorker, PutsSignalHandlersBack) {
  expect_told("handles_signals", "a signal handler was changed, and put back");
}

TEST_F(PythonWorker, PutsTheDefaultDtypeBack) {
  expect_told("changes_dtype", "torch's default dtype was changed, and put back");
}

TEST_F(PythonWorker, PutsRandomStatesBack) {
  expect_told("draws_random_numbers", "Python's random state was changed, and put back");
}

TEST_F(PythonWorker, TellsOfThreadsThatGoOn) {
  expect_told("leaves_thread", "1 more threads run");
}

TEST_F(PythonWorker, GoesOnAfterAnException) {
  expect_lost("raises", Verdict::error, "ValueError: no such width (");
  expect_lost("exits", Verdict::error, "SystemExit: 3");
  expect_lost("runs_out_of_memory", Verdict::error, "out_of_memory: ");
}

TEST_F(PythonWorker, TakesALeftErrorOfTheDeviceFromTheNextCase) {
  ::setenv("FAKE_TORCH_GPU", "1", 1);
  expect_lost("fails_to_launch", Verdict::error, "RuntimeError: the launch failed (");
  expect_lost("fails_to_launch", Verdict::error,
              "; it left behind: RuntimeError: CUDA error: invalid argument");
}

TEST_F(PythonWorker, LosesTheCaseThatTakesItDown) {
  expect_lost("crashes", Verdict::crash, "SIGSEGV");
  expect_lost("ends", Verdict::crash, "exited with status 4");
}

TEST_F(PythonWorker, LosesTheCaseThatHangs) {
  auto options = quick();
  options.case_time_limit = 2s;
  EXPECT_EQ(misbehave("hangs", options).verdict, Verdict::timeout);
}

TEST_F(PythonWorker, TakesNoResultOfAnotherKind) {
  expect_lost("returns_text", Verdict::fail, "returned no tensor for out, but str");
  expect_lost("returns_another_shape", Verdict::fail, "returned (1, 1) of torch.bfloat16 for out");
  expect_lost("returns_another_type", Verdict::fail, "of torch.float32 for out");
}

TEST_F(PythonWorker, CallsNothingBeyondDeclaredLimits) {
  Session session(
      {.name = "toy", .command = python_worker_command("python3", config_for("raises"))}, quick());
  const auto wide = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=65 eps=0.5"));
  EXPECT_EQ(wide.verdict, Verdict::unsupported);
  expect_contains(wide.reason, "rows of 65 elements; it takes max 64");
  const auto lacking = session.run(parse_case("add_rms_norm dtype=bf16 tokens=3 hidden=8 eps=0.5"));
  EXPECT_EQ(lacking.verdict, Verdict::unsupported);
  expect_contains(lacking.reason, "there is no such function in this release");
}

TEST_F(PythonWorker, BeyondLimitsARefusalIsOne) {
  auto config = config_for("raises");
  config["beyond_limits"] = true;
  Session session({.name = "toy", .command = python_worker_command("python3", config)}, quick());
  const auto refused = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=65 eps=0.5"));
  EXPECT_EQ(refused.verdict, Verdict::unsupported);
  expect_contains(refused.reason, "refused: ValueError: no such width");
  const auto right = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=65 eps=0.01"));
  EXPECT_EQ(right.verdict, Verdict::pass) << right.reason;
}

TEST_F(PythonWorker, ALibraryFromElsewhereIsAnotherOne) {
  auto config = config_for("raises");
  config["root"] = "/usr";
  const auto why = message_of<SessionUnavailable>([&] {
    const Session session({.name = "toy", .command = python_worker_command("python3", config)},
                          quick());
  });
  expect_contains(why, "cannot run: hostile cannot be imported: ModuleNotFoundError");
}

TEST_F(PythonWorker, ItsFingerprintFollowsWhatItCalls) {
  const auto of = [](const Json& config) {
    const Session session({.name = "toy", .command = python_worker_command("python3", config)},
                          quick());
    return session.description().at("fingerprint").get<std::string>();
  };
  EXPECT_EQ(of(config_for("raises")), of(config_for("raises")));
  EXPECT_NE(of(config_for("raises")), of(config_for("prints")));
}

}  // namespace
}  // namespace fusegate::suites
