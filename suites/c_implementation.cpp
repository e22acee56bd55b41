#include "suites/c_implementation.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/c_module.hpp"
#include "suites/library_entries.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;

/// A runtime that modules are made for.
struct ModuleRuntime {
  const char* vendor;   ///< of the GPUs that it is for; empty: of none
  const char* builtin;  ///< our implementation on it
};

constexpr ModuleRuntime cpu{"", "builtin/simt"};
constexpr ModuleRuntime cuda{"nvidia", "builtin/cuda"};
constexpr ModuleRuntime amd{"amd", "builtin/amd"};

bool is_of_nvidia(std::string_view architecture) {
  return architecture.starts_with("sm_") || architecture.starts_with("compute_");
}

/// By the GPU code that it holds, or where that is compressed by the runtime that it needs.
const ModuleRuntime& runtime_of(const probe::BinaryModule& module) {
  const auto& code = module.gpu_code;
  if (std::any_of(code.targets.begin(), code.targets.end(), is_of_nvidia)) return cuda;
  const bool needs_hip =
      std::any_of(module.needed.begin(), module.needed.end(),
                  [](const std::string& name) { return name.starts_with("libamdhip64.so"); });
  return needs_hip || code.more || !code.targets.empty() ? amd : cpu;
}

const KnownImplementation& builtin_on(const ModuleRuntime& runtime) {
  const auto known = known_implementations();
  return *std::find_if(known.begin(), known.end(),
                       [&](const auto& one) { return one.name == runtime.builtin; });
}

/// Of the machine's GPUs those that the runtime is for, each kind once.
probe::ModuleMachine machine_for(const ModuleRuntime& runtime, const CUse& use) {
  std::set<std::string> architectures;
  for (const auto& architecture : use.architectures) {
    const auto* vendor = is_of_nvidia(architecture) ? cuda.vendor : amd.vendor;
    if (vendor == std::string_view(runtime.vendor)) architectures.insert(architecture);
  }
  probe::ModuleMachine machine;
  machine.gpu_architectures.assign(architectures.begin(), architectures.end());
  return machine;
}

void require_none(const std::vector<probe::BinaryFinding>& findings, const std::string& name,
                  const probe::FoundModule& module) {
  if (findings.empty()) return;
  std::vector<std::string> texts;
  for (const auto& finding : findings) {
    auto text = finding.what;
    if (!finding.evidence.empty()) text += fmt::format(" ({})", join(finding.evidence, "; "));
    texts.push_back(fmt::format("{}; {}", text, finding.fix));
  }
  throw CannotRun(
      fmt::format("{}: {} is not called: {}", name, module.file.native(), join(texts, ". Also: ")));
}

void require_gpu(const ModuleRuntime& runtime, const std::string& name,
                 const probe::FoundModule& module, const CUse& use) {
  const bool is_there = *runtime.vendor == '\0' || std::find(use.vendors.begin(), use.vendors.end(),
                                                             runtime.vendor) != use.vendors.end();
  if (is_there) return;
  const auto& targets = module.binary.gpu_code.targets;
  throw CannotRun(
      fmt::format("{}: {} {}; it needs {}", name, module.file.native(),
                  targets.empty() ? "has GPU code" : "has code for " + join(targets, ", "),
                  builtin_on(runtime).needs));
}

/// Those whose function lies in the same module as the first one's; the others become lacking.
void keep_one_module(LibraryEntries& chosen) {
  const auto module = chosen.entries.front().row->compiled_module;
  std::vector<LibraryEntry> kept;
  for (auto& entry : chosen.entries) {
    if (entry.row->compiled_module == module) {
      kept.push_back(std::move(entry));
    } else {
      chosen.lacking[entry.op] = fmt::format("{} is in {}, the others in {}", entry.row->contract,
                                             entry.row->compiled_module, module);
    }
  }
  chosen.entries = std::move(kept);
}

