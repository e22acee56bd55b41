#pragma once

#include <memory>

#include "kernels/c_abi/c_module.hpp"
#include "kernels/worker/hip_provider.hpp"

namespace fusegate::kernels {

/// Serves the C functions of a library's compiled module, on memory of the runtime that this is
/// compiled for.
class CProvider final : public Provider {
 public:
  CProvider(CCallTable table, int device);

  nlohmann::ordered_json describe() override;
  nlohmann::ordered_json list() override;
  RunResult run(const RunRequest& request, std::span<std::byte> arena) override;

 private:
  /// Loads the module at the first use: only then does nothing that it prints reach the parent.
  const CModule& module();
  [[nodiscard]] std::vector<Operation> operations();

  CCallTable table_;
  std::unique_ptr<CModule> module_;
  HipProvider hip_;
};

}  // namespace fusegate::kernels
