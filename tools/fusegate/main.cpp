#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <variant>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/options.hpp"

namespace {

using fusegate::tools::ExitCode;

ExitCode run(int argc, char** argv) {
  const auto parsed = fusegate::tools::parse_command_line(argc, argv);
  if (const auto* done = std::get_if<ExitCode>(&parsed)) return *done;
  const auto& invocation = std::get<fusegate::tools::Invocation>(parsed);
  return std::visit(
      [&](const auto& command) { return fusegate::tools::run_command(command, invocation.common); },
      invocation.command);
}

/// A file that is opened later must not take the number of a standard stream. What is written to
/// one that was closed fails, as before.
void fill_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    // The lowest number that is free, so this one.
    if (::fcntl(fd, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDONLY));
  }
}

ExitCode complain(ExitCode code, const std::exception& error) {
  const auto text = fusegate::json_error_text(error.what());
  std::fprintf(stderr, "fusegate: %s\n", fusegate::without_controls(text).c_str());
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_streams();
  ::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is an answer of write(), as a full disk is
  ExitCode code;
  try {
    code = run(argc, argv);
  } catch (const fusegate::UsageError& error) {
    code = complain(ExitCode::usage, error);
  } catch (const fusegate::CannotRun& error) {
    code = complain(ExitCode::could_not_run, error);
  } catch (const std::exception& error) {
    code = complain(ExitCode::could_not_run, error);
  }
  return static_cast<int>(code);
}
