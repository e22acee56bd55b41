// What any worker must do (kernels/worker/PROTOCOL.md), asked line by line and not through our
// client. FUSEGATE_CONFORMANCE_WORKER names the command of another worker to try, as --worker does;
// FUSEGATE_TORCH_PYTHON an interpreter with torch, for the Python worker.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "kernels/worker/messages.hpp"
#include "probe/base/text.hpp"
#include "probe/process/subprocess.hpp"
#include "reference/policy.hpp"
#include "suites/arena.hpp"
#include "suites/image.hpp"
#include "suites/judge.hpp"
#include "suites/request.hpp"
#include "suites/result.hpp"
#include "suites/testing/c_library.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr int arena_fd = 7;  // any number will do: the variable says which

SpawnOptions options_for(const std::string& command, const Arena& arena) {
  SpawnOptions options{.inherit = {{arena_fd, arena.fd()}},
                       .environment = {{kernels::arena_variable, std::to_string(arena_fd)}}};
  for (const auto word : split_words(command)) options.argv.emplace_back(word);
  return options;
}

/// The worker of C functions, for a module that is made for tests.
std::string c_worker() {
  const auto libraries = probe::known_libraries();
  const auto& library = find_contract(libraries, "aiter");
  const auto& all = library.implementations;
  const auto chosen = std::find_if(
      all.begin(), all.end(), [](const auto& one) { return one.interface == probe::Interface::c; });
  const auto found = library_with(library, {"_rms_norm_opus_raw", "_add_rms_norm_opus_raw"});
  return join(c_implementation(*chosen, library, found, modules_in(c_modules("sound"))).command,
              " ");
}

/// The commands to try.
std::vector<std::string> workers() {
  std::vector<std::string> commands{
      FUSEGATE_WORKER_SIMT, c_worker(),
      std::string("python3 ") + FUSEGATE_FAULTY_WORKER + " none 0 " + FUSEGATE_WORKER_SIMT,
      std::string("python3 ") + FUSEGATE_TOY_WORKER + " toy"};
  if (const char* python = std::getenv("FUSEGATE_TORCH_PYTHON")) {
    commands.push_back(std::string(python) + " " + FUSEGATE_TOY_WORKER + " torch");
  }
  if (const char* command = std::getenv("FUSEGATE_CONFORMANCE_WORKER")) commands = {command};
  return commands;
}

class Conformance : public ::testing::TestWithParam<std::string> {
 protected:
  Conformance() : process_(options_for(GetParam(), arena_)) {}

  Json answer_to(const std::string& line) {
    EXPECT_TRUE(process_.write(line + "\n", Clock::now() + 10s));
    std::string answer;
    EXPECT_EQ(process_.read_line(answer, Clock::now() + 60s, kernels::max_message_bytes),
              ReadStatus::line)
        << process_.error_tail();
    return Json::parse(answer, nullptr, false);
  }

  Json call(const std::string& method, const Json& params = Json::object()) {
    const Json request{{"id", ++id_}, {"method", method}, {"params", params}};
    const Json answer = answer_to(request.dump());
    EXPECT_EQ(answer.value("id", -1), id_) << answer;
    EXPECT_NE(answer.contains("result"), answer.contains("error")) << answer;
    return answer;
  }

  /// Asks for a case, and judges what is in the arena then.
  Result run(const std::string& line) {
    const Case c = parse_case(line);
    const Image image(c);
    const auto memory = arena_.reserve(image.bytes()).first(image.bytes());
    image.write(memory, Poison::first);
    const auto request = make_request(c, image);
    const Json answer = call("run", request);
    EXPECT_TRUE(answer.contains("result")) << answer;
    EXPECT_TRUE(answer.value("result", Json::object()).contains("launches")) << answer;
    Judge judge(c, image, {});
    judge.see_first(memory);
    Result result;
    judge.conclude(result);
    return result;
  }

  static std::string error_kind(const Json& answer) {
    return answer.value("error", Json::object()).value("kind", "no error");
  }

  Arena arena_;
  Subprocess process_;
  int id_ = 0;
};

