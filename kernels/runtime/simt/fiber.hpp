#pragma once

#include <cstddef>

#include <boost/context/detail/fcontext.hpp>

namespace fusegate::simt {

/// One GPU thread's own control flow. Runs `entry(argument)` on a stack that somebody else owns,
/// switching to and from the OS thread that resumes it; never leaves that OS thread. Tells the
/// address and thread sanitizers about each switch when they are linked in.
class Fiber {
 public:
  Fiber() = default;
  ~Fiber();
  // The running code holds this object's address.
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  void start(std::byte* stack, std::size_t stack_bytes, void (*entry)(void*), void* argument);

  /// Runs the fiber until it suspends. Called by the OS thread.
  void resume();
  /// Goes back to the OS thread. Called by the fiber; the last time with `for_good`.
  void suspend(bool for_good = false);

  /// Whether it has left traces at the end of its stack or beyond: then what lies below is damaged.
  /// A frame that steps over the end without writing there is not seen. Of a stack that began as
  /// zeros, while the fiber does not run.
  [[nodiscard]] bool overflowed() const;

 private:
  static void run(boost::context::detail::transfer_t transfer);

  boost::context::detail::fcontext_t context_ = nullptr;
  boost::context::detail::fcontext_t resumer_ = nullptr;
  std::byte* stack_ = nullptr;
  std::size_t stack_bytes_ = 0;
  void (*entry_)(void*) = nullptr;
  void* argument_ = nullptr;

  // Of the sanitizers.
  const void* resumer_stack_ = nullptr;
  std::size_t resumer_stack_bytes_ = 0;
  void* fake_stack_ = nullptr;
  void* resumer_fake_stack_ = nullptr;
  void* tsan_fiber_ = nullptr;
  void* tsan_resumer_ = nullptr;
};

/// Order that the runtime creates between fibers, for ThreadSanitizer: all that happened before
/// release(place) happened before what follows acquire(place). Nothing without it.
void annotate_release(void* place);
void annotate_acquire(void* place);

}  // namespace fusegate::simt
