// Blocks that take several rows, which needs more rows than any case of the suites has, or a
// smaller grid. On the CPU runtime, against a plain loop in double precision.
#include <hip/hip_runtime.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/norm/launch.hpp"
#include "kernels/runtime/simt/simt.hpp"
#include "kernels/runtime/simt/test_support.hpp"

namespace fusegate::kernels {
namespace {

using simt::DeviceArray;

constexpr float eps = 1e-6f;

/// Rows that differ in size, so that the sum of one is wrong for any other.
std::vector<float> make_rows(std::int64_t rows, int hidden, int phase) {
  std::vector<float> values;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (int i = 0; i < hidden; ++i) {
      values.push_back(static_cast<float>(row + 1) *
                       (0.25f + 0.03125f * static_cast<float>((i * 7 + phase) % 61)));
    }
  }
  return values;
}

/// A norm of `rows` rows in device memory, and what it must give.
class Norm {
 public:
  Norm(std::int64_t rows, int hidden, int phase)
      : rows_(rows),
        hidden_(hidden),
        x_(make_rows(rows, hidden, phase)),
        weight_(make_rows(1, hidden, phase + 3)),
        x(x_),
        weight(weight_),
        out(std::vector<float>(x_.size(), -1.0f)) {}

  RmsNorm arguments() {
    return {{x.data(), hidden_}, weight.data(), {out.data(), hidden_}, hidden_, eps};
  }

  /// Of rows that were `times` as large.
  void expect_normalized(double times = 1) {
    const auto values = out.values();
    for (std::int64_t row = 0; row < rows_; ++row) {
      const float* of_row = &x_[static_cast<std::size_t>(row * hidden_)];
      double sum = 0;
      for (int i = 0; i < hidden_; ++i) sum += of_row[i] * times * (of_row[i] * times);
      const double inverse = 1 / std::sqrt(sum / hidden_ + eps);
      for (int i = 0; i < hidden_; ++i) {
        const double expected = of_row[i] * times * inverse * weight_[static_cast<std::size_t>(i)];
        ASSERT_NEAR(values[static_cast<std::size_t>(row * hidden_ + i)], expected,
                    1e-5 * std::abs(expected))
            << "row " << row << ", column " << i;
      }
    }
  }

 private:
  std::int64_t rows_;
  int hidden_;
  std::vector<float> x_, weight_;

 public:
  DeviceArray<float> x, weight, out;
};

/// Rows and blocks: several rows a block and not all equally many, one block, a block for each.
struct Shape {
  std::int64_t rows;
  std::int64_t grid;
};

constexpr Shape shapes[] = {{11, 4}, {3, 1}, {5, 5}};

class NormKernel : public ::testing::TestWithParam<int> {
 protected:
  /// Calls `check` under several schedules, on a device of `resident_blocks` multiprocessors.
  static void under_every_schedule(int resident_blocks, const std::function<void()>& check) {
    simt::Config config;
    config.warp_size = GetParam();
    config.resident_blocks = resident_blocks;
    simt::configure(config);
    for (const std::uint64_t seed : {0u, 1u, 12345u}) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      simt::set_schedule_seed(seed);
      // Launches remember what a device is for each host thread: this is another device.
      std::thread(check).join();
    }
    simt::set_schedule_seed(0);
  }

  static void expect_launch(hipError_t error, const LaunchInfo& info, const Shape& shape) {
    ASSERT_EQ(error, hipSuccess);
    ASSERT_EQ(hipDeviceSynchronize(), hipSuccess) << simt::fault_text();
    EXPECT_EQ(info.grid.x, shape.grid);
    EXPECT_GE(info.block.x, 2u * static_cast<unsigned>(GetParam())) << "one warp needs no barrier";
  }
};

TEST_P(NormKernel, TakesSeveralRowsInTurn) {
  under_every_schedule(80, [] {
    for (const int hidden : {520, 521}) {  // in wide accesses and element by element
      for (const Shape& shape : shapes) {
        Norm norm(shape.rows, hidden, 0);
        LaunchInfo info;
        const auto error =
            rms_norm(ElementType::fp32, shape.rows, norm.arguments(), nullptr, &info, {shape.grid});
        ASSERT_NO_FATAL_FAILURE(expect_launch(error, info, shape)) << hidden;
        norm.expect_normalized();
      }
    }
  });
}

TEST_P(NormKernel, TakesSeveralRowsOfASumInTurn) {
  under_every_schedule(80, [] {
    const Shape shape = shapes[0];
    constexpr int hidden = 520;
    Norm norm(shape.rows, hidden, 0);
    DeviceArray<float> sum(std::vector<float>(static_cast<std::size_t>(shape.rows) * hidden));
    const RmsNorm plain = norm.arguments();
    const AddRmsNorm add{.x = plain.x,
                         .residual = plain.x,
                         .weight = plain.weight,
                         .out = plain.out,
                         .residual_out = {sum.data(), hidden},
                         .hidden = hidden,
                         .eps = eps};
    LaunchInfo info;
    const auto error =
        add_rms_norm(ElementType::fp32, shape.rows, add, nullptr, &info, {shape.grid});
    ASSERT_NO_FATAL_FAILURE(expect_launch(error, info, shape));
    norm.expect_normalized(2);
    const auto x = norm.x.values();
    const auto sums = sum.values();
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(sums[i], 2 * x[i]) << "element " << i;
  });
}

TEST_P(NormKernel, TakesSeveralRowsOfTwoProblemsInTurn) {
  under_every_schedule(80, [] {
    for (const Shape& shape : shapes) {
      Norm first(shape.rows, 600, 0), second(shape.rows, 260, 17);
      LaunchInfo info;
      const auto error = dual_rms_norm(ElementType::fp32, shape.rows, first.arguments(),
                                       second.arguments(), nullptr, &info, {shape.grid});
      ASSERT_NO_FATAL_FAILURE(expect_launch(error, info, shape));
      EXPECT_EQ(info.grid.y, 2u);
      first.expect_normalized();
      second.expect_normalized();
    }
  });
}

TEST_P(NormKernel, HoldsMoreInEachThreadWhenThereAreManyRows) {
  constexpr int multiprocessors = 3;
  under_every_schedule(multiprocessors, [] {
    for (const std::int64_t rows : {2 * multiprocessors, 2 * multiprocessors + 1}) {
      Norm norm(rows, 2100, 0);
      const Shape shape{rows, 3};
      LaunchInfo info;
      const auto error =
          rms_norm(ElementType::fp32, rows, norm.arguments(), nullptr, &info, {shape.grid});
      ASSERT_NO_FATAL_FAILURE(expect_launch(error, info, shape));
      EXPECT_EQ(info.cached, rows > 2 * multiprocessors ? 4 : 1);
      norm.expect_normalized();
    }
  });
}

TEST(NormLaunch, RefusesAGridOfNoBlocks) {
  Norm norm(1, 64, 0);
  EXPECT_EQ(rms_norm(ElementType::fp32, 1, norm.arguments(), nullptr, nullptr, {0}),
            hipErrorInvalidValue);
}

INSTANTIATE_TEST_SUITE_P(Warps, NormKernel, ::testing::Values(32, 64),
                         [](const auto& size) { return "Of" + std::to_string(size.param); });

}  // namespace
}  // namespace fusegate::kernels