TEST_P(Conformance, GreetsInThisProtocolAndInNoOther) {
  const Json hello = call("hello", {{"protocol", kernels::protocol_version}});
  EXPECT_EQ(hello.at("result").at("protocol"), kernels::protocol_version);
  EXPECT_TRUE(hello.at("result").at("worker").is_string());
  EXPECT_EQ(error_kind(call("hello", {{"protocol", 999}})), "invalid_request");
}

TEST_P(Conformance, DescribesItsDeviceAndListsItsOps) {
  const Json device = call("describe").at("result").at("device");
  for (const char* key : {"name", "architecture", "memory_bytes"}) {
    EXPECT_TRUE(device.contains(key)) << key;
  }
  const Json operations = call("list").at("result").at("operations");
  ASSERT_FALSE(operations.empty());
  EXPECT_TRUE(operations.at(0).at("op").is_string());
}

TEST_P(Conformance, RefusesWhatItDoesNotKnowAndGoesOn) {
  EXPECT_EQ(error_kind(call("dance")), "invalid_request");
  EXPECT_EQ(error_kind(answer_to("this is no JSON")), "invalid_request");
  EXPECT_EQ(error_kind(call("run", {{"op", "rms_norm"}})), "invalid_request");
  const Json unknown{{"op", "rms_nrom"},
                     {"parameters", Json::object()},
                     {"tensors", Json::array()},
                     {"arena_bytes", 0},
                     {"schedule", 0}};
  EXPECT_EQ(error_kind(call("run", unknown)), "unsupported");
  EXPECT_TRUE(call("list").contains("result"));
}

TEST_P(Conformance, RefusesTensorsOutsideTheArena) {
  arena_.reserve(4096);
  const Json tensor{{"name", "x"},     {"dtype", "bf16"},    {"rows", 1},
                    {"columns", 4096}, {"row_stride", 4096}, {"offset", 0}};
  const Json request{{"op", "rms_norm"},
                     {"parameters", {{"eps", 1e-6}}},
                     {"tensors", Json::array({tensor})},
                     {"arena_bytes", 4096},
                     {"schedule", 0}};
  EXPECT_EQ(error_kind(call("run", request)), "invalid_request");
}

// ---- Tensors that do not fit together ---------------------------------------------------------

Json tensor(const std::string& name, int rows, int columns, int offset) {
  return {{"name", name},       {"dtype", "bf16"},       {"rows", rows},
          {"columns", columns}, {"row_stride", columns}, {"offset", offset}};
}

constexpr std::size_t small_arena = 1u << 16;

/// Requests that are right, with room around every tensor.
Json sound_request(const std::string& op) {
  Json request{{"op", op},
               {"parameters", {{"eps", 1e-6}, {"q_eps", 1e-6}, {"kv_eps", 1e-6}}},
               {"tensors", Json::array()},
               {"arena_bytes", small_arena},
               {"schedule", 0}};
  auto& tensors = request["tensors"];
  int offset = 0;
  using Prefixes = std::vector<std::string>;
  for (const auto& prefix : op == "dual_rms_norm" ? Prefixes{"q_", "kv_"} : Prefixes{""}) {
    const int columns = prefix == "kv_" ? 32 : 64;
    for (const char* name : {"x", "weight", "out", "residual", "residual_out"}) {
      const bool of_sum = std::string(name).starts_with("residual");
      if (of_sum && op != "add_rms_norm") continue;
      const int rows = std::string(name) == "weight" ? 1 : 4;
      tensors.push_back(tensor(prefix + name, rows, columns, offset));
      offset += 4096;
    }
  }
  return request;
}

struct Change {
  std::string tensor;
  std::string member;
  std::int64_t value;
};

struct Misfit {
  std::string op;
  std::vector<Change> changes;
};

Json with_changes(const Misfit& misfit) {
  Json request = sound_request(misfit.op);
  for (const Change& change : misfit.changes) {
    for (auto& entry : request["tensors"]) {
      if (entry["name"] == change.tensor) entry[change.member] = change.value;
    }
  }
  return request;
}

