#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probe/base/unique_fd.hpp"

namespace fusegate {

using Clock = std::chrono::steady_clock;

/// How a process ended.
struct ExitStatus {
  int code = 0;    ///< exit status, when signal is 0
  int signal = 0;  ///< the signal that killed it, or 0

  [[nodiscard]] bool ok() const { return code == 0 && signal == 0; }
  /// "exited with status 3", "was killed by SIGSEGV".
  [[nodiscard]] std::string text() const;
};

/// Decodes what waitpid stored.
[[nodiscard]] ExitStatus decode_wait_status(int wait_status);

struct SpawnOptions {
  std::vector<std::string> argv;  ///< argv[0] is looked up on PATH when it holds no slash
  /// Descriptors that the child gets, as {number in the child, descriptor here}; all others but
  /// 0, 1 and 2 are closed. Numbers in the child start at 3.
  std::vector<std::pair<int, int>> inherit;
  /// Set in the child's environment, which is otherwise a copy of ours.
  std::vector<std::pair<std::string, std::string>> environment;
};

enum class ReadStatus { line, end_of_file, deadline, too_long, interrupted };

/// A child process in a process group of its own, with pipes on its standard streams. The kernel
/// kills it when the thread that made it ends; the destructor kills the whole group and reaps it.
/// Standard error is read along with every wait and its end kept.
class Subprocess {
 public:
  /// Throws std::system_error when the program cannot be started, exec's failure included.
  explicit Subprocess(const SpawnOptions& options);
  ~Subprocess();
  // Owns a process.
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  /// Writes to the child's standard input until `deadline`; false when the child has closed it or
  /// does not read.
  bool write(std::string_view bytes, Clock::time_point deadline);
  void close_input();

  /// Reads one line of standard output, without its end, into `line`. A line longer than `limit`
  /// bytes is too_long and its beginning stands in `line`. `interrupt_fd`, when not -1, ends the
  /// wait as soon as it is readable. The end of the child is the end of its output, whoever else
  /// holds the pipe.
  ReadStatus read_line(std::string& line, Clock::time_point deadline, std::size_t limit,
                       int interrupt_fd = -1);

  /// Reads exactly `count` bytes of standard output into `bytes`; anything but `line` is a status
  /// as of read_line, with what came before it in `bytes`.
  ReadStatus read_bytes(std::string& bytes, std::size_t count, Clock::time_point deadline);

  /// The last few KiB of what the child wrote to standard error so far.
  [[nodiscard]] const std::string& error_tail();

  /// The exit status if the child ended before `deadline`.
  std::optional<ExitStatus> wait_until(Clock::time_point deadline);

  /// SIGTERM to the group, `grace` later SIGKILL; returns how the child itself ended.
  ExitStatus terminate(std::chrono::milliseconds grace);

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  enum class Wake { output, deadline, interrupted, ended };
  Wake wait_for_output(Clock::time_point deadline, int interrupt_fd);
  std::optional<ReadStatus> read_more(Clock::time_point deadline, int interrupt_fd);
  ReadStatus end_of_file(std::string& rest);
  void drain_errors();
  void signal_group(int signal) const;

  pid_t pid_ = -1;
  UniqueFd input_, output_, errors_;
  UniqueFd ended_;          ///< readable when the child has ended
  std::string pending_;     ///< read from output_, not yet given out
  std::string error_tail_;  ///< bounded
  std::optional<ExitStatus> status_;
};

/// What a command printed and how it ended.
struct CommandResult {
  std::optional<ExitStatus> status;  ///< empty: it ran past the deadline and was killed
  std::string output;
  std::string errors;  ///< the end of standard error
};

/// Runs a command to its end, with `input` as its standard input; output beyond 64 MiB kills it.
/// Throws std::system_error when it cannot be started.
[[nodiscard]] CommandResult run_command(const SpawnOptions& options, std::string_view input,
                                        std::chrono::milliseconds time_limit);

}  // namespace fusegate
