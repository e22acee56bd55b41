// One function a file of this folder, each of which describes an op.
#pragma once

#include "suites/op.hpp"

namespace fusegate::suites {

[[nodiscard]] Op rms_norm_op();
[[nodiscard]] Op add_rms_norm_op();
[[nodiscard]] Op dual_rms_norm_op();

}  // namespace fusegate::suites
