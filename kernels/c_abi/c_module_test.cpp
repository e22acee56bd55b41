// What a module is told by and what refuses one; its calls are tried in suites.
#include "kernels/c_abi/c_module.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "kernels/worker/messages.hpp"

namespace fusegate::kernels {
namespace {

std::string refusal(const CCallTable& table) {
  try {
    const CModule module(table);
  } catch (const WorkerError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::no_device);
    return error.what();
  }
  return "it was taken";
}

TEST(CModule, ThatIsNotThereIsRefused) {
  EXPECT_EQ(refusal({.module = "/nowhere/module.so"}).find("/nowhere/module.so cannot be loaded: "),
            0u);
}

TEST(CModule, ThatNeedsARuntimeThisProgramLacksIsRefused) {
  // kernels_test has the CPU runtime, but exports nothing of it.
  const auto reason =
      refusal({.module = std::string(FUSEGATE_C_MODULES) + "/sound/module_rmsnorm.so"});
  EXPECT_NE(reason.find("undefined symbol"), std::string::npos) << reason;
}

// The C library stands for a module.
const std::string any_module = "libc.so.6";

TEST(CModule, WithoutAFunctionIsRefused) {
  CCallTable table{.module = any_module};
  table.entries = {{"rms_norm", "toy.norm", "first", "toy_norm", {}}};
  EXPECT_EQ(refusal(table), any_module + " has no toy_norm");
}

TEST(CModule, WithoutTheVersionsSymbolIsOfVersion1) {
  const CModule module({.module = any_module, .version_symbol = "toy_version"});
  EXPECT_EQ(module.version(), 1);
  EXPECT_EQ(module.last_error(), "");
}

TEST(CModule, OfAVersionThatNobodyKnowsIsRefused) {
  // int getpid(void) is neither 1 nor 2.
  const auto reason = refusal({.module = any_module, .version_symbol = "getpid"});
  EXPECT_NE(reason.find("getpid says "), std::string::npos) << reason;
  EXPECT_NE(reason.find("known are 1 and 2"), std::string::npos) << reason;
}

TEST(CallTable, RefusesWhatItDoesNotKnow) {
  const auto table = [](const std::string& type, const std::string& meaning) {
    return R"({"module": "m.so", "entries": [{"op": "o", "entry": "e", "generation": "g",
      "symbol": "s", "arguments": [{"name": "a", "type": ")" +
           type + R"(", "meaning": ")" + meaning + R"("}]}]})";
  };
  EXPECT_EQ(parse_call_table(table("int32", "stream")).entries.at(0).arguments.at(0).meaning,
            CMeaning::stream);
  EXPECT_THROW(parse_call_table(table("int16", "stream")), std::invalid_argument);
  EXPECT_THROW(parse_call_table(table("int32", "streem")), std::invalid_argument);
  EXPECT_THROW(parse_call_table("{}"), nlohmann::json::exception);
}

TEST(CallTable, TellsATensorFromWhatIsCopiedThere) {
  const auto table = parse_call_table(
      R"({"module": "m.so", "entries": [{"op": "o", "entry": "e", "generation": "g",
      "symbol": "s", "arguments": [{"name": "a", "type": "uint64", "meaning": "address",
      "of": "x -> out"}]}]})");
  EXPECT_EQ(table.entries[0].arguments[0].before, "x");
  EXPECT_EQ(table.entries[0].arguments[0].of, "out");
}

}  // namespace
}  // namespace fusegate::kernels
