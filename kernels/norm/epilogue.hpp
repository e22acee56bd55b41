// How a normalized row leaves the kernel. An epilogue has
//   store(row, column, count, values, inverse_rms)
// for packs of N values that the loader gave, of which the first `count` exist.
#pragma once

#include "kernels/quant/element.hpp"

namespace fusegate::kernels {

/// values * inverse_rms * weight, rounded once.
template <class T>
struct StoreEpilogue {
  T* out;
  std::int64_t stride;  ///< elements from row to row
  const T* weight;

  template <int N>
  __device__ __forceinline__ void store(std::int64_t row, int column, int count,
                                        const float (&values)[N], float inverse_rms) const {
    const auto weights = load_pack<N>(weight + column, count);
    float result[N];
#pragma unroll
    for (int i = 0; i < N; ++i) {
      result[i] = values[i] * inverse_rms * to_float(weights.values[i]);
    }
    store_pack<N>(out + row * stride + column, count, result);
  }
};

}  // namespace fusegate::kernels
