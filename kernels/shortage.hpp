#pragma once

#include <exception>
#include <new>
#include <system_error>

namespace fusegate {

/// Whether an exception tells of too little memory or too few threads, and not of a mistake: at
/// another time the same might have worked.
[[nodiscard]] inline bool is_shortage(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  const auto* system = dynamic_cast<const std::system_error*>(&error);
  return system != nullptr && (system->code() == std::errc::not_enough_memory ||
                               system->code() == std::errc::resource_unavailable_try_again);
}

}  // namespace fusegate
