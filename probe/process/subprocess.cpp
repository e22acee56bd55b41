#include "probe/process/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>

#include <fmt/format.h>

namespace fusegate {
namespace {

constexpr std::size_t error_tail_limit = 8u << 10;
constexpr std::size_t command_output_limit = 64u << 20;
constexpr std::chrono::seconds unkillable_after{10};

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::pair<UniqueFd, UniqueFd> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void set_nonblocking(const UniqueFd& fd) {
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

/// Milliseconds until `deadline` for poll: at least 0, rounded up so that it does not spin.
int poll_timeout(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
}

/// Gives the wanted descriptors, {number, descriptor here}, their numbers and closes all others but
/// `keep`, whose new number it returns; -1 with errno, and nothing closed, when there are not
/// enough. Only async-signal-safe calls.
int arrange_descriptors(const std::vector<std::pair<int, int>>& wanted, int keep) {
  constexpr unsigned above = 16;  // out of the way of the numbers to come
  std::array<int, above> moved{};
  keep = ::fcntl(keep, F_DUPFD_CLOEXEC, above);
  for (std::size_t i = 0; i < wanted.size() && keep >= 0; ++i) {
    moved[i] = ::fcntl(wanted[i].second, F_DUPFD, above);
    if (moved[i] < 0) return -1;
  }
  if (keep < 0) return -1;
  ::close_range(0, above - 1, 0);
  for (std::size_t i = 0; i < wanted.size(); ++i) ::dup2(moved[i], wanted[i].first);
  const auto kept = static_cast<unsigned>(keep);
  if (kept > above) ::close_range(above, kept - 1, 0);
  ::close_range(kept + 1, ~0u, 0);
  return keep;
}

/// Our environment with some variables set, as exec wants it; points into `settings`.
std::vector<char*> make_environment(std::vector<std::string>& settings) {
  std::vector<char*> result;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const auto same_name = [&](const std::string& setting) {
      return text.starts_with(std::string_view(setting).substr(0, setting.find('=') + 1));
    };
    if (std::none_of(settings.begin(), settings.end(), same_name)) result.push_back(*variable);
  }
  for (auto& setting : settings) result.push_back(setting.data());
  result.push_back(nullptr);
  return result;
}

[[noreturn]] void run_child(const std::vector<char*>& argv, const std::vector<char*>& environment,
                            const std::vector<std::pair<int, int>>& descriptors, int report_fd,
                            pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died before the line above
  // exec keeps ignored signals ignored and the mask as it is: give the child the defaults.
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);
  const int report = arrange_descriptors(descriptors, report_fd);
  if (report >= 0) ::execvpe(argv[0], argv.data(), environment.data());
  const int reason = errno;
  [[maybe_unused]] const auto written =
      ::write(report >= 0 ? report : report_fd, &reason, sizeof reason);
  ::_exit(127);
}

}  // namespace

std::string ExitStatus::text() const {
  if (signal == 0) return fmt::format("exited with status {}", code);
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? fmt::format("was killed by SIG{}", name)
                         : fmt::format("was killed by signal {}", signal);
}

ExitStatus decode_wait_status(int wait_status) {
  if (WIFSIGNALED(wait_status)) return {0, WTERMSIG(wait_status)};
  return {WEXITSTATUS(wait_status), 0};
}

Subprocess::Subprocess(const SpawnOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);  // a child that closed its input is an answer of write(), not our end
  auto [child_input, input] = make_pipe();
  auto [output, child_output] = make_pipe();
  auto [errors, child_errors] = make_pipe();
  auto [report, child_report] = make_pipe();

  // Everything that allocates is done before fork.
  std::vector<std::string> words = options.argv;
  std::vector<std::string> settings;
  for (const auto& [name, value] : options.environment) settings.push_back(name + "=" + value);
  const std::vector<char*> environment = make_environment(settings);
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::pair<int, int>> descriptors{
      {0, child_input.get()}, {1, child_output.get()}, {2, child_errors.get()}};
  descriptors.insert(descriptors.end(), options.inherit.begin(), options.inherit.end());

  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) run_child(argv, environment, descriptors, child_report.get(), parent);
  ::setpgid(pid_, pid_);  // both sides do it: whichever runs first, the group exists

  child_report.reset();
  int reason = 0;
  if (::read(report.get(), &reason, sizeof reason) == sizeof reason) {
    int ignored = 0;
    ::waitpid(pid_, &ignored, 0);
    errno = reason;
    fail(options.argv.at(0));
  }
  // Without it (a kernel before 5.3) the end of the output tells that the child has ended.
  ended_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  input_ = std::move(input);
  output_ = std::move(output);
  errors_ = std::move(errors);
  for (const auto* fd : {&input_, &output_, &errors_}) set_nonblocking(*fd);
}

Subprocess::~Subprocess() {
  terminate(std::chrono::milliseconds(0));
}

bool Subprocess::write(std::string_view bytes, Clock::time_point deadline) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(input_.get(), bytes.data(), bytes.size());
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return false;
    pollfd poller{input_.get(), POLLOUT, 0};
    if (::poll(&poller, 1, poll_timeout(deadline)) == 0) return false;
  }
  return true;
}

void Subprocess::close_input() {
  input_.reset();
}

