#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "kernels/worker/messages.hpp"

namespace fusegate::kernels {

/// What a worker offers behind the protocol. Methods throw WorkerError.
class Provider {
 public:
  virtual ~Provider() = default;

  /// The results of `describe` and `list`.
  virtual nlohmann::ordered_json describe() = 0;
  virtual nlohmann::ordered_json list() = 0;
  /// Runs on tensors in `arena`, whose every byte may be written by a broken kernel.
  virtual RunResult run(const RunRequest& request, std::span<std::byte> arena) = 0;
};

/// Serves requests from standard input until its end, a `shutdown` or a fatal error; what the
/// provider prints to standard output goes to standard error. Returns the exit status.
int serve(Provider& provider, const std::string& worker_name);

}  // namespace fusegate::kernels
