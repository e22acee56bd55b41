#include "suites/limits.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "probe/base/text.hpp"

namespace fusegate::suites {
namespace {

using Range = probe::Limits::Range;

/// A tensor as a library is given it.
struct Given {
  std::string name;
  std::string dtype;
  std::int64_t rows;
  std::int64_t columns;
  std::int64_t stride;        ///< elements
  std::int64_t stride_bytes;  ///< the same
  std::int64_t offset;        ///< bytes from an address that is aligned to 256
};

constexpr std::int64_t dimensions = 2;  // of every tensor of a case

template <class Values, class Value>
bool has(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// In the order of their names: of several objections the same one is told in any layout.
std::vector<Given> tensors_of(const Image& image) {
  std::vector<Given> all;
  for (const Tensor& tensor : image.layout().tensors) {
    const Buffer& buffer = image.layout().buffers[tensor.buffer];
    const auto bytes = static_cast<std::int64_t>(reference::row_bytes(buffer.format, 1));
    all.push_back({tensor.name, std::string(reference::format_name(buffer.format)), buffer.rows,
                   tensor.columns, buffer.stride, buffer.stride * bytes,
                   static_cast<std::int64_t>(image.offset(tensor))});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

bool is_outside(std::int64_t value, const Range& range) {
  return (range.min && value < *range.min) || (range.max && value > *range.max) ||
         (range.multiple_of && value % *range.multiple_of != 0) ||
         (!range.one_of.empty() && !has(range.one_of, value));
}

std::string text_of(const Range& range) {
  std::vector<std::string> parts;
  if (range.min) parts.push_back(fmt::format("min {}", *range.min));
  if (range.max) parts.push_back(fmt::format("max {}", *range.max));
  if (range.multiple_of) parts.push_back(fmt::format("multiple of {}", *range.multiple_of));
  if (!range.one_of.empty()) {
    parts.push_back(fmt::format("one of {}", fmt::join(range.one_of, ", ")));
  }
  return join(parts, ", ");
}

std::string objection_to_values(const probe::Limits& limits, const std::vector<Given>& tensors) {
  if (!limits.ranks.empty() && !has(limits.ranks, dimensions)) {
    return fmt::format("tensors of {} dimensions; it takes {}", dimensions,
                       fmt::join(limits.ranks, ", "));
  }
  const bool takes_any = limits.dtypes.empty() || has(limits.dtypes, "any");
  std::int64_t rows = 0;
  for (const auto& tensor : tensors) {
    rows = std::max(rows, tensor.rows);
    if (!takes_any && !has(limits.dtypes, tensor.dtype)) {
      return fmt::format("tensor {} is of type {}; it takes {}", tensor.name, tensor.dtype,
                         join(limits.dtypes, ", "));
    }
    if (is_outside(tensor.columns, limits.hidden)) {
      return fmt::format("rows of {} elements; it takes {}", tensor.columns,
                         text_of(limits.hidden));
    }
  }
  if (!is_outside(rows, limits.tokens)) return "";
  return fmt::format("{} rows; it takes {}", rows, text_of(limits.tokens));
}

std::string objection_to_memory(const probe::Limits& limits, const std::vector<Given>& tensors) {
  const std::int64_t alignment = limits.alignment_bytes.value_or(1);
  std::set<std::int64_t> strides;  // of those that are to be alike
  for (const auto& tensor : tensors) {
    const bool has_several = tensor.rows > 1;
    const bool is_padded = has_several && tensor.stride != tensor.columns;
    if (is_padded && has(limits.contiguous, tensor.name)) {
      return fmt::format("tensor {} has rows that are apart; it takes contiguous ones",
                         tensor.name);
    }
    if (tensor.offset % alignment != 0 || (has_several && tensor.stride_bytes % alignment != 0)) {
      return fmt::format("rows of tensor {} begin off {} bytes", tensor.name, alignment);
    }
    if (has(limits.same_stride, tensor.name)) strides.insert(tensor.stride);
  }
  if (strides.size() <= 1) return "";
  return fmt::format("tensors {} have rows that are differently far apart",
                     join(limits.same_stride, ", "));
}

}  // namespace

std::string objection(const probe::Limits& limits, const Image& image) {
  const auto tensors = tensors_of(image);
  auto text = objection_to_values(limits, tensors);
  return text.empty() ? objection_to_memory(limits, tensors) : text;
}

}  // namespace fusegate::suites
