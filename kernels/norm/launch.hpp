// Launches of the norm family. Host code, C++17: device compilers read it too.
#pragma once

#include <hip/hip_runtime.h>

#include <cstdint>

#include "kernels/quant/code_type.hpp"

namespace fusegate::kernels {

enum class ElementType { fp32, fp16, bf16 };

/// Rows in device memory, `stride` elements apart, each contiguous. Any alignment that the element
/// type itself has, any stride of at least the width.
struct Rows {
  void* data;
  std::int64_t stride;
};

struct ConstRows {
  const void* data;
  std::int64_t stride;
};

/// What a launch was, for those who ask what ran.
struct LaunchInfo {
  const char* kernel = "";  ///< empty: nothing had to be launched
  dim3 grid{0, 0, 0};       ///< 0: a launch of others, of which no more is known
  dim3 block{0, 0, 0};
  int vector = 0;  ///< elements in one access
  int cached = 0;  ///< accesses a thread keeps in registers
};

/// out[t] = x[t] / sqrt(mean(x[t]^2) + eps) * weight, for each of `tokens` rows of `hidden`
/// elements. fp32 inside, rounded once to nearest even. `out` may be `x`.
struct RmsNorm {
  ConstRows x;
  const void* weight;  ///< hidden elements
  Rows out;
  int hidden;
  float eps;
  float added_to_weight = 0;  ///< 1 for Gemma's norms
};

/// residual_out = x + residual; out = RMS norm of that sum before it is rounded, times weight.
/// `out` may be `x`, `residual_out` may be `residual`.
struct AddRmsNorm {
  ConstRows x;
  ConstRows residual;
  const void* weight;
  Rows out;
  Rows residual_out;
  int hidden;
  float eps;
  float added_to_weight = 0;
};

/// The norm as codes and scales: of `out` only what is wanted beside them, with null for nothing.
/// Codes are the norm, before it is rounded, by the scale, to nearest even, saturated.
struct Quantization {
  CodeType type;
  Rows codes;
  const float* given_scale;  ///< one, in device memory; null: each row has its own
  Rows scales;               ///< fp32, one a row: the row's largest magnitude / largest_code(type)
  float least_largest;       ///< what that magnitude is taken for at least
};

/// Bounds that tests narrow.
struct LaunchLimits {
  /// Blocks along x; rows beyond are taken in turn. AMD limits grid * block to below 2^32.
  std::int64_t grid = 1 << 21;
};

// Each returns the runtime's error of the launch; hipErrorInvalidValue for tokens < 0, hidden < 1
// or a stride below the width. `tokens` 0 launches nothing.

hipError_t rms_norm(ElementType type, std::int64_t tokens, const RmsNorm& norm, hipStream_t stream,
                    LaunchInfo* info = nullptr, const LaunchLimits& limits = {});

hipError_t add_rms_norm(ElementType type, std::int64_t tokens, const AddRmsNorm& norm,
                        hipStream_t stream, LaunchInfo* info = nullptr,
                        const LaunchLimits& limits = {});

hipError_t rms_norm_quant(ElementType type, std::int64_t tokens, const RmsNorm& norm,
                          const Quantization& quantization, hipStream_t stream,
                          LaunchInfo* info = nullptr, const LaunchLimits& limits = {});

hipError_t add_rms_norm_quant(ElementType type, std::int64_t tokens, const AddRmsNorm& norm,
                              const Quantization& quantization, hipStream_t stream,
                              LaunchInfo* info = nullptr, const LaunchLimits& limits = {});

/// Two norms of different widths, strides and epsilons in one launch, as for the query and
/// key/value latents of multi-head latent attention.
hipError_t dual_rms_norm(ElementType type, std::int64_t tokens, const RmsNorm& first,
                         const RmsNorm& second, hipStream_t stream, LaunchInfo* info = nullptr,
                         const LaunchLimits& limits = {});

}  // namespace fusegate::kernels
