#include "kernels/worker/worker_main.hpp"

#include <cstdio>
#include <exception>
#include <limits>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "kernels/worker/hip_provider.hpp"
#include "kernels/worker/options.hpp"
#include "kernels/worker/runtime_hooks.hpp"

namespace fusegate::kernels {
namespace {

/// Of `--name=value`. Throws std::invalid_argument for one that cannot be.
void apply_option(std::string_view argument, int& device, const WorkerOptions& own) {
  const auto equals = argument.find('=');
  if (!argument.starts_with("--") || equals == std::string_view::npos) {
    throw std::invalid_argument("is not of the form --name=value");
  }
  const auto name = argument.substr(2, equals - 2);
  const std::string value(argument.substr(equals + 1));
  if (name == "device") {
    device = static_cast<int>(whole_number(value, 0, std::numeric_limits<int>::max()));
  } else if (!(own.apply && own.apply(name, value)) && !apply_runtime_option(name, value)) {
    throw std::invalid_argument(fmt::format("is no option of this worker; there are --device=0{}{}",
                                            runtime_options(), own.names));
  }
}

}  // namespace

std::optional<int> read_command_line(int argc, char** argv, const WorkerOptions& own) {
  int device = 0;
  for (int i = 1; i < argc; ++i) {
    try {
      apply_option(argv[i], device, own);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s %s\n", argv[0], argv[i], error.what());
      return std::nullopt;
    }
  }
  return device;
}

int worker_main(int argc, char** argv, std::vector<Operation> operations) {
  const auto device = read_command_line(argc, argv);
  if (!device) return 2;
  HipProvider provider(std::move(operations), *device);
  return serve(provider, std::string("fusegate-worker-") + runtime_name());
}

}  // namespace fusegate::kernels
