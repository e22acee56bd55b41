#include "kernels/worker/messages.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace fusegate::kernels {
namespace {

using Json = nlohmann::ordered_json;

// As the other end of the pipe gets it.
template <class Message>
Message through_text(const Message& message) {
  return Json::parse(Json(message).dump()).template get<Message>();
}

RunRequest some_request() {
  return {.op = "rms_norm",
          .parameters = {{"eps", 1e-06}, {"group", std::int64_t{128}}, {"layout", "column"}},
          .tensors = {{"x", "bf16", 17, 7168, 8192, 4096}, {"out", "fp32", 0, 1, 1, 1u << 20}},
          .arena_bytes = 1u << 21,
          .schedule = std::numeric_limits<std::uint64_t>::max()};
}

// ---- Round trips ------------------------------------------------------------------------------

TEST(RunRequest, KeepsTheOp) {
  EXPECT_EQ(through_text(some_request()).op, "rms_norm");
}

TEST(RunRequest, KeepsParametersWithTheirKinds) {
  EXPECT_EQ(through_text(some_request()).parameters, some_request().parameters);
}

TEST(RunRequest, KeepsRealParametersReal) {
  for (const double value : {0.0, 1.0, 1e-06, 1e-12, 0.01, 1e300, 5e-324}) {
    RunRequest request = some_request();
    request.parameters = {{"eps", value}};
    EXPECT_EQ(through_text(request).parameters.at("eps"), Scalar(value)) << value;
  }
}

TEST(RunRequest, KeepsEveryMemberOfATensor) {
  const auto tensors = through_text(some_request()).tensors;
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors[0].name, "x");
  EXPECT_EQ(tensors[0].dtype, "bf16");
  EXPECT_EQ(tensors[0].rows, 17);
  EXPECT_EQ(tensors[0].columns, 7168);
  EXPECT_EQ(tensors[0].row_stride, 8192);
  EXPECT_EQ(tensors[0].offset, 4096u);
  EXPECT_EQ(tensors[1].name, "out");
}

TEST(RunRequest, KeepsNumbersOf64Bits) {
  const auto request = through_text(some_request());
  EXPECT_EQ(request.arena_bytes, 1u << 21);
  EXPECT_EQ(request.schedule, std::numeric_limits<std::uint64_t>::max());
}

TEST(RunRequest, ReplacesWhatWasThere) {
  RunRequest request = some_request();
  from_json(Json{{"op", "o"},
                 {"parameters", Json::object()},
                 {"tensors", Json::array()},
                 {"arena_bytes", 0},
                 {"schedule", 0}},
            request);
  EXPECT_TRUE(request.parameters.empty());
  EXPECT_TRUE(request.tensors.empty());
}

TEST(RunResult, KeepsLaunches) {
  const RunResult result{.launches = {{"norm", {1, 2, 3}, {64, 5, 6}, 8, 2}}};
  const auto launches = through_text(result).launches;
  ASSERT_EQ(launches.size(), 1u);
  EXPECT_EQ(launches[0].kernel, "norm");
  EXPECT_EQ(launches[0].grid, (std::array<std::uint32_t, 3>{1, 2, 3}));
  EXPECT_EQ(launches[0].block, (std::array<std::uint32_t, 3>{64, 5, 6}));
  EXPECT_EQ(launches[0].vector, 8);
  EXPECT_EQ(launches[0].cached, 2);
}

TEST(RunResult, KeepsTheTimeAndItsAbsence) {
  EXPECT_EQ(through_text(RunResult{.device_us = 12.5}).device_us, 12.5);
  EXPECT_EQ(through_text(RunResult{}).device_us, std::nullopt);
  EXPECT_TRUE(Json(RunResult{}).at("device_us").is_null()) << "the key is always there";
}

TEST(RunResult, OfAnotherWorkerMayLeaveOutWhatIsOptional) {
  const auto result =
      Json::parse(R"({"launches": [{"kernel": "k", "grid": [1,1,1], "block": [2,1,1]}]})")
          .get<RunResult>();
  EXPECT_EQ(result.launches.at(0).vector, 0);
  EXPECT_EQ(result.launches.at(0).cached, 0);
  EXPECT_EQ(result.device_us, std::nullopt);
}

// ---- Names of errors --------------------------------------------------------------------------

TEST(ErrorKind, HasANameThatParsesBack) {
  for (const ErrorKind kind :
       {ErrorKind::unsupported, ErrorKind::no_device, ErrorKind::out_of_memory, ErrorKind::runtime,
        ErrorKind::kernel_fault, ErrorKind::invalid_request}) {
    EXPECT_EQ(parse_error_kind(error_kind_name(kind)), kind) << error_kind_name(kind);
  }
}

