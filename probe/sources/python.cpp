#include "probe/sources/python.hpp"

#include <span>
#include <system_error>

#include <fmt/format.h>

#include "probe/base/embedded.hpp"
#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/problem.hpp"

namespace fusegate::embedded {
std::span<const EmbeddedFile> fact_scripts();
}  // namespace fusegate::embedded

namespace fusegate::probe {

std::string fact_script(std::string_view name) {
  constexpr std::string_view uses = "# uses: ";
  const auto scripts = embedded::fact_scripts();
  const EmbeddedFile* file = find_embedded(scripts, name);
  if (file == nullptr) throw std::logic_error(fmt::format("no script {} was built in", name));
  const std::string_view text = file->content;
  if (!text.starts_with(uses)) return std::string(text);
  const auto used = text.substr(uses.size(), text.find('\n') - uses.size());
  return fact_script(used).append(text);
}

CommandResult run_fact_script(const std::string& python, std::string_view script,
                              const std::vector<std::string>& options,
                              const std::vector<std::string>& arguments, std::string_view input,
                              std::chrono::milliseconds time_limit) {
  SpawnOptions command{{python}, {}, {}};
  auto& argv = command.argv;
  argv.insert(argv.end(), options.begin(), options.end());
  argv.insert(argv.end(), {"-c", fact_script(script)});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  try {
    return run_command(command, input, time_limit);
  } catch (const std::system_error& error) {
    throw CannotRun(fmt::format(
        "the Python interpreter '{}' cannot be started: {}; install Python 3.8 or later, or name "
        "one with --python PATH",
        shown(python), error.code().message()));
  }
}

std::string failure_text(const CommandResult& result) {
  std::string text = result.status ? result.status->text() : "did not end in time";
  const auto errors = trim(result.errors);
  const auto last = errors.substr(errors.rfind('\n') + 1);  // npos + 1 is 0
  if (!last.empty()) text += ": " + printable(last, 300);
  return text;
}

}  // namespace fusegate::probe
