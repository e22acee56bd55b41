// Norms of one input: what is normalized x how it is weighted x how it leaves.
#pragma once

#include "suites/op.hpp"

namespace fusegate::suites {

/// How rows are stored beside, or instead of, the element type of the input.
enum class Quantization {
  none,
  static_scale,  ///< one scale for all rows, given
  dynamic,       ///< each row's own scale, an output
};

struct NormSpec {
  bool adds_residual = false;
  bool adds_to_weight = false;  ///< Gemma's weight: w + 1
  Quantization quantization = Quantization::none;
};

/// [add_][gemma_]rms_norm[_static_quant | _dynamic_quant]
[[nodiscard]] Op norm_op(const NormSpec& spec);

}  // namespace fusegate::suites