TEST(ErrorKind, HasTheNamesOfTheProtocol) {
  EXPECT_STREQ(error_kind_name(ErrorKind::unsupported), "unsupported");
  EXPECT_STREQ(error_kind_name(ErrorKind::no_device), "no_device");
  EXPECT_STREQ(error_kind_name(ErrorKind::out_of_memory), "out_of_memory");
  EXPECT_STREQ(error_kind_name(ErrorKind::runtime), "runtime");
  EXPECT_STREQ(error_kind_name(ErrorKind::kernel_fault), "kernel_fault");
  EXPECT_STREQ(error_kind_name(ErrorKind::invalid_request), "invalid_request");
}

TEST(ErrorKind, OfANewerWorkerIsARuntimeError) {
  EXPECT_EQ(parse_error_kind("gremlins"), ErrorKind::runtime);
  EXPECT_EQ(parse_error_kind(""), ErrorKind::runtime);
}

TEST(WorkerError, IsNotFatalUnlessItSaysSo) {
  EXPECT_FALSE(WorkerError(ErrorKind::runtime, "x").fatal());
  EXPECT_TRUE(WorkerError(ErrorKind::runtime, "x", true).fatal());
}

// ---- Foreign documents ------------------------------------------------------------------------

class ForeignRequest : public testing::TestWithParam<const char*> {};

// Each is a sound request with one thing wrong, given as a JSON merge patch (RFC 7386).
INSTANTIATE_TEST_SUITE_P(
    Patches, ForeignRequest,
    testing::Values(R"({"op": null})", R"({"op": 5})", R"({"parameters": null})",
                    R"({"parameters": {"eps": true}})", R"({"parameters": {"eps": [1]}})",
                    R"({"parameters": {"eps": {}}})", R"({"tensors": null})",
                    R"({"tensors": {"name": "x"}})", R"({"tensors": [5]})",
                    R"({"tensors": [{"name": "x"}]})", R"({"arena_bytes": null})",
                    R"({"arena_bytes": "1"})", R"({"schedule": null})", R"({"schedule": []})"));

TEST_P(ForeignRequest, Throws) {
  Json json = some_request();
  json.merge_patch(Json::parse(GetParam()));
  EXPECT_THROW(json.get<RunRequest>(), Json::exception) << json;
}

TEST(ForeignRequest, IsNoObject) {
  for (const char* text : {"null", "[]", "5", "\"run\""}) {
    EXPECT_THROW(Json::parse(text).get<RunRequest>(), Json::exception) << text;
  }
}

class ForeignResult : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(
    Documents, ForeignResult,
    testing::Values(
        "null", "[]", "{}", "\"done\"", R"({"launches": null})", R"({"launches": {"kernel": "k"}})",
        R"({"launches": ["k"]})", R"({"launches": [{"grid": [1,1,1], "block": [1,1,1]}]})",
        R"({"launches": [{"kernel": 7, "grid": [1,1,1], "block": [1,1,1]}]})",
        R"({"launches": [{"kernel": "k", "grid": [1,1], "block": [1,1,1]}]})",
        R"({"launches": [{"kernel": "k", "grid": [1,1,1], "block": 64}]})",
        R"({"launches": [{"kernel": "k", "grid": ["1",1,1], "block": [1,1,1]}]})",
        R"({"launches": [{"kernel": "k", "grid": [-1,1,1], "block": [1,1,1]}]})",
        R"({"launches": [{"kernel": "k", "grid": [1e300,1,1], "block": [1,1,1]}]})",
        R"({"launches": [{"kernel": "k", "grid": [4294967296,1,1], "block": [1,1,1]}]})",
        R"({"launches": [{"kernel": "k", "grid": [1,1,1], "block": [1,1,1],
                                      "vector": 1e300}]})"));

TEST_P(ForeignResult, Throws) {
  EXPECT_THROW(Json::parse(GetParam()).get<RunResult>(), std::exception);
}

TEST(ForeignResult, OfMoreLaunchesThanAnyOperationHasThrows) {
  const Json launch{{"kernel", "k"}, {"grid", {1, 1, 1}}, {"block", {1, 1, 1}}};
  EXPECT_EQ((Json{{"launches", std::vector<Json>(1000, launch)}}).get<RunResult>().launches.size(),
            1000u);
  EXPECT_THROW((Json{{"launches", std::vector<Json>(1001, launch)}}).get<RunResult>(),
               std::out_of_range);
}

TEST(ForeignResult, TimeThatIsNoNumberIsNone) {
  for (const char* time : {"null", "\"fast\"", "[]", "true"}) {
    const auto json = Json{{"launches", Json::array()}, {"device_us", Json::parse(time)}};
    EXPECT_EQ(json.get<RunResult>().device_us, std::nullopt) << time;
  }
}

}  // namespace
}  // namespace fusegate::kernels
