#include "suites/image.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

namespace fusegate::suites {
namespace {

using reference::Format;

// Larger cases have their inputs made up anew each time, so that memory stays flat.
constexpr std::size_t largest_kept = 16u << 20;

std::size_t format_bytes(Format format) {
  return static_cast<std::size_t>(reference::format_traits(format).storage_bits) / 8;
}

std::size_t align(std::size_t value) {
  return (value + arena_alignment - 1) / arena_alignment * arena_alignment;
}

using Line = Image::Line;

Line poison_line(std::uint32_t bits, std::size_t size) {
  Line line;
  // Little-endian: narrower types take the low bytes.
  for (std::size_t i = 0; i < line.size(); i += size) std::memcpy(&line[i], &bits, size);
  return line;
}

void fill(std::span<std::byte> bytes, const Line& poison) {
  for (std::size_t i = 0; i < bytes.size(); i += poison.size()) {
    std::memcpy(&bytes[i], poison.data(), std::min(poison.size(), bytes.size() - i));
  }
}

/// How many of `bytes` belong to elements that are no longer poison.
std::size_t count_damage(std::span<const std::byte> bytes, const Line& poison, std::size_t size) {
  std::size_t damaged = 0;
  for (std::size_t i = 0; i < bytes.size(); i += poison.size()) {
    const std::size_t length = std::min(poison.size(), bytes.size() - i);
    if (std::memcmp(&bytes[i], poison.data(), length) == 0) continue;
    for (std::size_t at = 0; at < length; at += size) {
      if (std::memcmp(&bytes[i + at], &poison[at], size) != 0) damaged += size;
    }
  }
  return damaged;
}

}  // namespace

std::uint32_t poison_bits(Format format, Poison poison, bool output) {
  // All are NaN in formats of 16 and 32 bits that hold them.
  const bool first = poison == Poison::first;
  switch (reference::format_traits(format).storage_bits) {
    case 32:
      return output ? (first ? 0x7fe3e3e3u : 0xffeaeaeau) : (first ? 0xffffffffu : 0x7fd5d5d5u);
    case 16:
      return output ? (first ? 0x7fe3u : 0xffeau) : (first ? 0xffffu : 0x7fd5u);
    default:
      return output ? (first ? 0x5au : 0xa5u) : (first ? 0xffu : 0x7fu);
  }
}

Image::Image(const Case& c)
    : case_(c),
      layout_(c.op().layout(c)),
      recipe_(&find_recipe(c.word("inputs"))),
      seed_(c.integer("seed")) {
  for (const Buffer& buffer : layout_.buffers) {
    const std::size_t size = format_bytes(buffer.format);
    const std::size_t data =
        align(bytes_ + redzone_bytes) + static_cast<std::size_t>(buffer.displacement) * size;
    const std::size_t data_bytes = static_cast<std::size_t>(buffer.rows * buffer.stride) * size;
    const auto index = places_.size();
    const bool output = std::none_of(
        layout_.tensors.begin(), layout_.tensors.end(),
        [&](const Tensor& tensor) { return tensor.buffer == index && !tensor.output; });
    places_.push_back({bytes_, data, data_bytes, output});
    // The gap that alignment leaves belongs to the redzone before it.
    bytes_ = align(data + data_bytes + redzone_bytes);
  }
  kept_.resize(layout_.tensors.size());
  keep_inputs();
}

/// Making inputs up is most of what a case costs this process.
void Image::keep_inputs() {
  if (bytes_ > largest_kept) return;
  for (std::size_t i = 0; i < layout_.tensors.size(); ++i) {
    const Tensor& tensor = layout_.tensors[i];
    if (tensor.output) continue;
    const auto rows = static_cast<std::size_t>(layout_.buffers[tensor.buffer].rows);
    const std::size_t size = row_bytes(tensor);
    kept_[i].resize(rows * size);
    for (std::size_t row = 0; row < rows; ++row) {
      make_input_row(i, static_cast<std::int64_t>(row),
                     std::span(kept_[i]).subspan(row * size, size));
    }
  }
}

std::size_t Image::row_bytes(const Tensor& tensor) const {
  return static_cast<std::size_t>(tensor.columns) *
         format_bytes(layout_.buffers[tensor.buffer].format);
}

void Image::make_input_row(std::size_t index, std::int64_t row, std::span<std::byte> bytes) const {
  const Tensor& tensor = layout_.tensors[index];
  const Format format = layout_.buffers[tensor.buffer].format;
  std::vector<double> values(static_cast<std::size_t>(tensor.columns), tensor.value);
  if (tensor.content != Content::constant) {
    make_row(*recipe_, {seed_, tensor.name, tensor.content, row}, format, values);
  }
  reference::encode_row(format, values, bytes.data());
}

void Image::input_row_bytes(std::size_t index, std::int64_t row, std::span<std::byte> bytes) const {
  if (kept_[index].empty()) {
    make_input_row(index, row, bytes);
  } else {
    const auto first = static_cast<std::size_t>(row) * bytes.size();
    std::memcpy(bytes.data(), &kept_[index][first], bytes.size());
  }
}

Image::Line Image::poison_of(std::size_t index, Poison poison) const {
  const Format format = layout_.buffers[index].format;
  return poison_line(poison_bits(format, poison, places_[index].output), format_bytes(format));
}

bool Image::is_poison(const Tensor& output, Poison poison,
                      std::span<const std::byte> element) const {
  const Line line = poison_of(output.buffer, poison);
  return places_[output.buffer].output &&
         std::memcmp(element.data(), line.data(), element.size()) == 0;
}

std::size_t Image::offset(const Tensor& tensor) const {
  return places_[tensor.buffer].data + static_cast<std::size_t>(tensor.column) *
                                           format_bytes(layout_.buffers[tensor.buffer].format);
}

void Image::input_row(const Tensor& tensor, std::int64_t row, std::span<double> values) const {
  // The numbers that the kernel reads: what the format made of the recipe's.
  std::vector<std::byte> bytes(row_bytes(tensor));
  const auto found = std::find_if(layout_.tensors.begin(), layout_.tensors.end(),
                                  [&](const Tensor& t) { return t.name == tensor.name; });
  input_row_bytes(static_cast<std::size_t>(found - layout_.tensors.begin()), row, bytes);
  reference::decode_row(layout_.buffers[tensor.buffer].format, bytes.data(), values);
}

void Image::make_buffer_row(std::size_t index, std::int64_t row, Poison poison,
                            std::span<std::byte> bytes) const {
  fill(bytes, poison_of(index, poison));
  for (std::size_t i = 0; i < layout_.tensors.size(); ++i) {
    const Tensor& tensor = layout_.tensors[i];
    if (tensor.buffer != index || tensor.output) continue;
    const auto first =
        static_cast<std::size_t>(tensor.column) * format_bytes(layout_.buffers[index].format);
    input_row_bytes(i, row, bytes.subspan(first, row_bytes(tensor)));
  }
}

void Image::write(std::span<std::byte> arena, Poison poison) const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Buffer& buffer = layout_.buffers[i];
    const Place& place = places_[i];
    const std::size_t end = i + 1 < places_.size() ? places_[i + 1].begin : bytes_;
    // Poison starts on whole elements: the displacement is a multiple of the element.
    const Line line = poison_of(i, poison);
    fill(arena.subspan(place.begin, place.data - place.begin), line);
    fill(arena.subspan(place.data + place.data_bytes, end - place.data - place.data_bytes), line);
    const std::size_t row_bytes =
        static_cast<std::size_t>(buffer.stride) * format_bytes(buffer.format);
    for (std::int64_t row = 0; row < buffer.rows; ++row) {
      make_buffer_row(
          i, row, poison,
          arena.subspan(place.data + static_cast<std::size_t>(row) * row_bytes, row_bytes));
    }
  }
}

