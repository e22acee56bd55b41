#include "tools/fusegate/library_selection.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/hash.hpp"
#include "probe/base/text.hpp"
#include "probe/library/contract.hpp"
#include "probe/library/identify.hpp"
#include "probe/library/locate.hpp"
#include "probe/sources/facts_cache.hpp"
#include "probe/sources/facts_store.hpp"
#include "suites/c_implementation.hpp"
#include "suites/library_implementation.hpp"

namespace fusegate::tools {
namespace {

constexpr const char* torch_name = "torch";
constexpr const char* compiled_name = "torch/compiled";

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool runs_on(const probe::LibraryImplementation& implementation, const CaseOptions& options,
             const std::vector<probe::Device>& devices) {
  const auto& all = implementation.runs_on;
  if (options.interpret) return contains(all, "interpreter");
  return std::any_of(devices.begin(), devices.end(),
                     [&](const probe::Device& device) { return contains(all, device.vendor); });
}

/// Whether a name is that of one of the library's implementations, or begins as they do: then it is
/// a mistyped one.
bool speaks_of(const std::string& name, const probe::LibraryContract& contract) {
  return name.substr(0, name.find('/')) == contract.name ||
         std::any_of(contract.implementations.begin(), contract.implementations.end(),
                     [&](const auto& one) { return one.name == name; });
}

/// What --library says of the library, or its name: then the environment has it.
std::string argument_for(const probe::LibraryContract& contract, const CaseOptions& options,
                         const std::vector<probe::LibraryContract>& contracts,
                         const std::string& python) {
  std::vector<std::string> found;
  for (const auto& argument : options.libraries) {
    const auto request = probe::parse_library_argument(argument, contracts);
    const auto name =
        request.name.empty() ? locate_library(request, contracts, python).name : request.name;
    if (name == contract.name) found.push_back(argument);
  }
  if (found.size() > 1) {
    throw UsageError(fmt::format("--library: {} are both {}; one of them can be tested at a time",
                                 join(found, " and "), contract.name));
  }
  return found.empty() ? contract.name : found.front();
}

/// A folder for what the library and its tools compile: one for each state of its sources, below
/// our own, so that the user's stay as they are.
std::string cache_for(const std::string& fingerprint, const std::string& python) {
  auto folder = probe::default_cache_folder();
  if (folder.empty()) folder = std::filesystem::temp_directory_path() / "fusegate";
  // What one interpreter's packages compile, another's may not be able to load.
  const auto environment = hash_text(python);
  return (folder / "compiled" /
          (fingerprint.empty() ? environment : fingerprint + "-" + environment))
      .native();
}

/// The one that was asked for, or, of a library's own name, the first that runs here.
const probe::LibraryImplementation& pick(const probe::LibraryContract& contract,
                                         const probe::LibraryImplementation& asked,
                                         const CaseOptions& options,
                                         const std::vector<probe::Device>& devices) {
  if (runs_on(asked, options, devices)) return asked;
  if (asked.name == contract.name) {
    for (const auto& other : contract.implementations) {
      if (runs_on(other, options, devices)) return other;
    }
  }
  std::vector<std::string> others;
  for (const auto& other : contract.implementations) {
    if (contains(other.runs_on, "interpreter")) others.push_back(other.name);
  }
  const auto hint = options.interpret || others.empty()
                        ? ""
                        : fmt::format("; --interpret runs {} without a GPU", join(others, " and "));
  if (options.interpret) {
    throw CannotRun(fmt::format("{} has no kernels for Triton's interpreter{}", asked.name,
                                others.empty() ? "" : "; it takes " + join(others, ", ")));
  }
  throw CannotRun(fmt::format("{} runs on {}, and there is no such GPU here{}", asked.name,
                              join(asked.runs_on, ", "), hint));
}

/// What a choice depends on.
struct Surroundings {
  const probe::LibraryContract& contract;
  const std::vector<probe::LibraryContract>& contracts;
  const CaseOptions& options;
  const std::string& python;
  const std::vector<probe::Device>& devices;
};

/// What a compiled module is looked for and called with.
suites::CUse c_use(const Surroundings& here, const std::string& cache) {
  suites::CUse use{.workers = suites::worker_folder(),
                   .surroundings = probe::surroundings_of_process(here.contract),
                   .cache = cache,
                   .beyond_limits = here.options.beyond_limits};
  for (const auto& device : here.devices) {
    use.vendors.push_back(device.vendor);
    if (device.architecture) use.architectures.push_back(*device.architecture);
  }
  return use;
}

/// `asked`, or where that does not run here one of the library that does; of C functions the
/// compiled module says where they run.
LibraryChoice choose(const probe::LibraryImplementation& asked, const Surroundings& here) {
  const bool is_c = asked.interface == probe::Interface::c;
  if (is_c && here.options.interpret) {
    throw UsageError(asked.name + " has nothing for Triton's interpreter; leave --interpret out");
  }
  const auto& chosen = is_c ? asked : pick(here.contract, asked, here.options, here.devices);
  const auto request = probe::parse_library_argument(
      argument_for(here.contract, here.options, here.contracts, here.python), here.contracts);
  probe::FactsStore store(here.python);
  const auto found =
      identify(locate_library(request, here.contracts, here.python), here.contract, store);
  if (!found.failure.empty()) throw CannotRun(fmt::format("{}: {}", asked.name, found.failure));
  const auto cache = cache_for(found.sources_fingerprint, here.python);
  if (is_c) return {c_implementation(asked, here.contract, found, c_use(here, cache)), ""};
  const suites::PythonUse use{.python = here.python,
                              .interpret = here.options.interpret,
                              .beyond_limits = here.options.beyond_limits,
                              .cache = cache};
  const auto note = chosen.name == asked.name
                        ? ""
                        : fmt::format("{} runs on {}: {} is tested here", asked.name,
                                      join(asked.runs_on, ", "), chosen.name);
  return {library_implementation(chosen, here.contract, found, use), note};
}

}  // namespace

std::vector<NamedImplementation> environment_implementations() {
  std::vector<NamedImplementation> all;
  for (const auto& contract : probe::known_libraries()) {
    for (const auto& one : contract.implementations) all.push_back({one.name, one.meaning});
  }
  all.push_back({torch_name, "the ops in PyTorch's own operations, on a GPU or else on the CPU"});
  all.push_back({compiled_name, "the same, compiled by torch.compile"});
  return all;
}

std::vector<std::string> libraries_of(const std::vector<std::string>& names) {
  std::vector<std::string> libraries;
  const auto contracts = probe::known_libraries();
  for (const auto& name : names) {
    for (const auto& contract : contracts) {
      if (speaks_of(name, contract)) libraries.push_back(contract.name);
    }
  }
  return libraries;
}

std::vector<std::string> tested_libraries(const CaseOptions& options, const std::string& python) {
  auto arguments = options.libraries;
  const auto contracts = probe::known_libraries();
  for (const auto& name : libraries_of(options.with)) {
    const auto argument = argument_for(find_contract(contracts, name), options, contracts, python);
    if (std::find(arguments.begin(), arguments.end(), argument) == arguments.end()) {
      arguments.push_back(argument);
    }
  }
  return arguments;
}

std::optional<LibraryChoice> choose_from_environment(const std::string& name,
                                                     const CaseOptions& options,
                                                     const std::string& python,
                                                     const std::vector<probe::Device>& devices) {
  if (name == torch_name || name == compiled_name) {
    const suites::PythonUse use{.python = python,
                                .interpret = options.interpret,
                                .beyond_limits = options.beyond_limits,
                                .cache = cache_for("", python)};
    return LibraryChoice{suites::torch_implementation(name == compiled_name, use), ""};
  }
  const auto contracts = probe::known_libraries();
  for (const auto& contract : contracts) {
    for (const auto& asked : contract.implementations) {
      if (asked.name == name) return choose(asked, {contract, contracts, options, python, devices});
    }
  }
  return std::nullopt;
}

}  // namespace fusegate::tools
