// How inputs are made up. Every element is a function of the seed, the tensor's name, its row and
// its column alone, in integer arithmetic and exact scalings: the same on any machine, in any
// order.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "reference/formats.hpp"
#include "suites/op.hpp"

namespace fusegate::suites {

/// A way to make up inputs.
struct Recipe {
  std::string name;
  std::string meaning;  ///< one line for people
  /// In rows of up to so many elements sums of squares are exact in fp32 in any order, also of sums
  /// of two such tensors: an error limit need not allow for any order of summation.
  std::int64_t exact_sums_up_to = 0;
};

[[nodiscard]] std::span<const Recipe> all_recipes();
[[nodiscard]] const Recipe& find_recipe(std::string_view name);

/// Which row of which tensor.
struct RowOrigin {
  std::int64_t seed = 0;
  std::string_view tensor;
  Content content = Content::activation;
  std::int64_t row = 0;
};

/// Fills a row with values that a tensor of `format` is to hold once they are rounded to it.
void make_row(const Recipe& recipe, const RowOrigin& origin, reference::Format format,
              std::span<double> values);

/// Philox4x32-10: a block of four random words for each counter and key. J. K. Salmon et al.,
/// "Parallel random numbers: as easy as 1, 2, 3", SC'11.
[[nodiscard]] std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key);

}  // namespace fusegate::suites