std::optional<std::string> Image::find_redzone_damage(std::span<const std::byte> arena,
                                                      std::size_t index, Poison poison) const {
  const Buffer& buffer = layout_.buffers[index];
  const Place& place = places_[index];
  const std::size_t end = index + 1 < places_.size() ? places_[index + 1].begin : bytes_;
  const Line line = poison_of(index, poison);
  const std::size_t size = format_bytes(buffer.format);
  const auto before = arena.subspan(place.begin, place.data - place.begin);
  const auto behind =
      arena.subspan(place.data + place.data_bytes, end - place.data - place.data_bytes);
  if (const auto damaged = count_damage(before, line, size); damaged > 0) {
    return fmt::format("{} bytes before the start of {} were overwritten", damaged, buffer.name);
  }
  if (const auto damaged = count_damage(behind, line, size); damaged > 0) {
    return fmt::format("{} bytes behind the end of {} were overwritten", damaged, buffer.name);
  }
  return std::nullopt;
}

std::optional<std::string> Image::find_row_damage(std::span<const std::byte> actual,
                                                  std::span<const std::byte> expected,
                                                  std::size_t index, std::int64_t row) const {
  if (std::memcmp(actual.data(), expected.data(), actual.size()) == 0) return std::nullopt;
  const Buffer& buffer = layout_.buffers[index];
  const std::size_t size = format_bytes(buffer.format);
  for (std::int64_t column = 0; column < buffer.stride; ++column) {
    const auto at = static_cast<std::size_t>(column) * size;
    if (std::memcmp(&actual[at], &expected[at], size) == 0) continue;
    const Tensor* input = nullptr;
    bool output = false;
    for (const Tensor& tensor : layout_.tensors) {
      if (tensor.buffer != index || column < tensor.column ||
          column >= tensor.column + tensor.columns) {
        continue;
      }
      output |= tensor.output;
      input = tensor.output ? input : &tensor;
    }
    if (output) continue;
    if (input != nullptr) {
      return fmt::format("the input {} was changed at [{}, {}]", input->name, row,
                         column - input->column);
    }
    return fmt::format("{} was overwritten between its rows, at column {} of row {}", buffer.name,
                       column, row);
  }
  return std::nullopt;
}

std::optional<std::string> Image::find_damage(std::span<const std::byte> arena,
                                              Poison poison) const {
  std::vector<std::byte> expected;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (auto damage = find_redzone_damage(arena, i, poison)) return damage;
    const Buffer& buffer = layout_.buffers[i];
    expected.resize(static_cast<std::size_t>(buffer.stride) * format_bytes(buffer.format));
    for (std::int64_t row = 0; row < buffer.rows; ++row) {
      make_buffer_row(i, row, poison, expected);
      const auto actual = arena.subspan(
          places_[i].data + static_cast<std::size_t>(row) * expected.size(), expected.size());
      if (auto damage = find_row_damage(actual, expected, i, row)) return damage;
    }
  }
  return std::nullopt;
}

std::span<const std::byte> Image::output_row(std::span<const std::byte> arena, const Tensor& tensor,
                                             std::int64_t row) const {
  const Buffer& buffer = layout_.buffers[tensor.buffer];
  const std::size_t size = format_bytes(buffer.format);
  const std::size_t first = offset(tensor) + static_cast<std::size_t>(row * buffer.stride) * size;
  return arena.subspan(first, static_cast<std::size_t>(tensor.columns) * size);
}

}  // namespace fusegate::suites
