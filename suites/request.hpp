#pragma once

#include "kernels/worker/messages.hpp"
#include "suites/case.hpp"
#include "suites/image.hpp"

namespace fusegate::suites {

/// What a worker is asked for a case whose tensors lie as in `image`, from the arena's start.
[[nodiscard]] kernels::RunRequest make_request(const Case& c, const Image& image);

}  // namespace fusegate::suites
