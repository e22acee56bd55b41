// A compiled module with AITER's names and calling convention (csrc/kernels/rmsnorm/
// rmsnorm_opus_norm_entry.cu at v0.1.20.post1) around this project's kernels. Compiled with
//   FUSEGATE_TEST_STATUS       version 2 of the convention: functions return a status, and rows of
//                              an odd width are an error
//   FUSEGATE_TEST_LACKS_ADD    without add_rms_norm_opus
//   FUSEGATE_TEST_CRASH_WIDTH  rows of so many elements end the process
//   FUSEGATE_TEST_EXTENSION    it looks like a Python extension
#include <cstddef>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "kernels/norm/launch.hpp"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using namespace fusegate::kernels;

/// What every function is told.
struct Told {
  float epsilon;
  int rows, hidden;
  int in_stride;
  int dtype;
  int model_sensitive, gemma;
  std::size_t stream;
};

/// The kernels know no other modes: what asks for one leaves the outputs as they were, and is seen.
bool has_work(const Told& told) {
#ifdef FUSEGATE_TEST_CRASH_WIDTH
  if (told.hidden == FUSEGATE_TEST_CRASH_WIDTH) std::abort();
#endif
#ifdef FUSEGATE_TEST_STATUS
  if (told.hidden % 2 != 0) throw std::runtime_error("hidden must be even");
#endif
  return told.rows > 0 && told.hidden > 0 && told.model_sensitive == 0 && told.gemma == 0;
}

ElementType type_of(int dtype) {
  if (dtype == 2) return ElementType::fp32;
  return dtype == 1 ? ElementType::bf16 : ElementType::fp16;
}

template <class T>
T* pointer(std::size_t address) {
  return reinterpret_cast<T*>(address);
}

void norm(std::size_t out, std::size_t in, std::size_t weight, const Told& told) {
  if (!has_work(told)) return;
  const RmsNorm norm{{pointer<const void>(in), told.in_stride},
                     pointer<const void>(weight),
                     {pointer<void>(out), told.hidden},
                     told.hidden,
                     told.epsilon};
  // Errors of launches are lost here, as they are there.
  static_cast<void>(
      rms_norm(type_of(told.dtype), told.rows, norm, reinterpret_cast<hipStream_t>(told.stream)));
}

void add_norm(std::size_t out, std::size_t in, std::size_t residual_in, std::size_t residual_out,
              std::size_t weight, const Told& told) {
  if (!has_work(told)) return;
  const AddRmsNorm norm{{pointer<const void>(in), told.in_stride},
                        {pointer<const void>(residual_in), told.hidden},
                        pointer<const void>(weight),
                        {pointer<void>(out), told.hidden},
                        {pointer<void>(residual_out), told.hidden},
                        told.hidden,
                        told.epsilon};
  static_cast<void>(add_rms_norm(type_of(told.dtype), told.rows, norm,
                                 reinterpret_cast<hipStream_t>(told.stream)));
}

#ifdef FUSEGATE_TEST_STATUS
using Status = int;
thread_local std::string last_error;

template <class Work>
Status answered(const Work& work) {
  last_error.clear();
  try {
    work();
    return 0;
  } catch (const std::exception& error) {
    last_error = error.what();
    return -1;
  }
}
#else
using Status = void;

template <class Work>
void answered(const Work& work) {
  work();
}
#endif

}  // namespace

#ifdef FUSEGATE_TEST_STATUS
EXPORT int aiter_ctypes_abi_version() {
  return 2;
}
EXPORT const char* aiter_get_last_error() {
  return last_error.empty() ? nullptr : last_error.c_str();
}
#endif

#ifdef FUSEGATE_TEST_EXTENSION
EXPORT void* PyInit_module_rmsnorm() {
  return nullptr;
}
#endif

EXPORT Status rms_norm_opus(std::size_t out, std::size_t in, std::size_t weight, float epsilon,
                            int rows, int hidden, int in_s, int dtype, int model_sensitive,
                            int gemma, std::size_t stream) {
  const Told told{epsilon, rows, hidden, in_s, dtype, model_sensitive, gemma, stream};
  return answered([&] { norm(out, in, weight, told); });
}

EXPORT Status fused_add_rms_norm_opus(std::size_t inout, std::size_t residual, std::size_t weight,
                                      float epsilon, int rows, int hidden, int dtype,
                                      int model_sensitive, int gemma, std::size_t stream) {
  const Told told{epsilon, rows, hidden, hidden, dtype, model_sensitive, gemma, stream};
  return answered([&] { add_norm(inout, inout, residual, residual, weight, told); });
}

#ifndef FUSEGATE_TEST_LACKS_ADD
EXPORT Status add_rms_norm_opus(std::size_t out, std::size_t in, std::size_t residual_in,
                                std::size_t residual_out, std::size_t weight, float epsilon,
                                int rows, int hidden, int in_s, int dtype, int model_sensitive,
                                int gemma, std::size_t stream) {
  const Told told{epsilon, rows, hidden, in_s, dtype, model_sensitive, gemma, stream};
  return answered([&] { add_norm(out, in, residual_in, residual_out, weight, told); });
}
#endif
