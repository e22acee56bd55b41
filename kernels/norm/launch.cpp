#include "kernels/norm/launch.hpp"

#include <map>

#include "kernels/norm/dispatch.hpp"

namespace fusegate::kernels {
namespace {

template <class T>
using PlainProblem = NormProblem<PlainLoader<T>, InverseRms<>, StoreEpilogue<T>>;

template <class T>
using AddProblem = NormProblem<AddLoader<T>, InverseRms<>, StoreEpilogue<T>>;

template <class T>
PlainProblem<T> make_problem(std::int64_t tokens, const RmsNorm& norm, Alignment& alignment) {
  const auto* x = static_cast<const T*>(norm.x.data);
  const auto* weight = static_cast<const T*>(norm.weight);
  auto* out = static_cast<T*>(norm.out.data);
  alignment.add(x, norm.x.stride);
  alignment.add(weight, 0);
  alignment.add(out, norm.out.stride);
  return {{x, norm.x.stride}, {norm.eps}, {out, norm.out.stride, weight}, tokens, norm.hidden};
}

template <class T>
AddProblem<T> make_problem(std::int64_t tokens, const AddRmsNorm& norm, Alignment& alignment) {
  const auto* x = static_cast<const T*>(norm.x.data);
  const auto* residual = static_cast<const T*>(norm.residual.data);
  const auto* weight = static_cast<const T*>(norm.weight);
  auto* out = static_cast<T*>(norm.out.data);
  auto* residual_out = static_cast<T*>(norm.residual_out.data);
  alignment.add(x, norm.x.stride);
  alignment.add(residual, norm.residual.stride);
  alignment.add(weight, 0);
  alignment.add(out, norm.out.stride);
  alignment.add(residual_out, norm.residual_out.stride);
  return {
      {x, norm.x.stride, residual, norm.residual.stride, residual_out, norm.residual_out.stride},
      {norm.eps},
      {out, norm.out.stride, weight},
      tokens,
      norm.hidden};
}

template <class Problem, class... More>
NormBatch<Problem, 1 + sizeof...(More)> make_batch(const Problem& first, const More&... more) {
  return {{first, more...}};
}

bool fits(std::int64_t stride, int hidden) {
  return hidden >= 1 && stride >= hidden;
}

bool is_valid(const RmsNorm& norm) {
  return fits(norm.x.stride, norm.hidden) && fits(norm.out.stride, norm.hidden);
}

bool is_valid(const AddRmsNorm& norm) {
  return fits(norm.x.stride, norm.hidden) && fits(norm.residual.stride, norm.hidden) &&
         fits(norm.out.stride, norm.hidden) && fits(norm.residual_out.stride, norm.hidden);
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

hipError_t dual_rms_norm(ElementType type, std::int64_t tokens, const RmsNorm& first,
                         const RmsNorm& second, hipStream_t stream, LaunchInfo* info,
                         const LaunchLimits& limits) {
  return launch_together("dual_rms_norm", type, tokens, stream, info, limits, first, second);
}

}  // namespace fusegate::kernels
