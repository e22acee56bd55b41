#include "reference/quantize.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace fusegate::reference {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double> scaled(const std::vector<double>& values, double scale, Format codes,
                           const NumericPolicy& policy = {}) {
  std::vector<double> out(values.size());
  scaled_row(values, scale, codes, policy, out);
  return out;
}

TEST(RowScale, MakesTheLargestElementFit) {
  const std::vector<double> row{1, -7, 3};
  EXPECT_EQ(row_scale(row, Format::e4m3fn, {}), 7.0 / 448);
  EXPECT_EQ(row_scale(row, Format::e4m3fnuz, {}), 7.0 / 240);
  EXPECT_EQ(row_scale(row, Format::int8, {}), 7.0 / 127);
}

TEST(RowScale, OfZerosIsThatOfTheFloor) {
  const std::vector<double> zeros(3, 0.0);
  EXPECT_EQ(row_scale(zeros, Format::e4m3fn, {}), 1e-10 / 448);
  EXPECT_EQ(row_scale(zeros, Format::e4m3fn, {.least_amax = 0}), 0);
}

TEST(RowScale, CountsNoNan) {
  EXPECT_EQ(row_scale(std::vector<double>{nan, 448, nan}, Format::e4m3fn, {}), 1);
}

TEST(RowScale, GoesUpToThePolicysLargestFp8) {
  const std::vector<double> row{224};
  EXPECT_EQ(row_scale(row, Format::e4m3fnuz, {.largest_fp8 = 224}), 1);
  EXPECT_EQ(row_scale(std::vector<double>{127}, Format::int8, {.largest_fp8 = 224}), 1);
}

TEST(ScaledRow, IsClampedToWhatCodesCanSay) {
  const std::vector<double> row{1, 1000, -1000};
  EXPECT_EQ(scaled(row, 2, Format::e4m3fn), (std::vector<double>{0.5, 448, -448}));
  EXPECT_EQ(scaled(row, 2, Format::e4m3fn, {.largest_fp8 = 240}),
            (std::vector<double>{0.5, 240, -240}));
  EXPECT_EQ(scaled(row, 2, Format::int8), (std::vector<double>{0.5, 127, -128}));
}

TEST(ScaledRow, KeepsNanWhereTheFormatHasOne) {
  const std::vector<double> row{nan, infinity};
  EXPECT_TRUE(std::isnan(scaled(row, 1, Format::e4m3fn)[0]));
  EXPECT_EQ(scaled(row, 1, Format::int8)[0], 0);
  EXPECT_EQ(scaled(row, 1, Format::e4m3fn)[1], 448);
  EXPECT_TRUE(std::isnan(scaled(row, infinity, Format::e4m3fn)[1]));
}

}  // namespace
}  // namespace fusegate::reference
