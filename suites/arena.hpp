#pragma once

#include <cstddef>
#include <span>

#include "probe/base/unique_fd.hpp"

namespace fusegate::suites {

/// Memory that is shared with a worker, through a descriptor that it inherits.
class Arena {
 public:
  /// Throws std::system_error.
  Arena();
  ~Arena();
  // Owns a mapping.
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// At least `bytes` of it, with unknown contents; earlier spans are void. Throws std::bad_alloc
  /// when the machine does not have that much.
  std::span<std::byte> reserve(std::size_t bytes);

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
  std::byte* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace fusegate::suites
