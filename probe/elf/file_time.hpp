#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <chrono>

namespace fusegate::probe {

/// When the file was last written, since the epoch. Some file systems store times that 64 bits of
/// nanoseconds do not hold; those come out as some 250 years from the epoch.
inline std::chrono::nanoseconds modification_time(const struct stat& status) {
  constexpr long long limit = 8'000'000'000;
  return std::chrono::seconds(std::clamp<long long>(status.st_mtim.tv_sec, -limit, limit)) +
         std::chrono::nanoseconds(status.st_mtim.tv_nsec);
}

}  // namespace fusegate::probe
