#include "suites/image.hpp"

#include <cmath>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suites/test_support.hpp"

namespace fusegate::suites {
namespace {

using reference::Format;

// A case with its image and its memory before a run.
struct Prepared {
  Case c;
  Image image{c};
  std::vector<std::byte> arena = fresh_arena(image);

  explicit Prepared(const std::string& line) : c(parse_case(line)) {}

  [[nodiscard]] std::size_t offset(const char* tensor) const {
    return image.offset(tensor_of(image, tensor));
  }
  // The byte at a place of a tensor.
  std::byte& at(const char* name, std::int64_t row, std::int64_t column) {
    const Tensor& tensor = tensor_of(image, name);
    const auto stride = image.layout().buffers[tensor.buffer].stride;
    return arena[image.offset(tensor) +
                 static_cast<std::size_t>(row * stride + column) * element_bytes(image, tensor)];
  }
  [[nodiscard]] std::string damage() const {
    return image.find_damage(arena, Poison::first).value_or("none");
  }
};

const std::string padded =
    "rms_norm dtype=bf16 tokens=2 hidden=5 eps=0 x_stride=7 out_stride=8 x_offset=3 out_offset=1";

// ---- Layout -----------------------------------------------------------------------------------

// Begin and end of the data of each buffer, in their order.
std::vector<std::pair<std::size_t, std::size_t>> data_ranges(const Image& image) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (std::size_t i = 0; i < image.layout().buffers.size(); ++i) {
    const Buffer& buffer = image.layout().buffers[i];
    for (const Tensor& tensor : image.layout().tensors) {
      if (tensor.buffer != i || tensor.column != 0) continue;
      const auto bytes =
          static_cast<std::size_t>(buffer.rows * buffer.stride) * element_bytes(image, tensor);
      ranges.emplace_back(image.offset(tensor), image.offset(tensor) + bytes);
      break;
    }
  }
  return ranges;
}

class EveryLayout : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(
    Cases, EveryLayout,
    testing::Values(padded, "rms_norm dtype=fp32 tokens=0 hidden=5 eps=0",
                    "rms_norm dtype=fp32 tokens=1 hidden=1 eps=0 x_offset=1024",
                    "add_rms_norm dtype=fp16 tokens=3 hidden=129 eps=0",
                    "add_rms_norm dtype=fp16 tokens=3 hidden=129 eps=0 in_place=1 x_stride=130",
                    "dual_rms_norm dtype=bf16 tokens=2 q_hidden=8 kv_hidden=4 q_eps=0 kv_eps=0 "
                    "projection=15 q_x_offset=1"));

TEST_P(EveryLayout, HasRedzonesOfAtLeast4KiBOnBothSidesOfEveryBuffer) {
  const Image image(parse_case(GetParam()));
  const auto ranges = data_ranges(image);
  std::size_t end_of_last = 0;
  for (const auto& [begin, end] : ranges) {
    EXPECT_GE(begin, end_of_last + (end_of_last == 0 ? 4096u : 2 * 4096u));
    end_of_last = end;
  }
  EXPECT_GE(image.bytes(), end_of_last + 4096);
}

TEST_P(EveryLayout, StartsEveryBufferItsDisplacementBehindAnAlignedByte) {
  const Image image(parse_case(GetParam()));
  for (const Tensor& tensor : image.layout().tensors) {
    const Buffer& buffer = image.layout().buffers[tensor.buffer];
    const auto elements = static_cast<std::size_t>(buffer.displacement + tensor.column);
    EXPECT_EQ((image.offset(tensor) - elements * element_bytes(image, tensor)) % 256, 0u)
        << tensor.name;
  }
}

TEST_P(EveryLayout, IsUndamagedAsItWasWritten) {
  const Image image(parse_case(GetParam()));
  for (const Poison poison : {Poison::first, Poison::second}) {
    EXPECT_EQ(image.find_damage(fresh_arena(image, poison), poison), std::nullopt);
  }
}

TEST_P(EveryLayout, IsWrittenInEveryByte) {
  const Image image(parse_case(GetParam()));
  std::vector<std::byte> zeros(image.bytes(), std::byte{0});
  std::vector<std::byte> ones(image.bytes(), std::byte{0xff});
  image.write(zeros, Poison::second);
  image.write(ones, Poison::second);
  EXPECT_EQ(zeros, ones);
}

TEST(Image, TakesDisplacementsFromTheCase) {
  const Prepared prepared(padded);
  EXPECT_EQ(prepared.offset("x") % 256, 6u);
  EXPECT_EQ(prepared.offset("weight") % 256, 0u);
  EXPECT_EQ(prepared.offset("out") % 256, 2u);
}

TEST(Image, HasOutputRowsAStrideApart) {
  const Prepared prepared(padded);
  const Tensor& out = tensor_of(prepared.image, "out");
  for (std::int64_t row = 0; row < 2; ++row) {
    const auto bytes = prepared.image.output_row(prepared.arena, out, row);
    EXPECT_EQ(bytes.data() - prepared.arena.data(),
              static_cast<std::ptrdiff_t>(prepared.offset("out")) + row * 8 * 2);
    EXPECT_EQ(bytes.size(), 5u * 2);
  }
}

// ---- What it holds before a run ---------------------------------------------------------------

TEST(Image, HoldsTheInputsOfItsRecipe) {
  Prepared prepared(padded + " seed=3");
  for (std::int64_t row = 0; row < 2; ++row) {
    std::vector<double> expected(5);
    make_row(find_recipe("normal"), {3, "x", Content::activation, row}, Format::bf16, expected);
    for (std::int64_t column = 0; column < 5; ++column) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, &prepared.at("x", row, column), sizeof bits);
      EXPECT_EQ(bits, reference::encode(Format::bf16, expected[static_cast<std::size_t>(column)]))
          << row << ", " << column;
    }
  }
}

