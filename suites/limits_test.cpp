#include "suites/limits.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fusegate::suites {
namespace {

const std::string plain = "rms_norm dtype=bf16 tokens=3 hidden=64 eps=1e-06";

std::string objection_to(const probe::Limits& limits, const std::string& line) {
  return objection(limits, Image(parse_case(line)));
}

TEST(Limits, WithoutAnyEverythingIsTaken) {
  EXPECT_EQ(objection_to({}, "rms_norm dtype=fp32 tokens=0 hidden=7 eps=0 x_stride=9 x_offset=1"),
            "");
}

TEST(Limits, OfTypesAreOfEveryTensor) {
  EXPECT_EQ(objection_to({.dtypes = {"fp16", "bf16"}}, plain), "");
  EXPECT_EQ(objection_to({.dtypes = {"any"}}, plain), "");
  EXPECT_EQ(objection_to({.dtypes = {"fp32", "fp16"}}, plain),
            "tensor out is of type bf16; it takes fp32, fp16");
}

TEST(Limits, OfDimensionsAreOfTwo) {
  EXPECT_EQ(objection_to({.ranks = {2, 3}}, plain), "");
  EXPECT_EQ(objection_to({.ranks = {3, 4}}, plain), "tensors of 2 dimensions; it takes 3, 4");
}

TEST(Limits, OfWidthsHoldAtTheirEnds) {
  EXPECT_EQ(objection_to({.hidden = {.min = 64, .max = 64, .multiple_of = 64}}, plain), "");
  EXPECT_EQ(objection_to({.hidden = {.min = 65}}, plain), "rows of 64 elements; it takes min 65");
  EXPECT_EQ(objection_to({.hidden = {.max = 63}}, plain), "rows of 64 elements; it takes max 63");
  EXPECT_EQ(objection_to({.hidden = {.min = 1, .multiple_of = 3}}, plain),
            "rows of 64 elements; it takes min 1, multiple of 3");
  EXPECT_EQ(objection_to({.hidden = {.one_of = {32, 128}}}, plain),
            "rows of 64 elements; it takes one of 32, 128");
}

TEST(Limits, OfWidthsAreOfEveryNorm) {
  EXPECT_EQ(objection_to({.hidden = {.max = 64}},
                         "dual_rms_norm dtype=bf16 tokens=3 q_hidden=64 kv_hidden=96 q_eps=0.01 "
                         "kv_eps=0.01"),
            "rows of 96 elements; it takes max 64");
}

TEST(Limits, OfTokensAreOfTheLongestTensor) {
  EXPECT_EQ(objection_to({.tokens = {.min = 3, .max = 3}}, plain), "");
  EXPECT_EQ(objection_to({.tokens = {.min = 4}}, plain), "3 rows; it takes min 4");
  EXPECT_EQ(objection_to({.tokens = {.max = 2}}, plain), "3 rows; it takes max 2");
}

TEST(Limits, OfPaddingAreOfTheirTensorsAndOfSeveralRows) {
  const probe::Limits limits{.contiguous = {"x"}};
  EXPECT_EQ(objection_to(limits, plain), "");
  EXPECT_EQ(objection_to(limits, plain + " out_stride=72"), "");
  EXPECT_EQ(objection_to(limits, plain + " x_stride=72"),
            "tensor x has rows that are apart; it takes contiguous ones");
  EXPECT_EQ(objection_to(limits, "rms_norm dtype=bf16 tokens=1 hidden=64 eps=0 x_stride=72"), "");
}

TEST(Limits, OfAlignmentAreOfEachRow) {
  const probe::Limits limits{.alignment_bytes = 16};
  EXPECT_EQ(objection_to(limits, plain + " x_stride=72"), "");
  EXPECT_EQ(objection_to(limits, plain + " x_offset=8"), "");
  EXPECT_EQ(objection_to(limits, plain + " x_offset=1"), "rows of tensor x begin off 16 bytes");
  EXPECT_EQ(objection_to(limits, plain + " x_stride=68"), "rows of tensor x begin off 16 bytes");
  EXPECT_EQ(objection_to(limits, "rms_norm dtype=fp32 tokens=3 hidden=64 eps=0 x_stride=68"), "")
      << "in bytes, not in elements";
}

TEST(Limits, OfAlikeStridesAreOfThoseAlone) {
  const probe::Limits limits{.same_stride = {"x", "residual"}};
  const std::string line = "add_rms_norm dtype=bf16 tokens=3 hidden=64 eps=0";
  EXPECT_EQ(objection_to(limits, line + " x_stride=72 residual_stride=72"), "");
  EXPECT_EQ(objection_to(limits, line + " out_stride=72"), "");
  EXPECT_EQ(objection_to(limits, line + " x_stride=72 residual_stride=80"),
            "tensors x, residual have rows that are differently far apart");
}

}  // namespace
}  // namespace fusegate::suites
