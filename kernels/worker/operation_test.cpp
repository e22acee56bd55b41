#include "kernels/worker/operation.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace fusegate::kernels {
namespace {

TEST(Call, WithoutTensorsHasNoElementType) {
  const RunRequest request{.op = "rms_norm"};
  try {
    static_cast<void>(Call(request, nullptr, nullptr).element_type());
    FAIL() << "there is one";
  } catch (const WorkerError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_request);
    EXPECT_STREQ(error.what(), "rms_norm without tensors");
  }
}

TEST(Call, RefusesTensorsOfSeveralElementTypes) {
  const RunRequest request{.op = "rms_norm",
                           .tensors = {{"x", "bf16", 1, 8, 8, 0}, {"out", "fp32", 1, 8, 8, 256}}};
  try {
    static_cast<void>(Call(request, nullptr, nullptr).element_type());
    FAIL() << "there is one";
  } catch (const WorkerError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  }
}

TEST(Call, KnowsWhichTensorsAreOfOtherTypes) {
  const RunRequest request{.op = "rms_norm_dynamic_quant",
                           .tensors = {{"out", "int8", 1, 8, 8, 0}, {"x", "bf16", 1, 8, 8, 256}}};
  constexpr std::string_view others[] = {"out"};
  EXPECT_EQ(Call(request, nullptr, nullptr).element_type(others), ElementType::bf16);
}

const Operation& operation_named(const std::vector<Operation>& operations,
                                 const std::string& name) {
  for (const auto& operation : operations) {
    if (operation.op == name) return operation;
  }
  throw std::out_of_range(name);
}

/// Why a launch with such a scale and such codes is refused, before anything is launched.
std::string refusal(const std::string& op, const TensorArgument& scale,
                    const std::string& codes = "int8") {
  const RunRequest request{.op = op,
                           .parameters = {{"eps", 1e-6}},
                           .tensors = {{"x", "bf16", 2, 8, 8, 0},
                                       {"weight", "bf16", 1, 8, 8, 256},
                                       {"out", codes, 2, 8, 8, 512},
                                       scale}};
  LaunchInfo info;
  const auto operations = builtin_operations();
  try {
    static_cast<void>(
        operation_named(operations, op).launch(Call(request, nullptr, nullptr), info));
  } catch (const WorkerError& error) {
    return error.what();
  }
  return "";
}

TEST(QuantizedNorm, RefusesAScaleThatDoesNotFit) {
  EXPECT_EQ(refusal("rms_norm_dynamic_quant", {"scale", "fp32", 1, 1, 1, 768}),
            "tensor scale is 1 rows of 1 elements of fp32; 2 of 1 of fp32 fit");
  EXPECT_EQ(refusal("rms_norm_static_quant", {"scale", "fp32", 2, 1, 1, 768}),
            "tensor scale is 2 rows of 1 elements of fp32; 1 of 1 of fp32 fit");
  EXPECT_EQ(refusal("rms_norm_dynamic_quant", {"scale", "bf16", 2, 1, 1, 768}),
            "tensor scale is 2 rows of 1 elements of bf16; 2 of 1 of fp32 fit");
}

TEST(QuantizedNorm, RefusesCodesThatThereAreNot) {
  EXPECT_EQ(refusal("rms_norm_dynamic_quant", {"scale", "fp32", 2, 1, 1, 768}, "e5m2"),
            "codes of type e5m2; there are e4m3fn, e4m3fnuz and int8");
}

}  // namespace
}  // namespace fusegate::kernels
