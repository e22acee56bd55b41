// The one kernel of the norm family: loader x row statistics x epilogue.
#pragma once

#include "kernels/norm/epilogue.hpp"
#include "kernels/norm/loader.hpp"
#include "kernels/norm/row_stats.hpp"

namespace fusegate::kernels {

__device__ __forceinline__ int min_of(int a, int b) {
  return a < b ? a : b;
}

/// Rows of one width that are normalized alike.
template <class Loader_, class Statistics_, class Epilogue_>
struct NormProblem {
  using Loader = Loader_;
  using Statistics = Statistics_;
  using Epilogue = Epilogue_;
  Loader loader;
  Statistics statistics;
  Epilogue epilogue;
  std::int64_t rows;
  int width;
};

/// Problems that share a launch; blockIdx.y chooses.
template <class Problem_, int Count>
struct NormBatch {
  using Problem = Problem_;
  Problem problems[Count];
};

/// One row by one block. Vector elements move in one access. The first Cached packs of a thread
/// stay in registers between the passes; those of wider rows are fetched again.
template <int Vector, int Cached, class Problem>
__device__ __forceinline__ void norm_row(const Problem& problem, std::int64_t row) {
  using Fetched = typename Problem::Loader::template Fetched<Vector>;
  const int width = problem.width;
  const int first = static_cast<int>(threadIdx.x) * Vector;
  const int step = static_cast<int>(blockDim.x) * Vector;
  const auto fetch = [&](int column) {
    return problem.loader.template fetch<Vector>(row, column, min_of(width - column, Vector));
  };

  float sum = 0.0f;
  const auto add = [&](const Fetched& fetched) {
    float values[Vector];
    problem.loader.unpack(fetched, values);
#pragma unroll
    for (int i = 0; i < Vector; ++i) sum += values[i] * values[i];
  };
  Fetched cache[Cached];
#pragma unroll
  for (int k = 0; k < Cached; ++k) {
    if (first + k * step < width) cache[k] = fetch(first + k * step);
  }
#pragma unroll
  for (int k = 0; k < Cached; ++k) {
    if (first + k * step < width) add(cache[k]);
  }
  for (int column = first + Cached * step; column < width; column += step) add(fetch(column));

  const float inverse_rms = problem.statistics(sum, width);

  const auto visit_packs = [&](const auto& visit) {
#pragma unroll
    for (int k = 0; k < Cached; ++k) {
      if (first + k * step < width) visit(first + k * step, cache[k]);
    }
    for (int column = first + Cached * step; column < width; column += step) {
      visit(column, fetch(column));
    }
  };
  float largest = 0.0f;
  if constexpr (Problem::Epilogue::may_ask_for_largest) {
    if (problem.epilogue.asks_for_largest()) {
      visit_packs([&](int column, const Fetched& fetched) {
        float values[Vector];
        problem.loader.unpack(fetched, values);
        const int count = min_of(width - column, Vector);
        largest = fmaxf(largest, problem.epilogue.largest(column, count, values, inverse_rms));
      });
      largest = BlockReduce<Largest>{}(largest);
    }
  }
  const auto of_row = problem.epilogue.begin(row, inverse_rms, largest);
  visit_packs([&](int column, const Fetched& fetched) {
    const int count = min_of(width - column, Vector);
    float values[Vector];
    problem.loader.unpack(fetched, values);
    problem.loader.keep(row, column, count, values);
    problem.epilogue.store(row, column, count, values, of_row);
  });
}

/// Threads of a block. Those that hold several packs need registers that larger blocks do not have.
constexpr int max_block_threads(int cached) {
  return cached == 1 ? 1024 : 512;
}

/// Grid: x takes rows in turn, y problems. Block: whole warps along x.
template <int Vector, int Cached, class Problem, int Count>
__global__ __launch_bounds__(max_block_threads(Cached)) void norm_kernel(
    NormBatch<Problem, Count> batch) {
  // A copy: a reference chosen at run time would put all problems into local memory.
  const Problem problem =
      Count == 1 || blockIdx.y == 0 ? batch.problems[0] : batch.problems[Count - 1];
  for (std::int64_t row = blockIdx.x; row < problem.rows; row += gridDim.x) {
    if (row != blockIdx.x) __syncthreads();  // the statistics' shared memory is in use until here
    norm_row<Vector, Cached>(problem, row);
  }
}

}  // namespace fusegate::kernels
