#include "suites/recipe.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "probe/base/hash.hpp"

namespace fusegate::suites {
namespace {

/// Random words for the elements of one row.
class RowRandom {
 public:
  explicit RowRandom(const RowOrigin& origin)
      : tensor_(static_cast<std::uint32_t>(hash64(origin.tensor))),
        row_(static_cast<std::uint64_t>(origin.row)),
        seed_(static_cast<std::uint64_t>(origin.seed)) {}

  /// 64 bits for element `i`. A block gives those of two neighbours.
  std::uint64_t word(std::size_t i) {
    const auto block = static_cast<std::uint64_t>(i) / 2;
    if (block != block_) {
      block_ = block;
      words_ = philox({static_cast<std::uint32_t>(block), tensor_, static_cast<std::uint32_t>(row_),
                       static_cast<std::uint32_t>(row_ >> 32)},
                      {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)});
    }
    const std::size_t half = i % 2 * 2;
    return (std::uint64_t{words_[half + 1]} << 32) | words_[half];
  }

 private:
  std::uint32_t tensor_;
  std::uint64_t row_;
  std::uint64_t seed_;
  std::uint64_t block_ = std::numeric_limits<std::uint64_t>::max();
  std::array<std::uint32_t, 4> words_{};
};

/// Nearly normal, variance 1: the sum of four uniform variables (Irwin-Hall), so from -3.5 to 3.5.
double bell(std::uint64_t word) {
  std::int64_t sum = 0;
  for (int i = 0; i < 4; ++i) sum += static_cast<std::int64_t>((word >> (16 * i)) & 0xffffu);
  constexpr double root_of_3 = 0x1.bb67ae8584caap+0;
  return static_cast<double>(2 * sum - 4 * 0xffff) * 0x1p-17 * root_of_3;
}

/// From 0.5 to 1.5 in steps of 2^-6: exact in every 16-bit format.
double weight(std::uint64_t word) {
  return 0.5 + static_cast<double>(word % 65) * 0x1p-6;
}

/// +-0.5, +-1, +-1.5 or +-2. Squares of sums of two are multiples of 0.25 up to 16: their sum over
/// 2^18 elements has 24 bits.
double half_step(std::uint64_t word) {
  const double magnitude = static_cast<double>(1 + word % 4) * 0.5;
  return (word >> 32) % 2 == 0 ? magnitude : -magnitude;
}

double scale_of(const Recipe& recipe, reference::Format format) {
  const bool half = format == reference::Format::fp16;
  if (recipe.name == "tiny") return half ? 0x1p-20 : 0x1p-50;
  if (recipe.name == "large") return half ? 0x1p12 : 0x1p40;
  return 1.0;
}

void plant_nonfinite(RowRandom& random, std::int64_t row, std::span<double> values) {
  const std::int64_t kind = row % 4;
  if (values.empty() || (kind != 1 && kind != 2)) return;
  // Beyond the elements of any row in the random sequence.
  const auto at = random.word(std::size_t{0x1fffffffe}) % values.size();
  values[at] = kind == 1 ? std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
  constexpr int rounds = 10;
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {
        static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

std::span<const Recipe> all_recipes() {
  // Made on first use: ops ask for it while they are made.
  static const std::array recipes{
      Recipe{"normal", "bell-shaped values of variance 1, weights from 0.5 to 1.5", 0},
      Recipe{"exact",
             "small multiples of 0.5, so that sums are exact in any order and the limit is tight",
             std::int64_t{1} << 18},
      Recipe{"outlier", "as normal, with one element in 256 about 64 times as large", 0},
      Recipe{"zero_row", "as normal, with every fourth row (3, 7, ...) all zero", 0},
      Recipe{"nonfinite", "as normal, with an infinity in row 1, 5, ... and a NaN in row 2, 6, ...",
             0},
      Recipe{"tiny", "as normal, times 2^-20 in fp16 (subnormal there) and 2^-50 in other formats",
             0},
      Recipe{"large", "as normal, times 2^12 in fp16 and 2^40 in other formats", 0},
  };
  return recipes;
}

const Recipe& find_recipe(std::string_view name) {
  // A case's word was checked against this table when the line was parsed.
  const auto recipes = all_recipes();
  return *std::find_if(recipes.begin(), recipes.end(),
                       [&](const Recipe& recipe) { return recipe.name == name; });
}

void make_row(const Recipe& recipe, const RowOrigin& origin, reference::Format format,
              std::span<double> values) {
  RowRandom random(origin);
  if (origin.content == Content::weight) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = weight(random.word(i));
    return;
  }
  if (recipe.exact_sums_up_to > 0) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = half_step(random.word(i));
    return;
  }
  if (recipe.name == "zero_row" && origin.row % 4 == 3) {
    std::fill(values.begin(), values.end(), 0.0);
    return;
  }
  const double scale = scale_of(recipe, format);
  const bool outliers = recipe.name == "outlier";
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint64_t word = random.word(i);
    // The bits that choose the outliers are not among the leading ones of the value.
    values[i] = bell(word) * (outliers && word % 256 == 0 ? 64.0 : scale);
  }
  if (recipe.name == "nonfinite") plant_nonfinite(random, origin.row, values);
}

}  // namespace fusegate::suites