TEST(Image, TellsInputsAsTheKernelReadsThem) {
  Prepared prepared(padded);
  const Tensor& x = tensor_of(prepared.image, "x");
  for (std::int64_t row = 0; row < 2; ++row) {
    std::vector<double> told(5), held(5);
    prepared.image.input_row(x, row, told);
    reference::decode_row(Format::bf16, &prepared.at("x", row, 0), held);
    EXPECT_EQ(told, held) << "row " << row;
  }
}

TEST(Image, PoisonsWhatIsNoInput) {
  Prepared prepared(padded);
  const auto is_nan = [&](std::byte& element) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, &element, sizeof bits);
    return std::isnan(reference::decode(Format::bf16, bits));
  };
  for (std::int64_t column = 0; column < 5; ++column)
    EXPECT_TRUE(is_nan(prepared.at("out", 1, column))) << "output at " << column;
  EXPECT_TRUE(is_nan(prepared.at("x", 0, 5))) << "between rows";
  EXPECT_TRUE(is_nan(prepared.at("x", 0, -1))) << "before the first row";
  EXPECT_TRUE(is_nan(prepared.at("x", 2, 0))) << "behind the last row";
}

class EveryFormatsPoison : public testing::TestWithParam<Format> {};
INSTANTIATE_TEST_SUITE_P(Formats, EveryFormatsPoison,
                         testing::Values(Format::fp32, Format::fp16, Format::bf16, Format::e4m3fn,
                                         Format::e5m2));

TEST_P(EveryFormatsPoison, IsOneOfFour) {
  std::set<std::uint32_t> patterns;
  for (const bool output : {false, true}) {
    for (const Poison poison : {Poison::first, Poison::second})
      patterns.insert(poison_bits(GetParam(), poison, output));
  }
  EXPECT_EQ(patterns.size(), 4u);
}

TEST_P(EveryFormatsPoison, IsNanWhereAnInputWouldBe) {
  for (const Poison poison : {Poison::first, Poison::second}) {
    EXPECT_TRUE(std::isnan(reference::decode(GetParam(), poison_bits(GetParam(), poison, false))));
  }
}

TEST_P(EveryFormatsPoison, FitsTheFormat) {
  const int bits = reference::format_traits(GetParam()).storage_bits;
  for (const bool output : {false, true}) {
    for (const Poison poison : {Poison::first, Poison::second})
      EXPECT_EQ(std::uint64_t{poison_bits(GetParam(), poison, output)} >> bits, 0u);
  }
}

// ---- Unwritten outputs ------------------------------------------------------------------------

TEST(Image, KnowsAnOutputThatIsStillPoison) {
  const Prepared prepared(padded);
  const Tensor& out = tensor_of(prepared.image, "out");
  const auto element = prepared.image.output_row(prepared.arena, out, 1).subspan(2, 2);
  EXPECT_TRUE(prepared.image.is_poison(out, Poison::first, element));
  EXPECT_FALSE(prepared.image.is_poison(out, Poison::second, element));
}

TEST(Image, KnowsTheOutputsPoisonFromTheInputs) {
  Prepared prepared(padded);
  const Tensor& out = tensor_of(prepared.image, "out");
  std::memcpy(&prepared.at("out", 0, 0), &prepared.at("x", 0, 5), 2);
  EXPECT_FALSE(prepared.image.is_poison(
      out, Poison::first, prepared.image.output_row(prepared.arena, out, 0).first(2)));
}

TEST(Image, NeverTakesAnOutputInPlaceForPoison) {
  const Prepared prepared("add_rms_norm dtype=bf16 tokens=1 hidden=1 eps=0 in_place=1");
  const Tensor& out = tensor_of(prepared.image, "out");
  for (const bool output : {false, true}) {
    const auto bits = poison_bits(Format::bf16, Poison::first, output);
    EXPECT_FALSE(prepared.image.is_poison(out, Poison::first,
                                          {reinterpret_cast<const std::byte*>(&bits), 2}));
  }
}

}  // namespace
}  // namespace fusegate::suites
