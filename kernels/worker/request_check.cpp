#include "kernels/worker/request_check.hpp"

#include <string_view>

#include <fmt/format.h>

namespace fusegate::kernels {
namespace {

std::size_t element_bytes(const std::string& dtype) {
  if (dtype == "fp32") return 4;
  if (dtype == "fp16" || dtype == "bf16") return 2;
  return 1;
}

/// Whether a tensor ends at or before `bytes`; in an order that cannot overflow.
bool is_inside(const TensorArgument& tensor, std::uint64_t bytes) {
  if (tensor.rows < 0 || tensor.columns < 0 || tensor.row_stride < 0) return false;
  if (tensor.offset > bytes) return false;
  const std::uint64_t room = (bytes - tensor.offset) / element_bytes(tensor.dtype);
  const auto columns = static_cast<std::uint64_t>(tensor.columns);
  if (tensor.rows == 0) return true;
  if (columns > room) return false;
  const auto steps = static_cast<std::uint64_t>(tensor.rows - 1);
  const auto stride = static_cast<std::uint64_t>(tensor.row_stride);
  return steps == 0 || stride <= (room - columns) / steps;
}

[[noreturn]] void refuse(const std::string& what) {
  throw WorkerError(ErrorKind::invalid_request, what);
}

void check_place(const TensorArgument& tensor, std::uint64_t arena_bytes) {
  if (!is_inside(tensor, arena_bytes)) {
    refuse(fmt::format("tensor {} does not lie in the arena's {} bytes", tensor.name, arena_bytes));
  }
  if (tensor.row_stride < tensor.columns) {
    refuse(fmt::format("tensor {} has a row_stride of {}, less than its {} columns", tensor.name,
                       tensor.row_stride, tensor.columns));
  }
  if (tensor.offset % element_bytes(tensor.dtype) != 0) {
    refuse(fmt::format("tensor {} has an offset of {}, no multiple of the {} bytes of {}",
                       tensor.name, tensor.offset, element_bytes(tensor.dtype), tensor.dtype));
  }
}

/// What a norm calls its input: "x", or "q_x" where there are several.
bool is_norm_input(const std::string& name) {
  return name == "x" || name.ends_with("_x");
}

void check_shape(const TensorArgument& tensor, std::int64_t rows, std::int64_t columns) {
  if (tensor.rows == rows && tensor.columns == columns) return;
  refuse(fmt::format("tensor {} has {} rows of {} elements; {} of {} fit the others", tensor.name,
                     tensor.rows, tensor.columns, rows, columns));
}

/// The tensors of the norm of `x`: those with its prefix.
void check_norm(const RunRequest& request, const TensorArgument& x) {
  if (x.columns < 1) refuse(fmt::format("tensor {} has rows of no elements", x.name));
  const auto prefix = x.name.substr(0, x.name.size() - 1);
  for (const auto& tensor : request.tensors) {
    if (!tensor.name.starts_with(prefix)) continue;
    const auto part = std::string_view(tensor.name).substr(prefix.size());
    if (part == "weight") check_shape(tensor, 1, x.columns);
    if (part == "out" || part == "norm_out" || part == "residual" || part == "residual_out") {
      check_shape(tensor, x.rows, x.columns);
    }
  }
}

}  // namespace

void check_request(const RunRequest& request) {
  for (const auto& tensor : request.tensors) check_place(tensor, request.arena_bytes);
  const TensorArgument* first = nullptr;
  for (const auto& tensor : request.tensors) {
    if (!is_norm_input(tensor.name)) continue;
    check_norm(request, tensor);
    if (first == nullptr) first = &tensor;
    check_shape(tensor, first->rows, tensor.columns);
  }
}

}  // namespace fusegate::kernels
