#include "tools/fusegate/console.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"

namespace fusegate::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto redraw_interval = std::chrono::milliseconds(100);
constexpr std::size_t bar_width = 20;

// In the order of Tone (ECMA-48, SGR).
constexpr std::array<std::string_view, 5> color_codes{"\033[0m", "\033[32m", "\033[31m", "\033[33m",
                                                      "\033[2m"};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// NO_COLOR (no-color.org) and CLICOLOR_FORCE decide where the option says auto.
bool wants_color(const std::string& choice, int fd) {
  if (choice != "auto") return choice == "always";
  if (is_set("NO_COLOR")) return false;
  return is_set("CLICOLOR_FORCE") || (::isatty(fd) != 0 && is_set("TERM"));
}

void write_quietly(int fd, std::string_view text) {
  try {
    write_all(fd, text);
  } catch (const std::system_error&) {
    // Nobody reads it: no reason to stop the work.
  }
}

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds);
  return whole < 60 ? fmt::format("{}s", whole) : fmt::format("{}m{:02}s", whole / 60, whole % 60);
}

}  // namespace

Console::Console(const CommonOptions& common)
    : fd_(common.json == "-" ? STDERR_FILENO : STDOUT_FILENO),
      quiet_(common.quiet),
      color_(wants_color(common.color, fd_)) {}

/// Texts of workers and libraries go through here: what they hold does not reach the terminal as
/// commands, but for the colours.
void Console::write(std::string_view text) const {
  std::string line;
  while (!text.empty()) {
    const auto escape = color_ ? text.find('\033') : text.npos;
    line += without_controls(text.substr(0, escape));
    if (escape == text.npos) break;
    text.remove_prefix(escape);
    const auto code = std::find_if(color_codes.begin(), color_codes.end(),
                                   [&](std::string_view c) { return text.starts_with(c); });
    const std::size_t taken = code == color_codes.end() ? 1 : code->size();
    line += code == color_codes.end() ? without_controls(text.substr(0, 1)) : *code;
    text.remove_prefix(taken);
  }
  write_quietly(fd_, line + "\n");
}

void Console::print(std::string_view text) const {
  if (!quiet_) write(text);
}

void Console::insist(std::string_view text) const {
  write(text);
}

std::string Console::paint(Tone tone, std::string_view text) const {
  if (!color_ || tone == Tone::plain) return std::string(text);
  return fmt::format("{}{}{}", color_codes[static_cast<std::size_t>(tone)], text, color_codes[0]);
}

Progress::Progress(const CommonOptions& common, std::uint64_t total)
    : terminal_(::isatty(STDERR_FILENO) != 0 && is_set("TERM")),
      silent_(common.quiet),
      total_(total),
      start_(Clock::now()) {}

Progress::~Progress() {
  clear();
}

void Progress::begin(std::string_view what) {
  const auto now = Clock::now();
  if (silent_ || !terminal_ || now - drawn_ < redraw_interval) return;
  drawn_ = now;
  draw(what);
}

void Progress::draw(std::string_view what) {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done_) / seconds : 0;
  const auto filled =
      static_cast<std::size_t>(bar_width * done_ / std::max<std::uint64_t>(total_, 1));
  const std::string left =
      done_ > 0 && rate > 0 ? duration_text(static_cast<double>(total_ - done_) / rate) : "?";
  std::string line = fmt::format("[{:#<{}}{:.<{}}] {}/{} {:.0f}/s {} left  {}", "", filled, "",
                                 bar_width - filled, done_, total_, rate, left, what);
  line.resize(std::min(line.size(), terminal_width() - 1));
  write_quietly(STDERR_FILENO, "\r\033[K" + line);
}

void Progress::advance() {
  ++done_;
  if (silent_ || terminal_) return;
  const std::uint64_t tenths = 10 * done_ / std::max<std::uint64_t>(total_, 1);
  if (tenths == printed_tenths_) return;
  printed_tenths_ = tenths;
  print_line();
}

void Progress::print_line() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  write_quietly(STDERR_FILENO, fmt::format("{} of {} cases, {:.1f} s\n", done_, total_, seconds));
}

void Progress::clear() {
  if (terminal_ && !silent_) write_quietly(STDERR_FILENO, "\r\033[K");
}

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

DocumentWriter::DocumentWriter(const std::string& file) : name_(file) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const auto status = fs::status(file, ignored);
  if (file == "-") {
    name_ = "standard output";
    device_ = UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  } else if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status)) {
    // A device or a pipe is written to: a file in its place would be the end of it.
    device_ = UniqueFd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  } else {
    file_ = std::make_unique<AtomicFile>(file);
    return;
  }
  if (!device_) throw CannotRun(fmt::format("cannot open {}: {}", name_, std::strerror(errno)));
}

DocumentWriter::~DocumentWriter() = default;

void DocumentWriter::write(std::string_view text) {
  if (file_) {
    file_->write(text);
    return;
  }
  try {
    write_all(device_.get(), text);
  } catch (const std::system_error& error) {
    throw CannotRun(fmt::format("cannot write to {}: {}", name_, error.code().message()));
  }
}

void DocumentWriter::finish() {
  if (file_) file_->commit();
}

void write_document(const std::string& file, std::string_view text) {
  DocumentWriter out(file);
  out.write(text);
  out.finish();
}

}  // namespace fusegate::tools
