#include "probe/process/isolated.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "probe/base/files.hpp"
#include "probe/base/text.hpp"
#include "probe/base/unique_fd.hpp"
#include "probe/process/subprocess.hpp"

namespace fusegate {
namespace {

std::pair<UniqueFd, UniqueFd> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe");
  }
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

[[noreturn]] void run_child(const std::function<std::string()>& function, int answer, int noise) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setpgid(0, 0);
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ::dup2(nothing.get(), 0);
  ::dup2(noise, 1);
  ::dup2(noise, 2);
  // The first byte tells an answer from a refusal.
  try {
    write_all(answer, "+" + function());
  } catch (const std::exception& error) {
    write_all(answer, std::string("-") + error.what());
  } catch (...) {
    write_all(answer, "-an exception of an unknown type");
  }
  ::_exit(0);
}

/// Reads both ends until `answer` closes; false when the deadline comes first.
bool collect(const UniqueFd& answer, const UniqueFd& noise, Clock::time_point deadline,
             std::string& value, std::string& printed) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    std::array<pollfd, 2> pollers{pollfd{answer.get(), POLLIN, 0}, pollfd{noise.get(), POLLIN, 0}};
    if (::poll(pollers.data(), pollers.size(), static_cast<int>(left)) <= 0) continue;
    std::array<char, 16u << 10> chunk;
    if (pollers[1].revents & POLLIN) {
      const ssize_t n = ::read(noise.get(), chunk.data(), chunk.size());
      if (n > 0) printed.append(chunk.data(), static_cast<std::size_t>(n));
      if (printed.size() > chunk.size()) printed.erase(0, printed.size() - chunk.size());
    }
    if (pollers[0].revents != 0) {
      const ssize_t n = ::read(answer.get(), chunk.data(), chunk.size());
      if (n <= 0) return true;
      value.append(chunk.data(), static_cast<std::size_t>(n));
    }
  }
}

std::string last_line(std::string_view text) {
  text = trim(text);
  const auto begin = text.rfind('\n');
  return printable(begin == std::string_view::npos ? text : text.substr(begin + 1), 200);
}

}  // namespace

IsolatedResult run_isolated(const std::function<std::string()>& function,
                            std::chrono::milliseconds time_limit) {
  auto [answer, child_answer] = make_pipe();
  auto [noise, child_noise] = make_pipe();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) run_child(function, child_answer.get(), child_noise.get());
  child_answer.reset();
  child_noise.reset();

  std::string value;
  std::string printed;
  const bool in_time = collect(answer, noise, Clock::now() + time_limit, value, printed);
  if (!in_time) ::kill(pid, SIGKILL);
  int wait_status = 0;
  // A child that sleeps inside a driver cannot be killed; leave it rather than wait with it.
  for (int tries = 0; ::waitpid(pid, &wait_status, WNOHANG) == 0 && tries < 100; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(tries < 10 ? 1 : 20));
  }
  if (in_time && !value.empty()) {
    const bool ok = value.front() == '+';
    value.erase(0, 1);
    return ok ? IsolatedResult{true, value, ""} : IsolatedResult{false, "", value};
  }
  std::string failure = in_time ? decode_wait_status(wait_status).text()
                                : fmt::format("did not answer within {} s",
                                              std::chrono::duration<double>(time_limit).count());
  if (const auto line = last_line(printed); !line.empty()) failure += " after printing: " + line;
  return {false, "", failure};
}

}  // namespace fusegate
