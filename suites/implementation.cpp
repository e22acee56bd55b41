#include "suites/implementation.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"

namespace fusegate::suites {
namespace {

const std::string rebuild = "then configure and build again (tools/quickstart does both)";

const std::array implementations{
    KnownImplementation{
        "builtin/simt",
        "fusegate-worker-simt",
        {"--warp-size=64"},
        "this project's kernels on the CPU, 64 lanes a warp as on AMD's data-centre GPUs",
        "build the target fusegate-worker-simt",
        ""},
    KnownImplementation{"builtin/simt-w32",
                        "fusegate-worker-simt",
                        {"--warp-size=32"},
                        "this project's kernels on the CPU, 32 lanes a warp as on NVIDIA's GPUs",
                        "build the target fusegate-worker-simt",
                        ""},
    KnownImplementation{"builtin/cuda",
                        "fusegate-worker-cuda",
                        {},
                        "this project's kernels on an NVIDIA GPU",
                        "install the CUDA toolkit, put its nvcc on PATH, " + rebuild,
                        "an NVIDIA GPU and its driver"},
    KnownImplementation{"builtin/amd",
                        "fusegate-worker-amd",
                        {},
                        "this project's kernels on an AMD GPU",
                        "install hipcc and libamdhip64-dev, or ROCm, " + rebuild,
                        "an AMD GPU and its driver (/dev/kfd)"},
};

constexpr std::string_view worker_prefix = "fusegate-worker-";

bool can_be_started(const std::filesystem::path& worker) {
  return ::access(worker.c_str(), X_OK) == 0;
}

Implementation of_this_build(const KnownImplementation& known) {
  std::vector<std::string> command{find_worker(worker_folder(), known).string()};
  command.insert(command.end(), known.arguments.begin(), known.arguments.end());
  return {known.name, command, known.needs, {}, {}};
}

}  // namespace

std::span<const KnownImplementation> known_implementations() {
  return implementations;
}

std::filesystem::path worker_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

std::filesystem::path find_worker(const std::filesystem::path& folder,
                                  const KnownImplementation& known, const std::string& kind) {
  auto name = known.worker;
  if (!kind.empty()) name.insert(worker_prefix.size(), kind + "-");
  auto worker = folder / name;
  if (!can_be_started(worker)) {
    throw CannotRun(fmt::format("{} is not in this build: there is no {}; {}",
                                kind.empty() ? known.name : name, worker.string(), known.mend));
  }
  return worker;
}

bool is_built(const KnownImplementation& known) {
  return can_be_started(worker_folder() / known.worker);
}

Implementation parse_worker(const std::string& definition) {
  const auto equals = definition.find('=');
  std::vector<std::string> command;
  if (equals != std::string::npos) {
    for (const auto word : split_words(std::string_view(definition).substr(equals + 1))) {
      command.emplace_back(word);
    }
  }
  if (equals == 0 || command.empty()) {
    throw UsageError(fmt::format(
        "--worker {}: wants NAME=COMMAND, as in mine='python3 worker.py --fast'", definition));
  }
  const std::string name = definition.substr(0, equals);
  if (printable(name, name.size()) != name || name.find_first_of(" ,") != name.npos) {
    throw UsageError(
        fmt::format("--worker {}: a name is of printable ASCII, without spaces and commas",
                    printable(definition, 80)));
  }
  for (const auto& known : implementations) {
    if (known.name == name) {
      throw UsageError(fmt::format(
          "--worker {}: this build has a {} of its own; choose another name", definition, name));
    }
  }
  return {name, command, "", {}, {}};
}

Implementation find_implementation(const std::string& name, std::span<const Implementation> custom,
                                   std::span<const std::string> others) {
  const auto same = [&](const auto& entry) { return entry.name == name; };
  const auto mine = std::find_if(custom.begin(), custom.end(), same);
  if (mine != custom.end()) return *mine;
  const auto* known = std::find_if(implementations.begin(), implementations.end(), same);
  if (known != implementations.end()) return of_this_build(*known);
  std::vector<std::string> all(others.begin(), others.end());
  const auto add = [&](const std::string& other) {
    if (std::find(all.begin(), all.end(), other) == all.end()) all.push_back(other);
  };
  for (const auto& entry : implementations) add(entry.name);
  for (const auto& worker : custom) add(worker.name);
  throw UsageError(fmt::format("there is no implementation '{}'{}; there are {}", name,
                               did_you_mean(name, all), join(all, ", ")));
}

}  // namespace fusegate::suites
