// Where a row that is normalized comes from. For packs of N elements of which the first `count`
// exist a loader has
//   fetch(row, column, count)         what memory holds, of type Fetched<N>
//   unpack(fetched, values)           from that, the values that are normalized, in fp32
//   keep(row, column, count, values)  stores what the operation hands on beside the normalized row
// A thread fetches a pack anew, or still holds it, before it keeps anything of that pack: outputs
// may share memory with inputs.
#pragma once

#include "kernels/quant/element.hpp"

namespace fusegate::kernels {

/// Values as they are.
template <class T>
struct PlainLoader {
  using Element = T;
  template <int N>
  using Fetched = Pack<T, N>;

  const T* x;
  std::int64_t stride;  ///< elements from row to row

  template <int N>
  __device__ __forceinline__ Fetched<N> fetch(std::int64_t row, int column, int count) const {
    return load_pack<N>(x + row * stride + column, count);
  }

  template <int N>
  __device__ __forceinline__ void unpack(const Fetched<N>& fetched, float (&values)[N]) const {
#pragma unroll
    for (int i = 0; i < N; ++i) values[i] = to_float(fetched.values[i]);
  }

  template <int N>
  __device__ __forceinline__ void keep(std::int64_t, int, int, const float (&)[N]) const {}
};

/// x + residual, added in fp32. The sum is normalized before it is rounded; rounded it becomes the
/// new residual.
template <class T>
struct AddLoader {
  using Element = T;
  template <int N>
  struct Fetched {
    Pack<T, N> x, residual;
  };

  const T* x;
  std::int64_t x_stride;
  const T* residual;
  std::int64_t residual_stride;
  T* residual_out;
  std::int64_t residual_out_stride;

  template <int N>
  __device__ __forceinline__ Fetched<N> fetch(std::int64_t row, int column, int count) const {
    return {load_pack<N>(x + row * x_stride + column, count),
            load_pack<N>(residual + row * residual_stride + column, count)};
  }

  template <int N>
  __device__ __forceinline__ void unpack(const Fetched<N>& fetched, float (&values)[N]) const {
#pragma unroll
    for (int i = 0; i < N; ++i) {
      values[i] = to_float(fetched.x.values[i]) + to_float(fetched.residual.values[i]);
    }
  }

  template <int N>
  __device__ __forceinline__ void keep(std::int64_t row, int column, int count,
                                       const float (&values)[N]) const {
    store_pack<N>(residual_out + row * residual_out_stride + column, count, values);
  }
};

}  // namespace fusegate::kernels
