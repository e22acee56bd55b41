#include "kernels/worker/operation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace fusegate::kernels {
namespace {

constexpr std::pair<const char*, ElementType> element_types[] = {
    {"fp32", ElementType::fp32}, {"fp16", ElementType::fp16}, {"bf16", ElementType::bf16}};

constexpr std::pair<const char*, CodeType> code_types[] = {
    {"e4m3fn", CodeType::e4m3fn}, {"e4m3fnuz", CodeType::e4m3fnuz}, {"int8", CodeType::int8}};

// Rows of zeros have a scale above zero, as in AITER's and vLLM's kernels.
constexpr float least_largest = 1e-10f;

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

AddRmsNorm add_rms_norm_of(const Call& call) {
  return {.x = call.const_rows("x"),
          .residual = call.const_rows("residual"),
          .weight = call.const_rows("weight").data,
          .out = call.rows("out"),
          .residual_out = call.rows("residual_out"),
          .hidden = norm_width(call, ""),
          .eps = call.real("eps")};
}

/// Of a norm whose weight is w, or w + 1.
struct LaunchNorm {
  bool adds_residual;
  float added_to_weight;

  hipError_t operator()(const Call& call, LaunchInfo& info) const {
    const auto tokens = call.tensor("x").rows;
    if (adds_residual) {
      AddRmsNorm norm = add_rms_norm_of(call);
      norm.added_to_weight = added_to_weight;
      return add_rms_norm(call.element_type(), tokens, norm, call.stream(), &info);
    }
    RmsNorm norm = rms_norm_of(call, "");
    norm.added_to_weight = added_to_weight;
    return rms_norm(call.element_type(), tokens, norm, call.stream(), &info);
  }
};

CodeType code_type(const TensorArgument& out) {
  const auto* found = std::find_if(std::begin(code_types), std::end(code_types),
                                   [&](const auto& entry) { return entry.first == out.dtype; });
  if (found != std::end(code_types)) return found->second;
  throw WorkerError(
      ErrorKind::unsupported,
      fmt::format("codes of type {}; there are e4m3fn, e4m3fnuz and int8", out.dtype));
}

/// The scale is an input of one element, or an output with one for each row.
Quantization quantization_of(const Call& call, bool has_given_scale) {
  const TensorArgument& scale = call.tensor("scale");
  const auto rows = has_given_scale ? 1 : call.tensor("x").rows;
  if (scale.dtype != "fp32" || scale.columns != 1 || scale.rows != rows) {
    refuse(fmt::format("tensor scale is {} rows of {} elements of {}; {} of 1 of fp32 fit",
                       scale.rows, scale.columns, scale.dtype, rows));
  }
  const Rows data = call.rows("scale");
  return {.type = code_type(call.tensor("out")),
          .codes = call.rows("out"),
          .given_scale = has_given_scale ? static_cast<const float*>(data.data) : nullptr,
          .scales = data,
          .least_largest = least_largest};
}

/// The same as codes: out has these, and the norm itself, where it is wanted, is norm_out.
struct LaunchQuantizedNorm {
  bool adds_residual;
  float added_to_weight;
  bool has_given_scale;

  hipError_t operator()(const Call& call, LaunchInfo& info) const {
    constexpr std::string_view of_other_types[] = {"out", "scale"};
    const auto type = call.element_type(of_other_types);
    const auto tokens = call.tensor("x").rows;
    const auto quantization = quantization_of(call, has_given_scale);
    const Rows out = call.has("norm_out") ? call.rows("norm_out") : Rows{nullptr, 0};
    if (adds_residual) {
      AddRmsNorm norm = add_rms_norm_of(call);
      norm.out = out;
      norm.added_to_weight = added_to_weight;
      return add_rms_norm_quant(type, tokens, norm, quantization, call.stream(), &info);
    }
    RmsNorm norm = rms_norm_of(call, "");
    norm.out = out;
    norm.added_to_weight = added_to_weight;
    return rms_norm_quant(type, tokens, norm, quantization, call.stream(), &info);
  }
};

hipError_t launch_dual_rms_norm(const Call& call, LaunchInfo& info) {
  const RmsNorm q = rms_norm_of(call, "q_");
  const RmsNorm kv = rms_norm_of(call, "kv_");
  return dual_rms_norm(call.element_type(), call.tensor("q_x").rows, q, kv, call.stream(), &info);
}

}  // namespace

bool Call::has(const std::string& name) const {
  return std::any_of(request_.tensors.begin(), request_.tensors.end(),
                     [&](const TensorArgument& tensor) { return tensor.name == name; });
}

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

ElementType Call::element_type(std::span<const std::string_view> others) const {
  const TensorArgument* first = nullptr;
  for (const auto& tensor : request_.tensors) {
    if (std::find(others.begin(), others.end(), tensor.name) != others.end()) continue;
    if (first == nullptr) first = &tensor;
    if (tensor.dtype == first->dtype) continue;
    throw WorkerError(ErrorKind::unsupported,
                      fmt::format("tensors of different types: {} is {}, {} is {}", first->name,
                                  first->dtype, tensor.name, tensor.dtype));
  }
  if (first == nullptr) refuse(fmt::format("{} without tensors", request_.op));
  const std::string& dtype = first->dtype;
  const auto* found = std::find_if(std::begin(element_types), std::end(element_types),
                                   [&](const auto& entry) { return entry.first == dtype; });
  if (found == std::end(element_types)) {
    throw WorkerError(ErrorKind::unsupported,
                      fmt::format("element type {}; there are fp32, fp16 and bf16", dtype));
  }
  return found->second;
}

std::vector<Operation> builtin_operations() {
  std::vector<Operation> operations{{"dual_rms_norm", launch_dual_rms_norm}};
  for (const bool adds : {false, true}) {
    for (const bool is_gemma : {false, true}) {
      const float added = is_gemma ? 1.0f : 0.0f;
      const auto name =
          std::string(adds ? "add_" : "") + (is_gemma ? "gemma_rms_norm" : "rms_norm");
      operations.push_back({name, LaunchNorm{adds, added}});
      operations.push_back({name + "_static_quant", LaunchQuantizedNorm{adds, added, true}});
      operations.push_back({name + "_dynamic_quant", LaunchQuantizedNorm{adds, added, false}});
    }
  }
  return operations;
}

}  // namespace fusegate::kernels
