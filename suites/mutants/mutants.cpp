#include "suites/mutants/mutants.hpp"

#include "kernels/norm/dispatch.hpp"

namespace fusegate::suites {
namespace {

using namespace kernels;

// ---- Broken parts ---------------------------------------------------------------------------

struct NoBarrier {
  __device__ __forceinline__ void operator()() const {}
};

/// As when a barrier stands inside a branch.
struct BarrierOfSomeThreads {
  __device__ __forceinline__ void operator()() const {
    if (threadIdx.x < blockDim.x / 2) __syncthreads();
  }
};

struct WithoutEps {
  float eps;
  __device__ __forceinline__ float operator()(float sum, int size) const {
    return InverseRms<>{0.0f}(sum, size);
  }
};

/// Takes the first element behind a row for one inside it.
template <class T>
struct ReadsPastRow : PlainLoader<T> {
  int width;

  template <int N>
  __device__ __forceinline__ Pack<T, N> fetch(std::int64_t row, int column, int count) const {
    auto pack = PlainLoader<T>::template fetch<N>(row, column, count);
    if (column + count == width) pack.values[0] = this->x[row * this->stride + width];
    return pack;
  }
};

template <class T>
struct WritesPastRow : StoreEpilogue<T> {
  int width;

  template <int N>
  __device__ __forceinline__ void store(std::int64_t row, int column, int count,
                                        const float (&values)[N], float inverse_rms) const {
    StoreEpilogue<T>::store(row, column, count, values, inverse_rms);
    if (column + count == width) this->out[row * this->stride + width] = from_float<T>(1.0f);
  }
};

template <class T>
struct LeavesLastElement : StoreEpilogue<T> {
  int width;

  template <int N>
  __device__ __forceinline__ void store(std::int64_t row, int column, int count,
                                        const float (&values)[N], float inverse_rms) const {
    const bool last = column + count == width;
    StoreEpilogue<T>::store(row, column, last ? count - 1 : count, values, inverse_rms);
  }
};

// ---- Launching them -------------------------------------------------------------------------

/// A norm in bf16 made of the given parts, which take their members from the sound ones.
template <class Loader, class Statistics, class Epilogue>
hipError_t launch(const Call& call, LaunchInfo& info) {
  using T = BFloat16;
  if (call.element_type() != ElementType::bf16) {
    throw WorkerError(ErrorKind::unsupported, "mutants are of bf16");
  }
  const auto& x = call.tensor("x");
  const int width = static_cast<int>(x.columns);
  const PlainLoader<T> plain{static_cast<const T*>(call.const_rows("x").data), x.row_stride};
  const StoreEpilogue<T> store{static_cast<T*>(call.rows("out").data),
                               call.rows("out").stride,
                               {static_cast<const T*>(call.const_rows("weight").data)}};
  Loader loader;
  Epilogue epilogue;
  static_cast<PlainLoader<T>&>(loader) = plain;
  static_cast<StoreEpilogue<T>&>(epilogue) = store;
  if constexpr (!std::is_same_v<Loader, PlainLoader<T>>) loader.width = width;
  if constexpr (!std::is_same_v<Epilogue, StoreEpilogue<T>>) epilogue.width = width;
  Alignment alignment;
  alignment.add(plain.x, plain.stride);
  alignment.add(store.weight.data, 0);
  alignment.add(store.out, store.stride);
  const NormBatch<NormProblem<Loader, Statistics, Epilogue>, 1> batch{
      {{loader, {call.real("eps")}, epilogue, x.rows, width}}};
  return dispatch_norm("mutant of rms_norm", batch, alignment, call.stream(), &info);
}

using Plain = PlainLoader<BFloat16>;
using Store = StoreEpilogue<BFloat16>;

constexpr Mutant mutants[] = {
    {"sound", "no defect: the parts as they are", launch<Plain, InverseRms<>, Store>},
    {"missing_barrier", "partial sums are read before all warps have written them",
     launch<Plain, InverseRms<BlockSum<NoBarrier>>, Store>},
    {"divergent_barrier", "only half of the threads come to the barrier",
     launch<Plain, InverseRms<BlockSum<BarrierOfSomeThreads>>, Store>},
    {"skips_eps", "eps is not added", launch<Plain, WithoutEps, Store>},
    {"reads_past_row", "the element behind a row is taken for one inside it",
     launch<ReadsPastRow<BFloat16>, InverseRms<>, Store>},
    {"writes_past_row", "one element behind each row is written",
     launch<Plain, InverseRms<>, WritesPastRow<BFloat16>>},
    {"leaves_last_element", "the last element of each row is not written",
     launch<Plain, InverseRms<>, LeavesLastElement<BFloat16>>},
};

}  // namespace

std::span<const Mutant> all_mutants() {
  return mutants;
}

}  // namespace fusegate::suites
