#include "kernels/worker/operation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace fusegate::kernels {
namespace {

constexpr std::pair<const char*, ElementType> element_types[] = {
    {"fp32", ElementType::fp32}, {"fp16", ElementType::fp16}, {"bf16", ElementType::bf16}};

// What a kernel's width may be: far below where its 32-bit columns end.
constexpr std::int64_t widest = 1 << 30;

[[noreturn]] void refuse(const std::string& what) {
  throw WorkerError(ErrorKind::invalid_request, what);
}

/// The width of a norm's rows, as the kernels count it.
int norm_width(const Call& call, const std::string& prefix) {
  const TensorArgument& x = call.tensor(prefix + "x");
  if (x.columns > widest) {
    throw WorkerError(ErrorKind::unsupported,
                      fmt::format("rows of {} elements; at most {}", x.columns, widest));
  }
  return static_cast<int>(x.columns);
}

RmsNorm rms_norm_of(const Call& call, const std::string& prefix) {
  return {.x = call.const_rows(prefix + "x"),
          .weight = call.const_rows(prefix + "weight").data,
          .out = call.rows(prefix + "out"),
          .hidden = norm_width(call, prefix),
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
                        .hidden = norm_width(call, ""),
                        .eps = call.real("eps")};
  return add_rms_norm(call.element_type(), call.tensor("x").rows, norm, call.stream(), &info);
}

hipError_t launch_dual_rms_norm(const Call& call, LaunchInfo& info) {
  const RmsNorm q = rms_norm_of(call, "q_");
  const RmsNorm kv = rms_norm_of(call, "kv_");
  return dual_rms_norm(call.element_type(), call.tensor("q_x").rows, q, kv, call.stream(), &info);
}

}  // namespace

const TensorArgument& Call::tensor(const std::string& name) const {
  const auto found =
      std::find_if(request_.tensors.begin(), request_.tensors.end(),
                   [&](const TensorArgument& tensor) { return tensor.name == name; });
  if (found == request_.tensors.end()) {
    refuse(fmt::format("{} without a tensor '{}'", request_.op, name));
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
  refuse(fmt::format("{} without a number '{}'", request_.op, name));
}

ElementType Call::element_type() const {
  if (request_.tensors.empty()) refuse(fmt::format("{} without tensors", request_.op));
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

std::vector<Operation> builtin_operations() {
  return {{"rms_norm", launch_rms_norm},
          {"add_rms_norm", launch_add_rms_norm},
          {"dual_rms_norm", launch_dual_rms_norm}};
}

}  // namespace fusegate::kernels
