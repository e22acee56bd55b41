// Codes of quantized rows, on the device.
#pragma once

#include <hip/hip_runtime.h>

#include <cstdint>

#include "kernels/quant/code_type.hpp"
#include "kernels/quant/element.hpp"

namespace fusegate::kernels {

/// The largest number of a type.
__host__ __device__ __forceinline__ float largest_code(CodeType type) {
  return type == CodeType::e4m3fn ? 448.0f : type == CodeType::e4m3fnuz ? 240.0f : 127.0f;
}

namespace detail {

/// binary32 to an fp8 format with 3 bits of mantissa: to nearest, ties to even, saturated, infinity
/// too.
template <int Bias, std::uint32_t LargestMagnitude, std::uint32_t Nan, bool HasNegativeZero>
__host__ __device__ __forceinline__ std::uint8_t narrow_to_fp8(float value) {
  const std::uint32_t bits = bits_of(value);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<std::uint8_t>(Nan);
  constexpr std::uint32_t smallest_normal = static_cast<std::uint32_t>(127 + 1 - Bias) << 23;
  std::uint32_t code;
  if (magnitude < smallest_normal) {
    // Multiples of 2^(1 - Bias - 3), which is the last place of binary32 numbers from 2^(21 - Bias)
    // on.
    const float shifter = float_of(static_cast<std::uint32_t>(127 + 21 - Bias) << 23);
    code = bits_of(float_of(magnitude) + shifter) - bits_of(shifter);
  } else {
    const std::uint32_t rebiased = magnitude - (static_cast<std::uint32_t>(127 - Bias) << 23);
    code = (rebiased + 0x7ffffu + ((rebiased >> 20) & 1u)) >> 20;
    if (code > LargestMagnitude) code = LargestMagnitude;
  }
  if (!HasNegativeZero && code == 0) return 0;
  return static_cast<std::uint8_t>(code | ((bits >> 24) & 0x80u));
}

/// To nearest, ties to even, saturated; NaN becomes 0.
__host__ __device__ __forceinline__ std::uint8_t narrow_to_int8(float value) {
  if (value != value) return 0;
  const float whole = rintf(value < -128.0f ? -128.0f : value > 127.0f ? 127.0f : value);
  return static_cast<std::uint8_t>(static_cast<std::int8_t>(whole));
}

__device__ __forceinline__ std::uint8_t narrow_to_e4m3fn(float value) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 890
  std::uint16_t pair;
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(pair) : "f"(0.0f), "f"(value));
  return static_cast<std::uint8_t>(pair);
#else
  return narrow_to_fp8<7, 0x7eu, 0x7fu, true>(value);
#endif
}

}  // namespace detail

/// Rounds to nearest, ties to even, and saturates.
__device__ __forceinline__ std::uint8_t to_code(CodeType type, float value) {
  switch (type) {
    case CodeType::e4m3fn:
      return detail::narrow_to_e4m3fn(value);
    case CodeType::e4m3fnuz:
      return detail::narrow_to_fp8<8, 0x7fu, 0x80u, false>(value);
    case CodeType::int8:
      break;
  }
  return detail::narrow_to_int8(value);
}

/// Writes the first `count` values as codes; see load_pack.
template <int N>
__device__ __forceinline__ void store_codes(CodeType type, std::uint8_t* to, int count,
                                            const float (&from)[N]) {
  Pack<std::uint8_t, N> pack;
#pragma unroll
  for (int i = 0; i < N; ++i) pack.values[i] = to_code(type, from[i]);
  store_elements<N>(to, count, pack);
}

}  // namespace fusegate::kernels
