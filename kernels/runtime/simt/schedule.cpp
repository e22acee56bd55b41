#include "kernels/runtime/simt/schedule.hpp"

#include <cstddef>
#include <numeric>
#include <utility>

namespace fusegate::simt {
namespace {

// A product of two 64-bit numbers. Not of ISO C++.
__extension__ using Wide = unsigned __int128;

}  // namespace

void Shuffler::shuffle(std::vector<int>& items) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[next() % i]);
}

std::uint64_t Shuffler::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t block_at(std::uint64_t position, std::uint64_t blocks, std::uint64_t seed) {
  if (seed == 0) return position;
  // A step that shares no factor with their number reaches all of them.
  const std::uint64_t start = seed % blocks;
  std::uint64_t step = start | 1u;
  while (std::gcd(step, blocks) != 1) step += 2;
  return static_cast<std::uint64_t>((Wide{position} * step + start) % blocks);
}

}  // namespace fusegate::simt
