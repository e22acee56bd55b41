// The Python worker with a library that misbehaves (kernels/providers/testing/fake_library).
#include "suites/python_worker.hpp"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/base/test_support.hpp"
#include "suites/request.hpp"
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

RunnerOptions several_runs() {
  auto options = quick();
  options.runs = 3;
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
  expect_harmless("closes_streams");
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
  ::setenv("FAKE_TORCH_GPU", "1", 1);
  expect_told("draws_on_the_device", "the device's random state was changed, and put back");
}

TEST_F(PythonWorker, PutsTf32Back) {
  expect_told("allows_tf32", "torch.backends.cuda.matmul.allow_tf32 was changed, and put back");
}

TEST_F(PythonWorker, TellsOfThreadsThatGoOnAndLeavesThemBehind) {
  expect_told("leaves_thread", "threads that it started still run: 1");
  const auto result = misbehave("writes_late", several_runs());
  EXPECT_EQ(result.side_effects, std::vector<std::string>{"threads that it started still run: 1"});
}

TEST_F(PythonWorker, StopsATimerThatWouldEndTheNextCase) {
  expect_told("sets_a_timer", "a timer was changed, and put back");
}

TEST_F(PythonWorker, LeavesADirectoryThatIsGone) {
  expect_told("removes_directory", "the working directory was changed, and put back");
}

TEST_F(PythonWorker, KeepsAChildThatWritesLateFromTheNextCase) {
  auto options = quick();
  options.runs = 8;  // for longer than the child waits
  EXPECT_EQ(misbehave("forks_and_writes_late", options).verdict, Verdict::pass);
}

TEST_F(PythonWorker, AnswersOnceWhereALibraryForksWhileItIsImported) {
  auto config = config_for("rms_norm");
  config["package"] = "forking";
  config["entries"][0]["module"] = "forking";
  config["entries"][0]["arguments"] = {{"input", "x"}, {"weight", "weight"}, {"epsilon", "eps"}};
  Session session({.name = "toy", .command = python_worker_command("python3", config)}, quick());
  for (const char* eps : {"0.1", "0.2"}) {
    const auto result =
        session.run(parse_case(std::string("rms_norm dtype=bf16 tokens=3 hidden=24 eps=") + eps));
    EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
  }
}

TEST_F(PythonWorker, ACompilationThatHangsIsWaitedForOnce) {
  ::setenv("FAKE_TORCH_GPU", "1", 1);
  auto options = quick();
  options.case_time_limit = 1s;
  options.build_time_limit = 2s;
  Session session({.name = "toy", .command = python_worker_command("python3", config_for("hangs"))},
                  options);
  for (const char* hidden : {"8", "16", "24"}) {
    const auto result = session.run(
        parse_case(std::string("rms_norm dtype=bf16 tokens=3 eps=0.5 hidden=") + hidden));
    EXPECT_EQ(result.verdict, Verdict::timeout);
    expect_contains(result.reason, std::string(hidden) == "8" ? "within 2 s" : "within 1 s");
  }
}

TEST_F(PythonWorker, PreparingLeavesTheArenaAsItIs) {
  ::setenv("FAKE_TORCH_GPU", "1", 1);
  const auto c = parse_case("rms_norm dtype=bf16 tokens=3 hidden=24 eps=0.01");
  const Image image(c);
  Arena arena;
  const auto memory = arena.reserve(image.bytes()).first(image.bytes());
  image.write(memory, Poison::first);
  const std::vector<std::byte> before(memory.begin(), memory.end());
  const Implementation toy{.name = "toy",
                           .command = python_worker_command("python3", config_for("raises"))};
  WorkerClient worker(toy, arena.fd(), -1, 20s);
  EXPECT_GT(worker.prepare(make_request(c, image), 20s).seconds, 0);
  EXPECT_EQ(worker.prepare(make_request(c, image), 20s).seconds, 0);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), memory.begin()));
  static_cast<void>(worker.run(make_request(c, image), 20s));
  EXPECT_FALSE(std::equal(before.begin(), before.end(), memory.begin()));
  worker.shutdown();
}

