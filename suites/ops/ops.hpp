// The ops of this folder.
#pragma once

#include "suites/op.hpp"

namespace fusegate::suites {

[[nodiscard]] Op dual_rms_norm_op();

}  // namespace fusegate::suites
