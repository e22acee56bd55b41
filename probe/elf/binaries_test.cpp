#include "probe/elf/binaries.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/elf/testing/support.hpp"

namespace fusegate::probe {
namespace {

BinaryRequest toy_request() {
  BinaryRequest request;
  request.markers = toy_markers();
  request.link.folders.defaults = default_library_folders();
  request.machine.gpu_architectures = {"gfx942"};
  request.declared = {{"module_torch",
                       test_module("module_torch.so"),
                       ForeignInterface::pybind,
                       PassedTensors::torch,
                       {{"norm", {"input", "eps"}}},
                       {}},
                      {"module_develop",
                       test_module("module_develop.so"),
                       ForeignInterface::pybind,
                       PassedTensors::own,
                       {{"norm", {"input", "gemma_norm"}}},
                       {}},
                      {"module_ctypes",
                       test_module("module_ctypes_v2.so"),
                       ForeignInterface::ctypes,
                       PassedTensors::torch,
                       {{"toy_norm", {"rows"}}},
                       {}},
                      {"module_later",
                       test_module("module_later.so"),
                       ForeignInterface::pybind,
                       PassedTensors::torch,
                       {},
                       {}}};
  return request;
}

TEST(Binaries, OfASoundLibraryGiveNoFindings) {
  const auto survey = survey_binaries(toy_request());
  EXPECT_EQ(kinds_of(survey.findings), "") << to_json(survey).dump(2);
  EXPECT_EQ(survey.modules.size(), 3u);
  EXPECT_EQ(survey.absent, std::vector<std::string>{"module_later"});
}

TEST(Binaries, OfABrokenOneGiveAllFindings) {
  auto request = toy_request();
  request.declared[0].tensors = PassedTensors::own;
  request.declared[1].functions[0].parameters.push_back("transpose_scale");
  request.declared[2].functions.push_back({"toy_fused_norm", {}});
  request.others = {test_module("module_unlinked.so"), test_module("hip/module_hip5.so"),
                    test_module("hip/module_hip6.so"), test_module("chain/module_runpath.so"),
                    test_module("torch")};
  const auto survey = survey_binaries(request);
  EXPECT_EQ(kinds_of(survey.findings),
            "binding_mismatch unknown_argument missing_symbol undefined_symbol library_not_found "
            "unreadable two_hip_runtimes");
}

TEST(Binaries, AreWrittenAsJson) {
  const auto json = to_json(survey_binaries(toy_request()));
  EXPECT_EQ(json["modules"][0]["name"], "module_torch");
  EXPECT_EQ(json["modules"][0]["binding"]["kind"], "pybind_torch");
  EXPECT_EQ(json["modules"][0]["linkage"]["complete"], true);
  EXPECT_EQ(json["modules"][0]["linkage"]["libraries"][0]["name"], "libtorch.so");
  EXPECT_EQ(json["modules"][0]["linkage"]["libraries"][0]["trouble"], nullptr);
  EXPECT_EQ(json["absent"], nlohmann::ordered_json::array({"module_later"}));
  EXPECT_EQ(json["findings"], nlohmann::ordered_json::array());
}

}  // namespace
}  // namespace fusegate::probe
