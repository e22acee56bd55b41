#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "kernels/worker/operation.hpp"
#include "kernels/worker/server.hpp"

namespace fusegate::kernels {

/// Serves operations from HIP kernels on one device of the runtime it is compiled for.
class HipProvider final : public Provider {
 public:
  HipProvider(std::vector<Operation> operations, int device);
  ~HipProvider() override;
  // Owns device resources.
  HipProvider(const HipProvider&) = delete;
  HipProvider& operator=(const HipProvider&) = delete;

  nlohmann::ordered_json describe() override;
  nlohmann::ordered_json list() override;
  RunResult run(const RunRequest& request, std::span<std::byte> arena) override;

 private:
  struct Resources;

  /// Opens the device at the first use, so that a worker starts and answers where there is none.
  Resources& resources();

  std::vector<Operation> operations_;
  int device_;
  std::unique_ptr<Resources> resources_;
};

}  // namespace fusegate::kernels
