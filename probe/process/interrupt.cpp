#include "probe/process/interrupt.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>

namespace fusegate {
namespace {

// A signal handler can reach nothing but statics.
std::array<int, 2> interrupt_pipe{-1, -1};
std::atomic<bool> interrupt_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int) {
  const int saved = errno;
  interrupt_requested = true;
  [[maybe_unused]] const auto written = ::write(interrupt_pipe[1], "!", 1);
  errno = saved;
}

void install(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    // As nohup asks for.
    if (signal == SIGHUP && before.sa_handler == SIG_IGN) continue;
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupt_requested = false;
  if (::pipe2(interrupt_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe");
  }
  // SA_RESETHAND: the second signal has its default effect.
  install(on_signal, static_cast<int>(SA_RESETHAND));
}

InterruptGuard::~InterruptGuard() {
  install(SIG_DFL, 0);
  for (int& fd : interrupt_pipe) {
    ::close(fd);
    fd = -1;
  }
}

int InterruptGuard::fd() const {
  return interrupt_pipe[0];
}

bool InterruptGuard::requested() const {
  return interrupt_requested;
}

}  // namespace fusegate
