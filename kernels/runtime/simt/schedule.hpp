// Orders that a launch's seed chooses.
#pragma once

#include <cstdint>
#include <vector>

namespace fusegate::simt {

/// A small generator (splitmix64), the same everywhere, unlike the standard distributions.
class Shuffler {
 public:
  explicit Shuffler(std::uint64_t seed) : state_(seed) {}

  void shuffle(std::vector<int>& items);

 private:
  std::uint64_t next();

  std::uint64_t state_;
};

/// Which of `blocks` blocks begins at a position: each at one of them. Seed 0: in their order.
[[nodiscard]] std::uint64_t block_at(std::uint64_t position, std::uint64_t blocks,
                                     std::uint64_t seed);

}  // namespace fusegate::simt
