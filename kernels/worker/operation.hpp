// How a worker finds the launch that carries out an op, and its arguments in a request.
#pragma once

#include <hip/hip_runtime.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/norm/launch.hpp"
#include "kernels/worker/messages.hpp"

namespace fusegate::kernels {

/// A request whose tensors lie in device memory from `base` on.
class Call {
 public:
  Call(const RunRequest& request, std::byte* base, hipStream_t stream)
      : request_(request), base_(base), stream_(stream) {}

  [[nodiscard]] bool has(const std::string& name) const;  ///< a tensor

  // Each throws WorkerError (invalid_request) when the request has no such tensor or parameter.
  [[nodiscard]] const TensorArgument& tensor(const std::string& name) const;
  [[nodiscard]] Rows rows(const std::string& name) const;
  [[nodiscard]] ConstRows const_rows(const std::string& name) const;
  [[nodiscard]] float real(const std::string& name) const;

  /// The element type that all tensors of the request have but the `others`. Throws WorkerError
  /// (unsupported) for one that the kernels do not take, or for several.
  [[nodiscard]] ElementType element_type(std::span<const std::string_view> others = {}) const;

  [[nodiscard]] hipStream_t stream() const { return stream_; }

 private:
  const RunRequest& request_;
  std::byte* base_;
  hipStream_t stream_;
};

/// An op that a worker offers.
struct Operation {
  std::string op;
  /// Launches; nothing else is asynchronous. Fills `info`, and returns the runtime's error.
  std::function<hipError_t(const Call& call, LaunchInfo& info)> launch;
  /// What has to be done before the launch and is not part of it; may be empty.
  std::function<hipError_t(const Call& call)> prepare = {};
  std::vector<std::string> dtypes = {"fp32", "fp16", "bf16"};
  std::string entry = {};       ///< of a library's function, its name
  std::string generation = {};  ///< and its generation
};

/// The ops of this project's own kernels.
[[nodiscard]] std::vector<Operation> builtin_operations();

}  // namespace fusegate::kernels
