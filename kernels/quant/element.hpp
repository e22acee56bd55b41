// Storage types of tensors on the device, and packs of them that move in one access.
#pragma once

#include <hip/hip_runtime.h>

#include <cstdint>

namespace fusegate::kernels {

/// IEEE 754 binary16, as stored.
struct Half {
  std::uint16_t bits;
};

/// bfloat16, as stored: the upper half of a binary32.
struct BFloat16 {
  std::uint16_t bits;
};

namespace detail {

__host__ __device__ __forceinline__ std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

__host__ __device__ __forceinline__ float float_of(std::uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

/// binary16 to binary32, exact. Where the device has no instruction for it.
__host__ __device__ __forceinline__ float widen_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  const std::uint32_t mantissa = half & 0x3ffu;
  if (exponent == 0) {  // zero and subnormals: mantissa * 2^-24
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return float_of(sign | bits_of(magnitude));
  }
  const std::uint32_t widened = exponent == 31 ? 255 : exponent + (127 - 15);
  return float_of(sign | (widened << 23) | (mantissa << 13));
}

/// binary32 to binary16, to nearest, ties to even. Where the device has no instruction for it.
__host__ __device__ __forceinline__ std::uint16_t narrow_to_half(float value) {
  const std::uint32_t bits = bits_of(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  std::uint32_t half;
  if (magnitude > 0x7f800000u) {
    half = 0x7e00u;  // NaN
  } else if (magnitude >= 0x477ff000u) {
    half = 0x7c00u;  // from 65520 on, the midpoint above the largest, everything is infinity
  } else if (magnitude < 0x38800000u) {
    // Below 2^-14 halves are multiples of 2^-24, as binary32 numbers in [0.5, 1) are.
    half = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
  } else {
    const std::uint32_t rebiased = magnitude - ((127u - 15u) << 23);
    half = (rebiased + 0xfffu + ((rebiased >> 13) & 1u)) >> 13;
  }
  return static_cast<std::uint16_t>(sign | half);
}

/// binary32 to bfloat16, to nearest, ties to even.
__host__ __device__ __forceinline__ std::uint16_t narrow_to_bfloat16(float value) {
  const std::uint32_t bits = bits_of(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

}  // namespace detail

__device__ __forceinline__ float to_float(float value) {
  return value;
}

__device__ __forceinline__ float to_float(BFloat16 value) {
  return detail::float_of(static_cast<std::uint32_t>(value.bits) << 16);
}

__device__ __forceinline__ float to_float(Half value) {
#if defined(__CUDA_ARCH__)
  float result;
  asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(value.bits));
  return result;
#elif defined(__HIP_DEVICE_COMPILE__)
  _Float16 half;
  __builtin_memcpy(&half, &value.bits, sizeof half);
  return static_cast<float>(half);
#else
  return detail::widen_half(value.bits);
#endif
}

/// Rounds to nearest, ties to even.
template <class T>
__device__ T from_float(float value);

template <>
__device__ __forceinline__ float from_float<float>(float value) {
  return value;
}

template <>
__device__ __forceinline__ BFloat16 from_float<BFloat16>(float value) {
#if defined(__CUDA_ARCH__)
  std::uint16_t bits;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return {bits};
#else
  return {detail::narrow_to_bfloat16(value)};
#endif
}

template <>
__device__ __forceinline__ Half from_float<Half>(float value) {
#if defined(__CUDA_ARCH__)
  std::uint16_t bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return {bits};
#elif defined(__HIP_DEVICE_COMPILE__)
  const _Float16 half = static_cast<_Float16>(value);
  std::uint16_t bits;
  __builtin_memcpy(&bits, &half, sizeof bits);
  return {bits};
#else
  return {detail::narrow_to_half(value)};
#endif
}

/// N elements that are loaded and stored in one access.
template <class T, int N>
struct alignas(sizeof(T) * N) Pack {
  T values[N];
};

/// Reads `count` elements at `from`: N, in one access, or fewer where a row ends inside the pack;
/// those beyond are 0. `from` is aligned to N elements.
template <int N, class T>
__device__ __forceinline__ Pack<T, N> load_pack(const T* from, int count) {
  if (count == N) return *reinterpret_cast<const Pack<T, N>*>(from);
  Pack<T, N> pack{};
#pragma unroll
  for (int i = 0; i < N; ++i) {
    if (i < count) pack.values[i] = from[i];
  }
  return pack;
}

/// Writes the first `count` elements; see load_pack.
template <int N, class T>
__device__ __forceinline__ void store_elements(T* to, int count, const Pack<T, N>& pack) {
  if (count == N) {
    *reinterpret_cast<Pack<T, N>*>(to) = pack;
  } else {
#pragma unroll
    for (int i = 0; i < N; ++i) {
      if (i < count) to[i] = pack.values[i];
    }
  }
}

/// The same of values that are rounded.
template <int N, class T>
__device__ __forceinline__ void store_pack(T* to, int count, const float (&from)[N]) {
  Pack<T, N> pack;
#pragma unroll
  for (int i = 0; i < N; ++i) pack.values[i] = from_float<T>(from[i]);
  store_elements<N>(to, count, pack);
}

}  // namespace fusegate::kernels
