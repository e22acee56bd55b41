#pragma once

namespace fusegate {

/// While one lives, SIGINT and SIGTERM do not end the program but make fd() readable, so that the
/// command can finish what it has: write its report, end its children. A second signal ends the
/// program at once. Only one may live at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  // Holds the process's signal handlers.
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Readable from the first signal on, for poll.
  [[nodiscard]] int fd() const;
  [[nodiscard]] bool requested() const;
};

}  // namespace fusegate
