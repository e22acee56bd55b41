#include "kernels/norm/launch.hpp"

#include <map>
#include <type_traits>

#include "kernels/norm/dispatch.hpp"

namespace fusegate::kernels {
namespace {

template <class T>
PlainLoader<T> make_loader(const RmsNorm& norm, Alignment& alignment) {
  const auto* x = static_cast<const T*>(norm.x.data);
  alignment.add(x, norm.x.stride);
  return {x, norm.x.stride};
}

template <class T>
AddLoader<T> make_loader(const AddRmsNorm& norm, Alignment& alignment) {
  const auto* x = static_cast<const T*>(norm.x.data);
  const auto* residual = static_cast<const T*>(norm.residual.data);
  auto* residual_out = static_cast<T*>(norm.residual_out.data);
  alignment.add(x, norm.x.stride);
  alignment.add(residual, norm.residual.stride);
  alignment.add(residual_out, norm.residual_out.stride);
  return {x, norm.x.stride, residual, norm.residual.stride, residual_out, norm.residual_out.stride};
}

template <class T, class Norm>
Weight<T> make_weight(const Norm& norm, Alignment& alignment) {
  const auto* weight = static_cast<const T*>(norm.weight);
  alignment.add(weight, 0);
  return {weight, norm.added_to_weight};
}

template <class T, class Norm>
auto make_problem(std::int64_t tokens, const Norm& norm, Alignment& alignment) {
  auto* out = static_cast<T*>(norm.out.data);
  alignment.add(out, norm.out.stride);
  const auto loader = make_loader<T>(norm, alignment);
  const StoreEpilogue<T> epilogue{out, norm.out.stride, make_weight<T>(norm, alignment)};
  return NormProblem<std::decay_t<decltype(loader)>, InverseRms<>, StoreEpilogue<T>>{
      loader, {norm.eps}, epilogue, tokens, norm.hidden};
}

template <class T, class Norm>
auto make_problem(std::int64_t tokens, const Norm& norm, const Quantization& quantization,
                  Alignment& alignment) {
  auto* codes = static_cast<std::uint8_t*>(quantization.codes.data);
  auto* out = static_cast<T*>(norm.out.data);
  alignment.add_codes<T>(codes, quantization.codes.stride);
  if (out != nullptr) alignment.add(out, norm.out.stride);
  const auto loader = make_loader<T>(norm, alignment);
  const QuantizeEpilogue<T> epilogue{codes,
                                     quantization.codes.stride,
                                     quantization.type,
                                     make_weight<T>(norm, alignment),
                                     quantization.given_scale,
                                     static_cast<float*>(quantization.scales.data),
                                     quantization.scales.stride,
                                     quantization.least_largest,
                                     out,
                                     norm.out.stride};
  return NormProblem<std::decay_t<decltype(loader)>, InverseRms<>, QuantizeEpilogue<T>>{
      loader, {norm.eps}, epilogue, tokens, norm.hidden};
}

template <class Problem, class... More>
NormBatch<Problem, 1 + sizeof...(More)> make_batch(const Problem& first, const More&... more) {
  return {{first, more...}};
}

bool fits(std::int64_t stride, int hidden) {
  return hidden >= 1 && stride >= hidden;
}

bool has_valid_input(const RmsNorm& norm) {
  return fits(norm.x.stride, norm.hidden);
}

bool has_valid_input(const AddRmsNorm& norm) {
  return fits(norm.x.stride, norm.hidden) && fits(norm.residual.stride, norm.hidden) &&
         fits(norm.residual_out.stride, norm.hidden);
}

template <class Norm>
bool is_valid(const Norm& norm) {
  return has_valid_input(norm) && fits(norm.out.stride, norm.hidden);
}

template <class Norm>
bool is_valid(const Norm& norm, const Quantization& quantization) {
  const bool has_scale = quantization.given_scale != nullptr || quantization.scales.data != nullptr;
  return has_valid_input(norm) && fits(quantization.codes.stride, norm.hidden) && has_scale &&
         (norm.out.data == nullptr || fits(norm.out.stride, norm.hidden));
}

template <class T>
struct Type {
  using type = T;
};

template <class Function>
hipError_t dispatch_type(ElementType type, Function&& function) {
  switch (type) {
    case ElementType::fp32:
      return function(Type<float>{});
    case ElementType::fp16:
      return function(Type<Half>{});
    case ElementType::bf16:
      return function(Type<BFloat16>{});
  }
  return hipErrorInvalidValue;
}

/// Norms that share a launch: same element type, same rows.
template <class... Norms>
hipError_t launch_together(const char* name, ElementType type, std::int64_t tokens,
                           hipStream_t stream, LaunchInfo* info, const LaunchLimits& limits,
                           const Norms&... norms) {
  if (info != nullptr) *info = {};
  if (tokens < 0 || limits.grid < 1 || !(is_valid(norms) && ...)) return hipErrorInvalidValue;
  if (tokens == 0) return hipSuccess;
  return dispatch_type(type, [&](auto element) {
    using T = typename decltype(element)::type;
    Alignment alignment;
    const auto batch = make_batch(make_problem<T>(tokens, norms, alignment)...);
    return dispatch_norm(name, batch, alignment, stream, info, limits);
  });
}

template <class Norm>
hipError_t launch_quantized(const char* name, ElementType type, std::int64_t tokens,
                            const Norm& norm, const Quantization& quantization, hipStream_t stream,
                            LaunchInfo* info, const LaunchLimits& limits) {
  if (info != nullptr) *info = {};
  if (tokens < 0 || limits.grid < 1 || !is_valid(norm, quantization)) return hipErrorInvalidValue;
  if (tokens == 0) return hipSuccess;
  return dispatch_type(type, [&](auto element) {
    using T = typename decltype(element)::type;
    Alignment alignment;
    const auto batch = make_batch(make_problem<T>(tokens, norm, quantization, alignment));
    return dispatch_norm(name, batch, alignment, stream, info, limits);
  });
}

}  // namespace

const hipDeviceProp_t& current_device_properties() {
  thread_local std::map<int, hipDeviceProp_t> known;
  int device = 0;
  static_cast<void>(hipGetDevice(&device));
  auto found = known.find(device);
  if (found == known.end()) {
    found = known.emplace(device, hipDeviceProp_t{}).first;
    static_cast<void>(hipGetDeviceProperties(&found->second, device));
  }
  return found->second;
}

hipError_t rms_norm(ElementType type, std::int64_t tokens, const RmsNorm& norm, hipStream_t stream,
                    LaunchInfo* info, const LaunchLimits& limits) {
  return launch_together("rms_norm", type, tokens, stream, info, limits, norm);
}

hipError_t add_rms_norm(ElementType type, std::int64_t tokens, const AddRmsNorm& norm,
                        hipStream_t stream, LaunchInfo* info, const LaunchLimits& limits) {
  return launch_together("add_rms_norm", type, tokens, stream, info, limits, norm);
}

hipError_t rms_norm_quant(ElementType type, std::int64_t tokens, const RmsNorm& norm,
                          const Quantization& quantization, hipStream_t stream, LaunchInfo* info,
                          const LaunchLimits& limits) {
  return launch_quantized("rms_norm_quant", type, tokens, norm, quantization, stream, info, limits);
}

hipError_t add_rms_norm_quant(ElementType type, std::int64_t tokens, const AddRmsNorm& norm,
                              const Quantization& quantization, hipStream_t stream,
                              LaunchInfo* info, const LaunchLimits& limits) {
  return launch_quantized("add_rms_norm_quant", type, tokens, norm, quantization, stream, info,
                          limits);
}

hipError_t dual_rms_norm(ElementType type, std::int64_t tokens, const RmsNorm& first,
                         const RmsNorm& second, hipStream_t stream, LaunchInfo* info,
                         const LaunchLimits& limits) {
  return launch_together("dual_rms_norm", type, tokens, stream, info, limits, first, second);
}

}  // namespace fusegate::kernels
