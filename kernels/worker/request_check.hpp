#pragma once

#include "kernels/worker/messages.hpp"

namespace fusegate::kernels {

/// Throws WorkerError (invalid_request) for a request that would have a kernel touch what is no
/// tensor's, or whose norms have tensors that do not fit together (PROTOCOL.md): that is the
/// parent's mistake, and it must not become a crash.
void check_request(const RunRequest& request);

}  // namespace fusegate::kernels
