#include "kernels/worker/operation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace fusegate::kernels {
namespace {

constexpr std::pair<const char*, ElementType> element_types[] = {
    {"fp32", ElementType::fp32}, {"fp16", ElementType::fp16}, {"bf16", ElementType::bf16}};

RmsNorm rms_norm_of(const Call& call, const std::string& prefix) {
  return {.x = call.const_rows(prefix + "x"),
          .weight = call.const_rows(prefix + "weight").data,
          .out = call.rows(prefix + "out"),
          .hidden = static_cast<int>(call.tensor(prefix + "x").columns),
          .eps = call.real(prefix + "eps")};
}

hipError_t launch_rms_norm(const Call& call, LaunchInfo& info) {
  return rms_norm(call.element_type(), call.tensor("x").rows, rms_norm_of(call, ""), call.stream(),
                  &info);
}

hipError_t launch_add_rms_norm(const Call& call, LaunchInfo& info) {
  const AddRmsNorm norm{.x = call.const_rows("x"),
                        .residual = call.const_rows("residual"),
                        .weight = call.const_rows("weight").data,
                        .out = call.rows("out"),
                        .residual_out = call.rows("residual_out"),
                        .hidden = static_cast<int>(call.tensor("x").columns),
                        .eps = call.real("eps")};
  return add_rms_norm(call.element_type(), call.tensor("x").rows, norm, call.stream(), &info);
}

hipError_t launch_dual_rms_norm(const Call& call, LaunchInfo& info) {
  return dual_rms_norm(call.element_type(), call.tensor("q_x").rows, rms_norm_of(call, "q_"),
                       rms_norm_of(call, "kv_"), call.stream(), &info);
}

constexpr Operation operations[] = {
    {"rms_norm", launch_rms_norm},
    {"add_rms_norm", launch_add_rms_norm},
    {"dual_rms_norm", launch_dual_rms_norm},
};

}  // namespace

const TensorArgument& Call::tensor(const std::string& name) const {
  const auto found =
      std::find_if(request_.tensors.begin(), request_.tensors.end(),
                   [&](const TensorArgument& tensor) { return tensor.name == name; });
  if (found == request_.tensors.end()) {
    throw WorkerError(ErrorKind::invalid_request,
                      fmt::format("{} without a tensor '{}'", request_.op, name));
  }
  return *found;
}

Rows Call::rows(const std::string& name) const {
  const TensorArgument& found = tensor(name);
  return {base_ + found.offset, found.row_stride};
}

ConstRows Call::const_rows(const std::string& name) const {
  const Rows found = rows(name);
  return {found.data, found.stride};
}

float Call::real(const std::string& name) const {
  const auto found = request_.parameters.find(name);
  if (found != request_.parameters.end()) {
    if (const auto* value = std::get_if<double>(&found->second)) return static_cast<float>(*value);
    if (const auto* value = std::get_if<std::int64_t>(&found->second)) {
      return static_cast<float>(*value);
    }
  }
  throw WorkerError(ErrorKind::invalid_request,
                    fmt::format("{} without a number '{}'", request_.op, name));
}

ElementType Call::element_type() const {
  const std::string& dtype = request_.tensors.front().dtype;
  for (const auto& tensor : request_.tensors) {
    if (tensor.dtype != dtype) {
      throw WorkerError(
          ErrorKind::unsupported,
          fmt::format("tensors of different types: {} is {}, {} is {}",
                      request_.tensors.front().name, dtype, tensor.name, tensor.dtype));
    }
  }
  const auto* found = std::find_if(std::begin(element_types), std::end(element_types),
                                   [&](const auto& entry) { return entry.first == dtype; });
  if (found == std::end(element_types)) {
    throw WorkerError(ErrorKind::unsupported,
                      fmt::format("element type {}; there are fp32, fp16 and bf16", dtype));
  }
  return found->second;
}

std::span<const Operation> builtin_operations() {
  return operations;
}

}  // namespace fusegate::kernels
