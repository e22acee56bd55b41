// Which bytes of a case's memory may change while it runs, and what is said of the others.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "suites/image.hpp"
#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

// What is to be said of a byte that was changed: any of these; "" where it may change.
using Words = std::vector<std::string>;

/// A tensor's buffer with what the test knows of it by itself.
struct Area {
  std::string name;
  std::size_t begin, end;  // of the rows
  std::size_t row_bytes;
};

std::vector<Area> areas_of(const Image& image) {
  std::vector<Area> areas;
  for (std::size_t i = 0; i < image.layout().buffers.size(); ++i) {
    const Buffer& buffer = image.layout().buffers[i];
    for (const Tensor& tensor : image.layout().tensors) {
      if (tensor.buffer != i || tensor.column != 0) continue;
      const auto begin = image.offset(tensor);
      const auto row = static_cast<std::size_t>(buffer.stride) * element_bytes(image, tensor);
      areas.push_back(
          {buffer.name, begin, begin + row * static_cast<std::size_t>(buffer.rows), row});
      break;
    }
  }
  return areas;
}

// Of a byte inside the rows of buffer `index`.
Words words_inside(const Image& image, std::size_t index, const Area& area, std::size_t byte) {
  const std::size_t size = element_bytes(image, image.layout().tensors.front());
  const auto row = static_cast<std::int64_t>((byte - area.begin) / area.row_bytes);
  const auto column = static_cast<std::int64_t>((byte - area.begin) % area.row_bytes / size);
  Words words{fmt::format("{} was overwritten between its rows, at column {} of row {}", area.name,
                          column, row)};
  for (const Tensor& tensor : image.layout().tensors) {
    if (tensor.buffer != index || column < tensor.column ||
        column >= tensor.column + tensor.columns) {
      continue;
    }
    if (tensor.output) return {""};
    words = {fmt::format("the input {} was changed at [{}, {}]", tensor.name, row,
                         column - tensor.column)};
  }
  return words;
}

Words words_for(const Image& image, const std::vector<Area>& areas, std::size_t byte) {
  const std::size_t size = element_bytes(image, image.layout().tensors.front());
  Words words;
  for (std::size_t i = 0; i < areas.size(); ++i) {
    const Area& area = areas[i];
    if (byte >= area.begin && byte < area.end) return words_inside(image, i, area, byte);
    const auto before =
        fmt::format("{} bytes before the start of {} were overwritten", size, area.name);
    const auto behind =
        fmt::format("{} bytes behind the end of {} were overwritten", size, area.name);
    // 4 KiB on both sides are the buffer's own; what lies between may be said of either.
    if (byte < area.begin && area.begin - byte <= 4096) return {before};
    if (byte >= area.end && byte - area.end < 4096) return {behind};
    const bool between = (i == 0 || byte >= areas[i - 1].end) && byte < area.begin;
    if (between) words.push_back(before);
    const bool after = byte >= area.end && (i + 1 == areas.size() || byte < areas[i + 1].begin);
    if (after) words.push_back(behind);
  }
  return words;
}

class EveryByte : public testing::TestWithParam<std::string> {
 protected:
  void expect_found(Poison poison, std::byte flip) {
    const Image image(parse_case(GetParam()));
    const auto areas = areas_of(image);
    auto arena = fresh_arena(image, poison);
    for (std::size_t byte = 0; byte < arena.size(); ++byte) {
      arena[byte] ^= flip;
      const std::string said = image.find_damage(arena, poison).value_or("");
      arena[byte] ^= flip;
      const Words words = words_for(image, areas, byte);
      if (std::find(words.begin(), words.end(), said) != words.end()) continue;
      FAIL() << "of byte " << byte << " was said '" << said << "', not '" << words.at(0) << "'";
    }
  }
};

INSTANTIATE_TEST_SUITE_P(
    Cases, EveryByte,
    testing::Values(
        "rms_norm dtype=bf16 tokens=2 hidden=5 eps=0 x_stride=7 out_stride=8 x_offset=3 "
        "out_offset=1",
        "rms_norm dtype=fp32 tokens=2 hidden=3 eps=0 out_stride=4",
        "rms_norm dtype=fp32 tokens=0 hidden=3 eps=0",
        "add_rms_norm dtype=fp16 tokens=2 hidden=3 eps=0 in_place=1 x_stride=4 residual_stride=5",
        "dual_rms_norm dtype=bf16 tokens=2 q_hidden=4 kv_hidden=2 q_eps=0 kv_eps=0 projection=8 "
        "q_x_offset=1"));

TEST_P(EveryByte, OutsideTheOutputsIsFoundWhenItsLowestBitFlips) {
  expect_found(Poison::first, std::byte{0x01});
}

TEST_P(EveryByte, OutsideTheOutputsIsFoundWhenItsHighestBitFlips) {
  expect_found(Poison::second, std::byte{0x80});
}

// ---- What single flips do not show --------------------------------------------------------------

TEST(Damage, OutputsMayHoldAnything) {
  const Case c =
      parse_case("add_rms_norm dtype=fp32 tokens=3 hidden=5 eps=0 in_place=1 x_stride=6");
  const Image image(c);
  auto arena = fresh_arena(image);
  run_rightly(c, image, arena);
  EXPECT_EQ(image.find_damage(arena, Poison::first), std::nullopt);
}

TEST(Damage, CountsWholeElements) {
  const Image image(parse_case("rms_norm dtype=fp32 tokens=1 hidden=4 eps=0"));
  auto arena = fresh_arena(image);
  const auto out = image.offset(tensor_of(image, "out"));
  arena[out + 16] ^= std::byte{1};   // the first element behind the end
  arena[out + 19] ^= std::byte{1};   // the same element
  arena[out + 100] ^= std::byte{1};  // another, beyond a cache line
  EXPECT_EQ(image.find_damage(arena, Poison::first),
            "8 bytes behind the end of out were overwritten");
}

TEST(Damage, OfAllRedzonesIsFoundAtOnce) {
  const Image image(parse_case("rms_norm dtype=bf16 tokens=1 hidden=4 eps=0"));
  auto arena = fresh_arena(image);
  const auto out = image.offset(tensor_of(image, "out"));
  std::fill(arena.begin() + static_cast<std::ptrdiff_t>(out) + 8, arena.end(), std::byte{0});
  EXPECT_EQ(image.find_damage(arena, Poison::first),
            fmt::format("{} bytes behind the end of out were overwritten", arena.size() - out - 8));
}

TEST(Damage, IsSeenAgainstThePoisonOfTheRun) {
  const Image image(parse_case("rms_norm dtype=bf16 tokens=1 hidden=4 eps=0"));
  EXPECT_NE(image.find_damage(fresh_arena(image, Poison::first), Poison::second), std::nullopt);
}

}  // namespace
}  // namespace fusegate::suites