LibraryEntries entries_of(const probe::LibraryImplementation& chosen,
                          const probe::LibraryContract& contract,
                          const probe::Identification& found) {
  auto all = choose_entries(chosen, contract, found);
  std::erase_if(all.entries, [&](const LibraryEntry& entry) {
    if (!entry.row->compiled_module.empty() && !entry.row->compiled_symbol.empty()) return false;
    all.lacking[entry.op] = fmt::format(
        "the sources do not say which compiled function is behind {}", entry.row->where);
    return true;
  });
  if (all.entries.empty()) {
    std::vector<std::string> reasons;
    for (const auto& [op, reason] : all.lacking) reasons.push_back(reason);
    const auto& version = found.identity.version;
    throw CannotRun(fmt::format("{}: {} ({}) in {} has none of its C functions: {}", chosen.name,
                                contract.name, version.empty() ? "version not known" : version,
                                found.location.root.native(), join(reasons, "; ")));
  }
  keep_one_module(all);
  return all;
}

probe::WantedModule wanted_of(const LibraryEntries& entries) {
  probe::WantedModule wanted{entries.entries.front().row->compiled_module, {}};
  for (const auto& entry : entries.entries) wanted.symbols.push_back(entry.row->compiled_symbol);
  return wanted;
}

/// As the worker takes it (kernels/c_abi/call_table.hpp).
Json call_table(const LibraryEntries& chosen, const probe::FoundModule& module,
                const probe::CompiledModuleRules& rules) {
  Json table{{"module", module.file.native()},
             {"version_symbol", rules.markers.ctypes_version_symbol},
             {"error_symbol", rules.ctypes_error_symbol},
             {"entries", Json::array()},
             {"lacking", chosen.lacking}};
  for (const auto& [op, contract, row] : chosen.entries) {
    table["entries"].push_back({{"op", op},
                                {"entry", row->module + "." + contract->symbol},
                                {"generation", row->generation},
                                {"symbol", row->compiled_symbol},
                                {"arguments", to_json(row->known->c_call->arguments)}});
  }
  return table;
}

/// Where the library's other implementations leave their modules, unless the environment says
/// otherwise.
probe::ModuleSurroundings with_cache(const probe::LibraryImplementation& chosen,
                                     const probe::LibraryContract& contract, const CUse& use) {
  auto surroundings = use.surroundings;
  if (!contract.compiled_modules) return surroundings;
  const auto& variables = contract.compiled_modules->variables;
  for (const auto& [name, value] : environment_of(chosen, use.cache)) {
    const bool names_folder =
        std::find(variables.begin(), variables.end(), name) != variables.end();
    if (names_folder) surroundings.variables.try_emplace(name, value);
  }
  return surroundings;
}

}  // namespace

Implementation c_implementation(const probe::LibraryImplementation& chosen,
                                const probe::LibraryContract& contract,
                                const probe::Identification& found, const CUse& use) {
  const auto entries = entries_of(chosen, contract, found);
  const auto wanted = wanted_of(entries);
  const auto surroundings = with_cache(chosen, contract, use);
  const auto module = find_c_module(found.location, contract, wanted, surroundings);
  const auto& runtime = runtime_of(module.binary);
  require_none(check_c_module(module, contract, wanted, machine_for(runtime, use)), chosen.name,
               module);
  require_gpu(runtime, chosen.name, module, use);
  const auto& builtin = builtin_on(runtime);
  const auto worker = find_worker(use.workers, builtin, "cabi");
  require_none(check_c_linkage(module, worker, surroundings), chosen.name, module);

  std::vector<std::string> command{worker.string()};
  command.insert(command.end(), builtin.arguments.begin(), builtin.arguments.end());
  command.push_back("--calls=" + call_table(entries, module, *contract.compiled_modules).dump());
  return {.name = chosen.name,
          .command = std::move(command),
          .needs = builtin.needs,
          .start_time_limit = {},
          .policies = policies_of(entries),
          .limits = limits_of(entries),
          .beyond_limits = use.beyond_limits};
}

}  // namespace fusegate::suites
