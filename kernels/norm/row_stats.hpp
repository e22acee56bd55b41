// What is known of a row before its elements can be written.
#pragma once

#include <hip/hip_runtime.h>

namespace fusegate::kernels {

/// The sum over the threads of a warp, in every one of them; always in the same order.
__device__ __forceinline__ float warp_sum(float value) {
  for (int offset = warpSize / 2; offset > 0; offset /= 2) value += __shfl_xor(value, offset);
  return value;
}

/// All threads of the block wait for each other.
struct BlockBarrier {
  __device__ __forceinline__ void operator()() const { __syncthreads(); }
};

/// The sum over the block's threads, whole warps along x, in every one of them. Calls in sequence
/// need a barrier between them.
template <class Barrier = BlockBarrier>
struct BlockSum {
  __device__ __forceinline__ float operator()(float value) const {
    __shared__ float partial[32];
    value = warp_sum(value);
    const int warps = static_cast<int>(blockDim.x) / warpSize;
    if (warps == 1) return value;
    const int lane = static_cast<int>(threadIdx.x) % warpSize;
    if (lane == 0) partial[static_cast<int>(threadIdx.x) / warpSize] = value;
    Barrier{}();
    // Every warp adds up all partial sums: cheaper than a second barrier.
    return warp_sum(lane < warps ? partial[lane] : 0.0f);
  }
};

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
