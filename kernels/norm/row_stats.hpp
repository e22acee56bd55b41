// What is known of a row before its elements can be written.
#pragma once

#include <hip/hip_runtime.h>

namespace fusegate::kernels {

// How two values become one. Both leave 0 as the other is: values are sums of squares or
// magnitudes.

struct Sum {
  __device__ __forceinline__ float operator()(float a, float b) const { return a + b; }
};

/// NaN counts for nothing.
struct Largest {
  __device__ __forceinline__ float operator()(float a, float b) const { return fmaxf(a, b); }
};

/// Of the threads of a warp, in every one of them; always in the same order.
template <class Combine>
__device__ __forceinline__ float warp_reduce(float value) {
  for (int offset = warpSize / 2; offset > 0; offset /= 2) {
    value = Combine{}(value, __shfl_xor(value, offset));
  }
  return value;
}

/// All threads of the block wait for each other.
struct BlockBarrier {
  __device__ __forceinline__ void operator()() const { __syncthreads(); }
};

/// Of the block's threads, whole warps along x, in every one of them. Calls with one Combine in
/// sequence need a barrier between them.
template <class Combine, class Barrier = BlockBarrier>
struct BlockReduce {
  __device__ __forceinline__ float operator()(float value) const {
    __shared__ float partial[32];
    value = warp_reduce<Combine>(value);
    const int warps = static_cast<int>(blockDim.x) / warpSize;
    if (warps == 1) return value;
    const int lane = static_cast<int>(threadIdx.x) % warpSize;
    if (lane == 0) partial[static_cast<int>(threadIdx.x) / warpSize] = value;
    Barrier{}();
    // Every warp combines all partial values: cheaper than a second barrier.
    return warp_reduce<Combine>(lane < warps ? partial[lane] : 0.0f);
  }
};

template <class Barrier = BlockBarrier>
using BlockSum = BlockReduce<Sum, Barrier>;

/// 1 / sqrt(mean of squares + eps), of a row of `size` elements.
/// Reduce: sums a value over the block's threads.
template <class Reduce = BlockSum<>>
struct InverseRms {
  float eps;

  __device__ __forceinline__ float operator()(float thread_sum_of_squares, int size) const {
    const float sum = Reduce{}(thread_sum_of_squares);
    return rsqrtf(sum / static_cast<float>(size) + eps);
  }
};

}  // namespace fusegate::kernels
