#include "kernels/runtime/simt/schedule.hpp"

#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace fusegate::simt {
namespace {

constexpr auto largest = std::numeric_limits<std::uint64_t>::max();

TEST(Schedule, VisitsEveryBlockOnceForEverySeed) {
  for (const std::uint64_t blocks : {1u, 2u, 3u, 6u, 7u, 64u, 210u}) {
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{12345},
                                     std::uint64_t{1} << 63, largest - 7, largest}) {
      std::vector<int> visits(blocks);
      for (std::uint64_t i = 0; i < blocks; ++i) ++visits.at(block_at(i, blocks, seed));
      EXPECT_EQ(visits, std::vector<int>(blocks, 1)) << blocks << " blocks, seed " << seed;
    }
  }
}

TEST(Schedule, GoesOnInOneStepHoweverManyBlocksThereAre) {
  constexpr std::uint64_t blocks = (std::uint64_t{1} << 62) - 57;
  for (const std::uint64_t seed : {std::uint64_t{1} << 61, largest}) {
    const auto step_after = [&](std::uint64_t i) {
      return (block_at(i + 1, blocks, seed) + blocks - block_at(i, blocks, seed)) % blocks;
    };
    for (const std::uint64_t i : {std::uint64_t{6}, std::uint64_t{7}, std::uint64_t{8},
                                  (std::uint64_t{1} << 33) - 1, blocks - 2}) {
      EXPECT_EQ(step_after(i), step_after(0)) << "after block " << i << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace fusegate::simt
