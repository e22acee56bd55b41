// How a normalized row leaves the kernel. For packs of N values that the loader gave, of which the
// first `count` exist, an epilogue has
//   store(row, column, count, values, of_row)
// and before any of these, for what is the same in all of a row,
//   of_row = begin(row, inverse_rms, largest)
// where `largest` is, if asks_for_largest(), the largest magnitude of the row by
//   largest(column, count, values, inverse_rms)
// An epilogue that never asks says so at compile time.
#pragma once

#include "kernels/quant/code.hpp"
#include "kernels/quant/element.hpp"

namespace fusegate::kernels {

/// What rows are multiplied by, beside their own 1 / RMS.
template <class T>
struct Weight {
  const T* data;
  float added = 0.0f;  ///< to each: 1 for Gemma's norms

  /// values * inverse_rms * weight; what lies beyond `count` is 0.
  template <int N>
  __device__ __forceinline__ void apply(int column, int count, const float (&values)[N],
                                        float inverse_rms, float (&result)[N]) const {
    const auto weights = load_pack<N>(data + column, count);
#pragma unroll
    for (int i = 0; i < N; ++i) {
      result[i] = values[i] * inverse_rms * (to_float(weights.values[i]) + added);
    }
  }
};

/// values * inverse_rms * weight, rounded once.
template <class T>
struct StoreEpilogue {
  static constexpr bool may_ask_for_largest = false;

  T* out;
  std::int64_t stride;  ///< elements from row to row
  Weight<T> weight;

  __device__ __forceinline__ float begin(std::int64_t, float inverse_rms, float) const {
    return inverse_rms;
  }

  template <int N>
  __device__ __forceinline__ void store(std::int64_t row, int column, int count,
                                        const float (&values)[N], float inverse_rms) const {
    float result[N];
    weight.apply(column, count, values, inverse_rms, result);
    store_pack<N>(out + row * stride + column, count, result);
  }
};

/// values * inverse_rms * weight as codes and a scale, the norm before that in fp32; on request the
/// norm rounded to T as well.
template <class T>
struct QuantizeEpilogue {
  static constexpr bool may_ask_for_largest = true;

  std::uint8_t* codes;
  std::int64_t stride;  ///< of codes, elements from row to row
  CodeType type;
  Weight<T> weight;
  const float* given_scale;  ///< null: each row's own, which goes to `scales`
  float* scales;
  std::int64_t scales_stride;
  float least_largest;  ///< what a row's largest magnitude is taken for at least
  T* norm;              ///< null: not wanted
  std::int64_t norm_stride;

  struct OfRow {
    float inverse_rms, inverse_scale;
  };

  __device__ __forceinline__ bool asks_for_largest() const { return given_scale == nullptr; }

  template <int N>
  __device__ __forceinline__ float largest(int column, int count, const float (&values)[N],
                                           float inverse_rms) const {
    float normed[N];
    weight.apply(column, count, values, inverse_rms, normed);
    float result = 0.0f;
#pragma unroll
    for (int i = 0; i < N; ++i) result = fmaxf(result, fabsf(normed[i]));
    return result;
  }

  __device__ __forceinline__ OfRow begin(std::int64_t row, float inverse_rms,
                                         float row_largest) const {
    if (given_scale != nullptr) return {inverse_rms, 1.0f / *given_scale};
    const float scale = fmaxf(row_largest, least_largest) / largest_code(type);
    if (threadIdx.x == 0) scales[row * scales_stride] = scale;
    return {inverse_rms, 1.0f / scale};
  }

  template <int N>
  __device__ __forceinline__ void store(std::int64_t row, int column, int count,
                                        const float (&values)[N], const OfRow& of_row) const {
    float normed[N];
    weight.apply(column, count, values, of_row.inverse_rms, normed);
    if (norm != nullptr) store_pack<N>(norm + row * norm_stride + column, count, normed);
#pragma unroll
    for (int i = 0; i < N; ++i) normed[i] *= of_row.inverse_scale;
    store_codes<N>(type, codes + row * stride + column, count, normed);
  }
};

}  // namespace fusegate::kernels
