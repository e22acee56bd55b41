#include "suites/library_implementation.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "suites/library_entries.hpp"
#include "suites/python_worker.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;

// Libraries take a while to be imported, and may compile before they are.
constexpr std::chrono::seconds start_limit{600};

/// Where the tools of every library keep what they compile; and no pool of threads that compile,
/// which stay, and for whose sake every case would cost a worker.
Json common_environment(const PythonUse& use) {
  return {{"TRITON_CACHE_DIR", use.cache + "/triton"},
          {"TORCHINDUCTOR_CACHE_DIR", use.cache + "/inductor"},
          {"TORCHINDUCTOR_COMPILE_THREADS", "1"}};
}

Json entry_of(const LibraryEntry& entry) {
  const auto& known = *entry.row->known;
  Json json{{"op", entry.op},
            {"contract", entry.row->contract},
            {"generation", entry.row->generation},
            {"module", entry.row->module},
            {"symbol", entry.contract->symbol}};
  json.update(to_json(*known.adapter));
  if (known.limits && !known.limits->dtypes.empty()) json["dtypes"] = known.limits->dtypes;
  return json;
}

}  // namespace

Implementation library_implementation(const probe::LibraryImplementation& chosen,
                                      const probe::LibraryContract& contract,
                                      const probe::Identification& found, const PythonUse& use) {
  const auto entries = choose_entries(chosen, contract, found);
  auto environment = common_environment(use);
  for (const auto& [name, value] : environment_of(chosen, use.cache)) environment[name] = value;
  Json config{{"name", chosen.name},
              {"package", contract.import_name},
              {"root", found.location.root.native()},
              {"version", found.identity.version},
              {"sources", found.sources_fingerprint},
              {"environment", std::move(environment)},
              {"cache", use.cache},
              {"interpret", use.interpret},
              {"entries", Json::array()},
              {"lacking", entries.lacking}};
  for (const auto& entry : entries.entries) config["entries"].push_back(entry_of(entry));
  return {.name = chosen.name,
          .command = python_worker_command(use.python, config),
          .needs = "",
          .start_time_limit = start_limit,
          .policies = policies_of(entries),
          .limits = limits_of(entries),
          .beyond_limits = use.beyond_limits};
}

Implementation torch_implementation(bool is_compiled, const PythonUse& use) {
  const Json config{{"name", "torch"},
                    {"composition", is_compiled ? "compiled" : "eager"},
                    {"on_cpu", true},
                    {"cache", use.cache},
                    {"environment", common_environment(use)}};
  return {.name = is_compiled ? "torch/compiled" : "torch",
          .command = python_worker_command(use.python, config),
          .needs = "",
          .start_time_limit = start_limit,
          .policies = {},
          .limits = {},
          .beyond_limits = use.beyond_limits};
}

}  // namespace fusegate::suites