Subprocess::Wake Subprocess::wait_for_output(Clock::time_point deadline, int interrupt_fd) {
  for (;;) {
    // poll ignores negative descriptors: a closed stream, or no interrupt.
    std::array<pollfd, 4> pollers{pollfd{output_.get(), POLLIN, 0},
                                  pollfd{errors_.get(), POLLIN, 0}, pollfd{interrupt_fd, POLLIN, 0},
                                  pollfd{ended_.get(), POLLIN, 0}};
    const int ready = ::poll(pollers.data(), pollers.size(), poll_timeout(deadline));
    if (ready < 0 && errno != EINTR) fail("poll");
    if (pollers[1].revents != 0) drain_errors();
    if (ready > 0 && pollers[2].revents != 0) return Wake::interrupted;
    if (ready > 0 && pollers[0].revents != 0) return Wake::output;
    if (ready > 0 && pollers[3].revents != 0) {
      // A process that it left behind may hold the pipe for ever. What the child itself wrote is
      // there now, if it was not yet when the poll looked.
      return ::poll(pollers.data(), 1, 0) > 0 ? Wake::output : Wake::ended;
    }
    if (Clock::now() >= deadline) return Wake::deadline;
  }
}

ReadStatus Subprocess::read_line(std::string& line, Clock::time_point deadline, std::size_t limit,
                                 int interrupt_fd) {
  std::size_t searched = 0;
  for (;;) {
    const auto end = pending_.find('\n', searched);
    if (end != std::string::npos && end <= limit) {
      line.assign(pending_, 0, end);
      pending_.erase(0, end + 1);
      return ReadStatus::line;
    }
    if (pending_.size() > limit) {
      line.assign(pending_, 0, limit);
      return ReadStatus::too_long;
    }
    searched = pending_.size();
    const auto stop = read_more(deadline, interrupt_fd);
    if (stop == ReadStatus::end_of_file) return end_of_file(line);
    if (stop) return *stop;
  }
}

ReadStatus Subprocess::read_bytes(std::string& bytes, std::size_t count,
                                  Clock::time_point deadline) {
  while (pending_.size() < count) {
    const auto stop = read_more(deadline, -1);
    if (stop == ReadStatus::end_of_file) return end_of_file(bytes);
    if (stop) return *stop;
  }
  bytes.assign(pending_, 0, count);
  pending_.erase(0, count);
  return ReadStatus::line;
}

/// Waits for output and appends it to pending_; or tells what came instead.
std::optional<ReadStatus> Subprocess::read_more(Clock::time_point deadline, int interrupt_fd) {
  switch (wait_for_output(deadline, interrupt_fd)) {
    case Wake::deadline:
      return ReadStatus::deadline;
    case Wake::interrupted:
      return ReadStatus::interrupted;
    case Wake::ended:
      return ReadStatus::end_of_file;
    case Wake::output:
      break;
  }
  std::array<char, 64u << 10> chunk;
  const ssize_t n = ::read(output_.get(), chunk.data(), chunk.size());
  if (n == 0) return ReadStatus::end_of_file;
  if (n > 0) pending_.append(chunk.data(), static_cast<std::size_t>(n));
  return std::nullopt;
}

ReadStatus Subprocess::end_of_file(std::string& rest) {
  output_.reset();
  drain_errors();
  rest.swap(pending_);
  pending_.clear();
  return ReadStatus::end_of_file;
}

void Subprocess::drain_errors() {
  std::array<char, 8u << 10> chunk;
  while (errors_) {
    const ssize_t n = ::read(errors_.get(), chunk.data(), chunk.size());
    if (n == 0) errors_.reset();
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    error_tail_.append(chunk.data(), static_cast<std::size_t>(n));
    if (error_tail_.size() > error_tail_limit) {
      error_tail_.erase(0, error_tail_.size() - error_tail_limit);
    }
  }
}

const std::string& Subprocess::error_tail() {
  drain_errors();
  return error_tail_;
}

std::optional<ExitStatus> Subprocess::wait_until(Clock::time_point deadline) {
  using namespace std::chrono_literals;
  for (auto pause = 1ms; !status_; pause = std::min(pause * 2, 50ms)) {
    int wait_status = 0;
    const pid_t ended = ::waitpid(pid_, &wait_status, WNOHANG);
    if (ended == pid_) {
      status_ = decode_wait_status(wait_status);
    } else if (Clock::now() >= deadline) {
      return std::nullopt;
    } else {
      drain_errors();  // a child that fills the pipe would never end
      std::this_thread::sleep_for(pause);
    }
  }
  return status_;
}

void Subprocess::signal_group(int signal) const {
  ::kill(-pid_, signal);
}

ExitStatus Subprocess::terminate(std::chrono::milliseconds grace) {
  if (pid_ >= 0) {
    if (!status_ && grace.count() > 0) {
      signal_group(SIGTERM);
      wait_until(Clock::now() + grace);
    }
    signal_group(SIGKILL);  // also what the child left behind in its group
    // A process that sleeps inside a driver cannot be killed; it must not hold us up for ever.
    wait_until(Clock::now() + unkillable_after);
    pid_ = -1;
  }
  return status_.value_or(ExitStatus{0, SIGKILL});
}

CommandResult run_command(const SpawnOptions& options, std::string_view input,
                          std::chrono::milliseconds time_limit) {
  const auto deadline = Clock::now() + time_limit;
  Subprocess child(options);
  CommandResult result;
  child.write(input, deadline);
  child.close_input();
  for (bool open = true; open;) {
    std::string line;
    const auto status = child.read_line(line, deadline, command_output_limit);
    open = status == ReadStatus::line;
    result.output += line;
    if (open) result.output += '\n';
    if (status == ReadStatus::end_of_file) result.status = child.wait_until(deadline);
    if (result.output.size() > command_output_limit) open = false;
  }
  result.errors = child.error_tail();
  return result;
}

}  // namespace fusegate
