#include "kernels/worker/operation.hpp"

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

}  // namespace
}  // namespace fusegate::kernels
