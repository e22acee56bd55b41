#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/c_abi/c_function.hpp"
#include "kernels/c_abi/call_table.hpp"

namespace fusegate::kernels {

/// A library's compiled module in this process, with the functions of a call table. It is never
/// unloaded: what it has registered with the device's runtime is used until the process ends.
class CModule {
 public:
  /// Throws WorkerError (no_device) when it cannot be loaded, lacks a function, or tells a version
  /// of its convention that is not known here: 1, in which functions return nothing, and 2, in
  /// which they return a status, not 0 for an error.
  explicit CModule(const CCallTable& table);

  /// The function of the table's entry at that place.
  [[nodiscard]] const CFunction& function(std::size_t entry) const { return *functions_.at(entry); }

  [[nodiscard]] int version() const { return version_; }

  /// What the module says of the error of which a function has returned the status; may be empty.
  [[nodiscard]] std::string last_error() const;

 private:
  int version_ = 1;
  const char* (*last_error_)() = nullptr;
  std::vector<std::unique_ptr<CFunction>> functions_;
};

}  // namespace fusegate::kernels