TEST_F(PythonWorker, TellsWhichFilesWereLoadedForACase) {
  ::setenv("FAKE_TORCH_GPU", "1", 1);
  const auto result = misbehave("loads_a_module");
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
  ASSERT_FALSE(result.notes.empty());
  expect_contains(result.notes.front(), "loaded for it: /");
  expect_contains(result.notes.front(), "/built_norm.so");
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

TEST_F(PythonWorker, LosesTheCaseThatLeavesAnErrorAndSaysNothing) {
  ::setenv("FAKE_TORCH_GPU", "1", 1);
  expect_lost("leaves_error", Verdict::error,
              "hostile.leaves_error returned, and left an error behind that torch's next call is "
              "told: RuntimeError: CUDA error: invalid argument");
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

/// Of a function that takes rows of up to 64 elements.
Implementation limited(const std::string& symbol, bool beyond_limits = false) {
  probe::Limits limits;
  limits.hidden.max = 64;
  return {.name = "toy",
          .command = python_worker_command("python3", config_for(symbol)),
          .needs = "",
          .start_time_limit = {},
          .policies = {},
          .limits = {{"rms_norm", {"hostile." + symbol, limits}}},
          .beyond_limits = beyond_limits};
}

TEST_F(PythonWorker, CallsNothingBeyondDeclaredLimits) {
  Session session(limited("raises"), quick());
  const auto wide = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=65 eps=0.5"));
  EXPECT_EQ(wide.verdict, Verdict::unsupported);
  EXPECT_EQ(wide.reason, "unsupported: hostile.raises: rows of 65 elements; it takes max 64");
  const auto lacking = session.run(parse_case("add_rms_norm dtype=bf16 tokens=3 hidden=8 eps=0.5"));
  EXPECT_EQ(lacking.verdict, Verdict::unsupported);
  expect_contains(lacking.reason, "there is no such function in this release");
}

TEST_F(PythonWorker, BeyondLimitsARefusalIsOne) {
  Session session(limited("raises", true), quick());
  const auto refused = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=65 eps=0.5"));
  EXPECT_EQ(refused.verdict, Verdict::unsupported);
  expect_contains(
      refused.reason,
      "declared: rows of 65 elements; it takes max 64; refused: runtime: ValueError: no "
      "such width");
  const auto right = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=65 eps=0.01"));
  EXPECT_EQ(right.verdict, Verdict::unsupported);
  EXPECT_EQ(right.declared->conduct, Conduct::right);
  const auto within = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=64 eps=0.01"));
  EXPECT_EQ(within.verdict, Verdict::pass) << within.reason;
  EXPECT_EQ(within.declared->limit, "");
}

TEST_F(PythonWorker, BeyondLimitsNothingIsDeclaredOfWhatItLacks) {
  Session session(limited("raises", true), quick());
  const auto lacking = session.run(parse_case("add_rms_norm dtype=bf16 tokens=3 hidden=8 eps=0.5"));
  EXPECT_EQ(lacking.verdict, Verdict::unsupported);
  EXPECT_FALSE(lacking.declared.has_value());
}

TEST_F(PythonWorker, BeyondLimitsWhatItDoesIsNoFailedCheck) {
  for (const auto& [symbol, conduct] : {std::pair{"crashes", Conduct::crashed},
                                        {"hangs", Conduct::hung},
                                        {"raises", Conduct::refused},
                                        {"returns_text", Conduct::wrong}}) {
    Session session(limited(symbol, true), quick());
    const auto result = session.run(parse_case("rms_norm dtype=bf16 tokens=3 hidden=65 eps=0.5"));
    EXPECT_EQ(result.verdict, Verdict::unsupported) << symbol;
    EXPECT_EQ(result.declared->conduct, conduct) << symbol << ": " << result.reason;
    EXPECT_TRUE(result.errors.empty());
  }
}

TEST_F(PythonWorker, ALibraryFromElsewhereIsAnotherOne) {
  auto config = config_for("raises");
  config["root"] = "/usr";
  const auto why_not = [&] {
    return message_of<SessionUnavailable>([&] {
      const Session session({.name = "toy", .command = python_worker_command("python3", config)},
                            quick());
    });
  };
  expect_contains(why_not(), "cannot run: hostile cannot be imported: ModuleNotFoundError");
  config["package"] = "json";
  expect_contains(why_not(), "json was imported from ");
}

TEST_F(PythonWorker, OffersTheTypesThatItsFunctionTakes) {
  const auto offered = [](const Json& dtypes) {
    auto config = config_for("raises");
    config["entries"][0]["dtypes"] = dtypes;
    const Session session({.name = "toy", .command = python_worker_command("python3", config)},
                          quick());
    return session.description().at("operations").at(0).at("dtypes");
  };
  EXPECT_EQ(offered({"bf16", "fp8"}), Json({"bf16"}));
  EXPECT_EQ(offered({"any"}), Json({"fp32", "fp16", "bf16"}));
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

TEST_F(PythonWorker, ItsFingerprintFollowsWhatItDoesNotCall) {
  const auto of = [](const Implementation& implementation) {
    const Session session(implementation, quick());
    return session.description().at("fingerprint").get<std::string>();
  };
  auto wider = limited("raises");
  wider.limits.at("rms_norm").limits.hidden.max = 65;
  EXPECT_NE(of(limited("raises")), of(wider));
  EXPECT_NE(of(limited("raises")), of(limited("raises", true)));
}

}  // namespace
}  // namespace fusegate::suites
