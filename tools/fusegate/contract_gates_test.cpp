// contract gates: the data that is built in, as people and programs are shown it.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/temporary_folder.hpp"
#include "probe/sources/test_files.hpp"
#include "tools/fusegate/testing/program.hpp"

namespace fusegate::testing {
namespace {

Finished gates(std::vector<std::string> more) {
  std::vector<std::string> arguments{"contract", "gates"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return fusegate(arguments);
}

/// From the line of a gate to that of the next.
std::string gate_text(const std::string& output, const std::string& id) {
  const auto begin = output.find("vllm " + id + "  ");
  if (begin == output.npos) return "";
  return output.substr(begin, output.find("\nvllm ", begin) - begin);
}

constexpr const char* one_stage = "aiter_all_reduce_rms_norm_one_stage";

TEST(ContractGates, ShowsWhatAListOfHiddenSizesExcludes) {
  const auto finished = gates({"--engine", "vllm=0.21.0"});
  ASSERT_EQ(finished.exit_code, 0) << finished.errors;
  const auto text = gate_text(finished.output, one_stage);
  for (const char* part : {"0.21.0  vllm/_aiter_ops.py:747",
                           "excludes, as not: hidden is 512, 1024, 2048, 4096 or 7168",
                           "hidden 2880: GPT-OSS-120B, GPT-OSS-20B"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(ContractGates, ThePackRuleThatCameAfterTakesThem) {
  const auto finished = gates({"--engine", "vllm", "--release", "0.22.1"});
  ASSERT_EQ(finished.exit_code, 0) << finished.errors;
  const auto text = gate_text(finished.output, one_stage);
  EXPECT_NE(text.find("hidden 16384: Llama-3.1-405B"), std::string::npos) << text;
  EXPECT_EQ(text.find("hidden 2880:"), std::string::npos) << text;
  EXPECT_NE(text.find("hidden 2880               80      45      22"), std::string::npos)
      << "reaches one stage\n"
      << text;
}

TEST(ContractGates, ShowsTheHeadsOfGatedNorms) {
  const auto text =
      gate_text(gates({"--engine", "vllm=0.33.0"}).output, "aiter_gated_rms_norm_group_quant");
  EXPECT_NE(text.find("Qwen3.5-27B           TP 1 48 x 128 admitted, TP 2 24 x 128 admitted"),
            std::string::npos)
      << text;
}

TEST(ContractGates, WithoutAnEngineShowsAll) {
  const auto finished = gates({});
  EXPECT_EQ(finished.exit_code, 0) << finished.errors;
  EXPECT_NE(finished.output.find("\nsglang aiter_rms_norm  "), std::string::npos);
  EXPECT_NE(finished.output.find("\nvllm aiter_rms_norm  "), std::string::npos);
  const auto one = gates({"--release", "0.5.9"});
  EXPECT_EQ(one.exit_code, 0) << one.errors;
  EXPECT_EQ(one.output.find("\nvllm "), std::string::npos);
}

TEST(ContractGates, WritesADocument) {
  const auto finished = gates({"--engine", "vllm=0.21.0", "--json", "-"});
  ASSERT_EQ(finished.exit_code, 0) << finished.errors;
  const auto document = Json::parse(finished.output);
  EXPECT_EQ(document.at("schema"), "fusegate.gates");
  const auto& engine = document.at("engines").at(0);
  EXPECT_EQ(engine.at("releases"), Json{"0.21.0"});
  for (const auto& gate : engine.at("gates")) {
    if (gate.at("id") != one_stage) continue;
    EXPECT_EQ(gate.at("stage"), "one_stage");
    const auto& rule = gate.at("rules").at(0);
    EXPECT_EQ(rule.at("at").at(0).at("line"), 747);
    EXPECT_EQ(rule.at("excludes").at(0).at("by"), "hidden is 512, 1024, 2048, 4096 or 7168");
    return;
  }
  FAIL() << finished.output;
}

TEST(ContractGates, TakesTheReleaseFromSources) {
  TemporaryFolder folder;
  for (const char* name : {"vllm/envs.py", "vllm/model_executor/models/registry.py"}) {
    probe::write_file(folder.path() / name, "");
  }
  const auto untold = gates({"--engine", "vllm=" + folder.path().native()});
  EXPECT_EQ(untold.exit_code, 2);
  EXPECT_NE(untold.errors.find("does not tell its release; give --release"), std::string::npos)
      << untold.errors;
  probe::write_file(folder.path() / "vllm/_version.py", "__version__ = version = '0.21.0'\n");
  const auto told = gates({"--engine", folder.path().native()});
  ASSERT_EQ(told.exit_code, 0) << told.errors;
  EXPECT_NE(told.output.find("0.21.0  vllm/_aiter_ops.py:747"), std::string::npos);
  EXPECT_EQ(told.output.find("0.22.1"), std::string::npos);
}

TEST(ContractGates, NamesTheNearestOfWhatIsNotKnown) {
  const auto expect_error = [](std::vector<std::string> arguments, const char* text) {
    const auto finished = gates(std::move(arguments));
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_NE(finished.errors.find(text), std::string::npos) << finished.errors;
  };
  expect_error({"--engine", "vlm"}, "did you mean 'vllm'?");
  expect_error({"--engine", "vllm=0.28.1"}, "did you mean '0.28.0'?");
  expect_error({"--engine", "sglang", "--release", "0.5.14"}, "did you mean '0.5.13'?");
  expect_error({"--release", "0.21.1"}, "did you mean '0.21.0'?");
  expect_error({"--library", "aiter"}, "there is no option '--library'");
}

TEST(ContractGates, OtherActionsWantAnEngine) {
  const auto finished = fusegate({"contract", "check", "--library", "aiter"});
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_NE(finished.errors.find("contract check: of which engine?"), std::string::npos)
      << finished.errors;
}

}  // namespace
}  // namespace fusegate::testing
