#include "kernels/runtime/simt/fiber.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <numeric>

// Present only in a program that is linked with the sanitizer. Declared here because the compiler's
// own headers declare them strong, and only this file is free of instrumentation.
extern "C" {
#define FUSEGATE_WEAK __attribute__((weak))
void* __tsan_get_current_fiber() FUSEGATE_WEAK;
void* __tsan_create_fiber(unsigned flags) FUSEGATE_WEAK;
void __tsan_destroy_fiber(void* fiber) FUSEGATE_WEAK;
void __tsan_switch_to_fiber(void* fiber, unsigned flags) FUSEGATE_WEAK;
void __tsan_acquire(void* address) FUSEGATE_WEAK;
void __tsan_release(void* address) FUSEGATE_WEAK;
void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom,
                                    std::size_t bytes) FUSEGATE_WEAK;
void __sanitizer_finish_switch_fiber(void* fake_stack, const void** bottom,
                                     std::size_t* bytes) FUSEGATE_WEAK;
}

namespace fusegate::simt {
namespace {

// A switch as such orders nothing: two GPU threads on one OS thread are as concurrent as on a GPU.
constexpr unsigned tsan_no_sync = 1;

// Looked at after every switch. Only read, so that an unused end of a stack takes no memory.
constexpr std::size_t watched_words = 8;

void tsan_switch(void* fiber) {
  if (__tsan_switch_to_fiber != nullptr) __tsan_switch_to_fiber(fiber, tsan_no_sync);
}

void asan_start_switch(void** fake_stack, const void* bottom, std::size_t bytes) {
  if (__sanitizer_start_switch_fiber != nullptr) {
    __sanitizer_start_switch_fiber(fake_stack, bottom, bytes);
  }
}

void asan_finish_switch(void* fake_stack, const void** bottom, std::size_t* bytes) {
  if (__sanitizer_finish_switch_fiber != nullptr) {
    __sanitizer_finish_switch_fiber(fake_stack, bottom, bytes);
  }
}

}  // namespace

Fiber::~Fiber() {
  if (tsan_fiber_ != nullptr) __tsan_destroy_fiber(tsan_fiber_);
}

void Fiber::start(std::byte* stack, std::size_t stack_bytes, void (*entry)(void*), void* argument) {
  stack_ = stack;
  stack_bytes_ = stack_bytes;
  entry_ = entry;
  argument_ = argument;
  context_ = boost::context::detail::make_fcontext(stack + stack_bytes, stack_bytes, run);
  if (__tsan_create_fiber != nullptr) tsan_fiber_ = __tsan_create_fiber(0);
}

void Fiber::run(boost::context::detail::transfer_t transfer) {
  auto* self = static_cast<Fiber*>(transfer.data);
  self->resumer_ = transfer.fctx;
  asan_finish_switch(nullptr, &self->resumer_stack_, &self->resumer_stack_bytes_);
  self->entry_(self->argument_);
  self->suspend(true);
  std::abort();  // a finished fiber was resumed
}

void Fiber::resume() {
  if (__tsan_get_current_fiber != nullptr) tsan_resumer_ = __tsan_get_current_fiber();
  asan_start_switch(&resumer_fake_stack_, stack_, stack_bytes_);
  tsan_switch(tsan_fiber_);
  context_ = boost::context::detail::jump_fcontext(context_, this).fctx;
  asan_finish_switch(resumer_fake_stack_, nullptr, nullptr);
}

void Fiber::suspend(bool for_good) {
  asan_start_switch(for_good ? nullptr : &fake_stack_, resumer_stack_, resumer_stack_bytes_);
  tsan_switch(tsan_resumer_);
  resumer_ = boost::context::detail::jump_fcontext(resumer_, nullptr).fctx;
  asan_finish_switch(fake_stack_, &resumer_stack_, &resumer_stack_bytes_);
}

bool Fiber::overflowed() const {
  if (static_cast<const std::byte*>(context_) < stack_) return true;
  std::array<std::uint64_t, watched_words> end;
  std::memcpy(end.data(), stack_, sizeof end);
  return std::accumulate(end.begin(), end.end(), std::uint64_t{0}, std::bit_or<>()) != 0;
}

void annotate_release(void* place) {
  if (__tsan_release != nullptr) __tsan_release(place);
}

void annotate_acquire(void* place) {
  if (__tsan_acquire != nullptr) __tsan_acquire(place);
}

}  // namespace fusegate::simt
