#include "suites/declared.hpp"

#include <algorithm>

namespace fusegate::suites {
namespace {

// Of the widest loads and stores of GPUs.
constexpr std::int64_t vector_bytes = 16;
// The widest row that several libraries keep in registers.
constexpr std::int64_t wide = 8192;

std::int64_t element_bytes(const Buffer& buffer) {
  return static_cast<std::int64_t>(reference::row_bytes(buffer.format, 1));
}

/// Whether rows of a tensor begin elsewhere than its width alone would have it.
bool begins_off(const Layout& layout, const Tensor& tensor) {
  const Buffer& buffer = layout.buffers[tensor.buffer];
  const auto bytes = element_bytes(buffer);
  if ((buffer.displacement + tensor.column) * bytes % vector_bytes != 0) return true;
  return buffer.rows > 1 && buffer.stride != tensor.columns &&
         buffer.stride * bytes % vector_bytes != 0;
}

bool is_padded(const Layout& layout, const Tensor& tensor) {
  const Buffer& buffer = layout.buffers[tensor.buffer];
  return buffer.rows > 1 && buffer.stride != tensor.columns;
}

bool is_odd(const Layout& layout, const Tensor& tensor) {
  const auto bytes = element_bytes(layout.buffers[tensor.buffer]);
  return tensor.columns * bytes % vector_bytes != 0;
}

}  // namespace

const char* conduct_name(Conduct conduct) {
  const auto* found = std::find_if(all_conducts.begin(), all_conducts.end(),
                                   [&](const auto& words) { return words.conduct == conduct; });
  return found->name;
}

std::string memory_feature(const Layout& layout) {
  const auto any = [&](auto&& holds) {
    return std::any_of(layout.tensors.begin(), layout.tensors.end(),
                       [&](const Tensor& tensor) { return holds(layout, tensor); });
  };
  const auto no_rows = [](const Layout& all, const Tensor& tensor) {
    return all.buffers[tensor.buffer].rows == 0;
  };
  if (any(no_rows)) return "no rows";
  if (any(begins_off)) return "rows begin off 16 bytes";
  if (any(is_padded)) return "padded rows";
  if (any(is_odd)) return "width off 16 bytes";
  if (any([](const Layout&, const Tensor& tensor) { return tensor.columns > wide; })) {
    return "wider than 8192";
  }
  return "plain";
}

}  // namespace fusegate::suites
