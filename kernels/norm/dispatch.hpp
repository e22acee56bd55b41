// From what is known at run time to a kernel that was compiled for it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/norm/launch.hpp"
#include "kernels/norm/norm.hpp"

namespace fusegate::kernels {

template <int N>
using Constant = std::integral_constant<int, N>;

/// What an access of `Vector` elements needs of all tensors of a launch.
class Alignment {
 public:
  template <class T>
  void add(const T* data, std::int64_t stride) {
    bits_ |= reinterpret_cast<std::uintptr_t>(data);
    bits_ |= static_cast<std::uintptr_t>(stride) * sizeof(T);
  }
  /// Codes of one byte, of which there are as many in an access as there are elements of T.
  template <class T>
  void add_codes(const std::uint8_t* codes, std::int64_t stride) {
    bits_ |= reinterpret_cast<std::uintptr_t>(codes) * sizeof(T);
    bits_ |= static_cast<std::uintptr_t>(stride) * sizeof(T);
  }
  [[nodiscard]] bool allows(std::size_t bytes) const { return bits_ % bytes == 0; }

 private:
  std::uintptr_t bits_ = 0;
};

/// How a row is laid out over a block.
struct RowPlan {
  int vector;
  int cached;
  unsigned threads;
};

inline unsigned round_up(unsigned value, unsigned multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// Few rows: one access a thread, for the shortest way through a row. Many rows: several accesses
/// in flight in each thread and more rows on a multiprocessor.
inline RowPlan plan_rows(int width, int vector, int widest_vector, std::int64_t rows,
                         const hipDeviceProp_t& device) {
  const auto packs = static_cast<unsigned>((width + vector - 1) / vector);
  const bool many_rows = rows > 2 * static_cast<std::int64_t>(device.multiProcessorCount);
  const int cached = vector != widest_vector                      ? 8
                     : packs > 1024 || (many_rows && packs > 128) ? 4
                                                                  : 1;
  const auto share = static_cast<unsigned>(cached);
  const unsigned wanted =
      round_up((packs + share - 1) / share, static_cast<unsigned>(device.warpSize));
  return {vector, cached, std::min(wanted, static_cast<unsigned>(max_block_threads(cached)))};
}

/// Properties of the current device, asked once for each device of this thread.
const hipDeviceProp_t& current_device_properties();

template <int Vector, int Cached, class Problem, int Count>
hipError_t launch_norm(const char* name, const NormBatch<Problem, Count>& batch, unsigned threads,
                       hipStream_t stream, LaunchInfo* info, const LaunchLimits& limits) {
  const dim3 grid(static_cast<unsigned>(std::min(batch.problems[0].rows, limits.grid)), Count);
  const dim3 block(threads);
  if (info != nullptr) *info = {name, grid, block, Vector, Cached};
  hipLaunchKernelGGL((norm_kernel<Vector, Cached, Problem, Count>), grid, block, 0, stream, batch);
  return hipGetLastError();
}

/// Launches with the widest access that `alignment` allows: 16 bytes, 4 bytes or one element.
template <class Problem, int Count>
hipError_t dispatch_norm(const char* name, const NormBatch<Problem, Count>& batch,
                         const Alignment& alignment, hipStream_t stream, LaunchInfo* info,
                         const LaunchLimits& limits = {}) {
  using Element = typename Problem::Loader::Element;
  constexpr int widest = 16 / sizeof(Element);
  constexpr int middle = 4 / sizeof(Element);
  const int vector = alignment.allows(16) ? widest : alignment.allows(4) ? middle : 1;
  int width = 0;
  for (const auto& problem : batch.problems) width = std::max(width, problem.width);
  const RowPlan plan =
      plan_rows(width, vector, widest, batch.problems[0].rows * Count, current_device_properties());
  const auto launch = [&](auto v, auto c) {
    return launch_norm<decltype(v)::value, decltype(c)::value>(name, batch, plan.threads, stream,
                                                               info, limits);
  };
  if (vector == widest) {
    return plan.cached == 1 ? launch(Constant<widest>{}, Constant<1>{})
                            : launch(Constant<widest>{}, Constant<4>{});
  }
  if constexpr (middle != 1) {
    if (vector == middle) return launch(Constant<middle>{}, Constant<8>{});
  }
  return launch(Constant<1>{}, Constant<8>{});
}

}  // namespace fusegate::kernels
