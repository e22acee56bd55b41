#include "suites/ops/norm_family.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suites/judge.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

std::vector<std::string> tensor_names(const std::string& line) {
  const auto c = parse_case(line);
  std::vector<std::string> names;
  for (const auto& tensor : c.op().layout(c).tensors) names.push_back(tensor.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(NormFamily, HasEachNormPlainAndQuantizedWithAndWithoutResidual) {
  Names names;
  for (const auto& op : all_ops()) names.push_back(op.name);
  for (const char* norm : {"rms_norm", "gemma_rms_norm"}) {
    for (const char* quantized : {"", "_static_quant", "_dynamic_quant"}) {
      const auto name = std::string(norm) + quantized;
      EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
      EXPECT_NE(std::ranges::find(names, "add_" + name), names.end()) << "add_" << name;
    }
  }
}

TEST(NormFamily, HasTheTensorsThatACaseAsksFor) {
  const std::string sizes = " dtype=bf16 tokens=2 hidden=8 eps=1e-06";
  const auto quantized = sizes + " quant_dtype=int8";
  EXPECT_EQ(tensor_names("gemma_rms_norm" + sizes), (Names{"x", "weight", "out"}));
  EXPECT_EQ(tensor_names("rms_norm_static_quant" + quantized),
            (Names{"x", "weight", "scale", "out"}));
  EXPECT_EQ(tensor_names("add_rms_norm_dynamic_quant" + quantized + " with_norm=1"),
            (Names{"x", "residual", "weight", "out", "residual_out", "scale", "norm_out"}));
}

TEST(NormFamily, OfCodesInPlaceConcernsTheResidualAlone) {
  const auto c = parse_case(
      "add_rms_norm_dynamic_quant dtype=bf16 tokens=2 hidden=8 eps=1e-06 quant_dtype=int8 "
      "in_place=1 out_stride=16");
  const Image image(c);
  EXPECT_EQ(tensor_of(image, "residual_out").buffer, tensor_of(image, "residual").buffer);
  EXPECT_NE(tensor_of(image, "out").buffer, tensor_of(image, "x").buffer);
}

TEST(NormFamily, ObjectsToAScaleOfZero) {
  const auto c = parse_case(
      "rms_norm_static_quant dtype=bf16 tokens=2 hidden=8 eps=1e-06 quant_dtype=int8 scale=0");
  EXPECT_EQ(c.op().objection(c), "scale must be above 0");
}

TEST(NormFamily, AddsOneToGemmasWeight) {
  const auto plain = parse_case("rms_norm dtype=fp32 tokens=1 hidden=3 eps=0");
  const auto gemma = parse_case("gemma_rms_norm dtype=fp32 tokens=1 hidden=3 eps=0");
  RowValues row{{1, 2, 3}, {0.5, 0.5, 0.5}, {0, 0, 0}};
  RowValues of_gemma = row;
  plain.op().expect(plain, {}, row);
  gemma.op().expect(gemma, {}, of_gemma);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(of_gemma[2][i], 3 * row[2][i]);
}

// ---- What the judge notices -------------------------------------------------------------------

/// Of a run that is right by another policy.
Result judged(const std::string& line, const reference::NumericPolicy& ran) {
  const auto c = parse_case(line);
  const Image image(c);
  auto arena = fresh_arena(image);
  run_rightly(c, image, arena, ran);
  Judge judge(c, image, {});
  judge.see_first(arena);
  Result result;
  judge.conclude(result);
  return result;
}

struct Differing {
  const char* name;
  const char* line;
  reference::NumericPolicy policy;
  const char* output;  ///< that shows it
};

class OtherPolicy : public testing::TestWithParam<Differing> {};

TEST_P(OtherPolicy, IsNoPass) {
  const auto result = judged(GetParam().line, GetParam().policy);
  EXPECT_EQ(result.verdict, Verdict::fail);
  expect_contains(result.reason, std::string(GetParam().output) + "[");
}

INSTANTIATE_TEST_SUITE_P(
    NormFamily, OtherPolicy,
    testing::Values(
        Differing{"truncated_codes",
                  "rms_norm_static_quant dtype=bf16 tokens=3 hidden=64 eps=1e-06 quant_dtype=int8",
                  {.codes = reference::Rounding::toward_zero},
                  "out"},
        Differing{"largest_code_of_224",
                  "rms_norm_dynamic_quant dtype=bf16 tokens=3 hidden=64 eps=1e-06 "
                  "quant_dtype=e4m3fnuz",
                  {.largest_fp8 = 224},
                  "scale"},
        Differing{"no_least_magnitude",
                  "rms_norm_dynamic_quant dtype=bf16 tokens=4 hidden=64 eps=1e-06 "
                  "quant_dtype=e4m3fn inputs=zero_row",
                  {.least_amax = 0},
                  "scale"},
        Differing{"norm_of_rounded_sum",
                  "add_rms_norm_dynamic_quant dtype=bf16 tokens=3 hidden=64 eps=1e-06 "
                  "quant_dtype=e4m3fn with_norm=1",
                  {.norm_of_rounded_sum = true},
                  "norm_out"}),
    [](const auto& differing) { return std::string(differing.param.name); });

TEST(NormFamily, ItsOwnPolicyPasses) {
  for (const char* line :
       {"rms_norm_static_quant dtype=bf16 tokens=3 hidden=64 eps=1e-06 quant_dtype=int8",
        "add_gemma_rms_norm_dynamic_quant dtype=fp16 tokens=3 hidden=64 eps=1e-06 "
        "quant_dtype=e4m3fnuz with_norm=1",
        "rms_norm_dynamic_quant dtype=fp32 tokens=4 hidden=64 eps=1e-06 quant_dtype=e4m3fn "
        "inputs=nonfinite"}) {
    const auto result = judged(line, {});
    EXPECT_EQ(result.verdict, Verdict::pass) << line << ": " << result.reason;
  }
}

TEST(NormFamily, AResultSaysThePolicyOfItsCodes) {
  const auto result =
      judged("rms_norm_static_quant dtype=bf16 tokens=3 hidden=64 eps=1e-06 quant_dtype=int8", {});
  expect_contains(result.policy, "codes=nearest least_amax=1e-10");
}

}  // namespace
}  // namespace fusegate::suites