const Misfit misfits[] = {
    {"rms_norm", {{"weight", "columns", 1}}},
    {"rms_norm", {{"weight", "rows", 0}}},
    {"rms_norm", {{"x", "rows", 100}}},
    {"rms_norm", {{"out", "rows", 1}}},
    {"rms_norm", {{"out", "columns", 32}}},
    {"rms_norm", {{"x", "columns", 0}, {"weight", "columns", 0}, {"out", "columns", 0}}},
    {"rms_norm", {{"x", "offset", 1}}},
    {"rms_norm", {{"weight", "offset", 4097}}},
    {"rms_norm", {{"x", "row_stride", 63}}},
    {"rms_norm", {{"out", "row_stride", 0}}},
    {"rms_norm", {{"x", "row_stride", -64}}},
    {"add_rms_norm", {{"residual", "rows", 3}}},
    {"add_rms_norm", {{"residual", "columns", 32}}},
    {"add_rms_norm", {{"residual_out", "rows", 1}}},
    {"add_rms_norm", {{"residual_out", "columns", 63}}},
    {"add_rms_norm", {{"weight", "columns", 63}}},
    {"dual_rms_norm", {{"kv_weight", "columns", 1}}},
    {"dual_rms_norm", {{"q_out", "rows", 1}}},
    {"dual_rms_norm", {{"kv_x", "rows", 3}, {"kv_out", "rows", 3}}},
};

TEST_P(Conformance, RefusesTensorsThatDoNotFitTogether) {
  arena_.reserve(small_arena);
  for (const char* op : {"rms_norm", "add_rms_norm", "dual_rms_norm"}) {
    const Json answer = call("run", sound_request(op));
    EXPECT_TRUE(answer.contains("result") || error_kind(answer) == "unsupported") << answer;
  }
  for (const Misfit& misfit : misfits) {
    const Json request = with_changes(misfit);
    const Json answer = call("run", request);
    if (error_kind(answer) == "unsupported") continue;  // it need not offer every op
    EXPECT_EQ(error_kind(answer), "invalid_request") << request << answer;
  }
  Json bare = sound_request("rms_norm");
  bare["tensors"] = Json::array();
  EXPECT_EQ(error_kind(call("run", bare)), "invalid_request");
  EXPECT_TRUE(call("list").contains("result"));
}

TEST_P(Conformance, RefusesAnArenaLargerThanItsMemory) {
  arena_.reserve(small_arena);
  Json request = sound_request("rms_norm");
  request["arena_bytes"] = 1u << 20;
  request["tensors"][0]["offset"] = (1u << 20) - 4096;
  EXPECT_EQ(error_kind(call("run", request)), "invalid_request");
  EXPECT_TRUE(call("list").contains("result"));
}

// ---- Cases ------------------------------------------------------------------------------------

TEST_P(Conformance, RunsCasesInAnArenaThatGrows) {
  for (const char* line : {"rms_norm dtype=bf16 tokens=3 hidden=64 eps=1e-06",
                           "rms_norm dtype=fp32 tokens=17 hidden=4096 eps=1e-06",
                           "rms_norm dtype=bf16 tokens=3 hidden=64 eps=0.01"}) {
    const Result result = run(line);
    EXPECT_EQ(result.verdict, Verdict::pass) << line << ": " << result.reason;
  }
}

TEST_P(Conformance, RunsInPlaceAndNothingAtAll) {
  for (const char* line : {"add_rms_norm dtype=fp16 tokens=3 hidden=257 eps=1e-06 in_place=1",
                           "rms_norm dtype=bf16 tokens=0 hidden=64 eps=1e-06"}) {
    const Result result = run(line);
    EXPECT_EQ(result.verdict, Verdict::pass) << line << ": " << result.reason;
  }
}

TEST_P(Conformance, EndsWhenItIsToldTo) {
  EXPECT_TRUE(call("shutdown").contains("result"));
  const auto status = process_.wait_until(Clock::now() + 10s);
  ASSERT_TRUE(status.has_value()) << "it did not end";
  EXPECT_TRUE(status->ok()) << status->text();
}

TEST_P(Conformance, EndsWithItsInput) {
  ASSERT_TRUE(call("list").contains("result"));
  process_.close_input();
  EXPECT_TRUE(process_.wait_until(Clock::now() + 10s).has_value()) << "it did not end";
}

INSTANTIATE_TEST_SUITE_P(Worker, Conformance, ::testing::ValuesIn(workers()),
                         [](const auto& worker) { return std::to_string(worker.index); });

}  // namespace
}  // namespace fusegate::suites
