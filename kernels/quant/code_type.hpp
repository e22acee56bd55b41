#pragma once

namespace fusegate::kernels {

/// Codes of 8 bits that quantized rows consist of: OCP OFP8's E4M3; the same without -0 and with
/// one NaN, of gfx94x; integers in two's complement.
enum class CodeType { e4m3fn, e4m3fnuz, int8 };

}  // namespace fusegate::kernels
