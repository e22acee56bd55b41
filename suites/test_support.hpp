// What the tests of this folder share.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "probe/base/error.hpp"
#include "probe/base/test_support.hpp"
#include "suites/case.hpp"
#include "suites/image.hpp"

namespace fusegate::suites {

template <class Action>
std::string usage_error(Action&& action) {
  return message_of<UsageError>(action);
}

inline std::size_t element_bytes(const Image& image, const Tensor& tensor) {
  return reference::row_bytes(image.layout().buffers[tensor.buffer].format, 1);
}

/// Memory of a case, as it is before a run.
inline std::vector<std::byte> fresh_arena(const Image& image, Poison poison = Poison::first) {
  std::vector<std::byte> arena(image.bytes());
  image.write(arena, poison);
  return arena;
}

/// What a right implementation leaves behind: every output row, computed and rounded once.
inline void run_rightly(const Case& c, const Image& image, std::span<std::byte> arena,
                        const reference::NumericPolicy& policy = {}) {
  const Layout& layout = image.layout();
  RowValues row;
  for (const Tensor& tensor : layout.tensors)
    row.emplace_back(static_cast<std::size_t>(tensor.columns));
  for (std::int64_t r = 0; r < layout.buffers[layout.tensors.back().buffer].rows; ++r) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Tensor& tensor = layout.tensors[i];
      if (tensor.output) continue;
      image.input_row(tensor, tensor.is_single_row() ? 0 : r, row[i]);
    }
    c.op().expect(c, policy, row);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Tensor& tensor = layout.tensors[i];
      if (!tensor.output) continue;
      const Buffer& buffer = layout.buffers[tensor.buffer];
      const auto at = image.offset(tensor) +
                      static_cast<std::size_t>(r * buffer.stride) * element_bytes(image, tensor);
      const bool is_code = reference::format_traits(buffer.format).storage_bits == 8;
      reference::encode_row(buffer.format, row[i], &arena[at],
                            is_code ? policy.codes : policy.store);
    }
  }
}

/// The tensor of that name.
inline const Tensor& tensor_of(const Image& image, std::string_view name) {
  for (const Tensor& tensor : image.layout().tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::out_of_range(std::string(name));
}

}  // namespace fusegate::suites
