#include "suites/request.hpp"

#include <string>
#include <variant>

namespace fusegate::suites {
namespace {

kernels::Scalar to_scalar(const Value& value) {
  return std::visit([](const auto& v) { return kernels::Scalar(v); }, value);
}

}  // namespace

kernels::RunRequest make_request(const Case& c, const Image& image) {
  kernels::RunRequest request;
  request.op = c.op().name;
  for (const auto& [name, value] : c.op().scalars(c)) {
    request.parameters.emplace(name, to_scalar(value));
  }
  for (const Tensor& tensor : image.layout().tensors) {
    const Buffer& buffer = image.layout().buffers[tensor.buffer];
    request.tensors.push_back({tensor.name, std::string(reference::format_name(buffer.format)),
                               buffer.rows, tensor.columns, buffer.stride, image.offset(tensor)});
  }
  request.arena_bytes = image.bytes();
  return request;
}

}  // namespace fusegate::suites
