#include "suites/library_implementation.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/text.hpp"
#include "probe/generation/match.hpp"
#include "suites/python_worker.hpp"

namespace fusegate::suites {
namespace {

using Json = nlohmann::ordered_json;
using probe::ContractStatus;

// Libraries take a while to be imported, and may compile before they are.
constexpr std::chrono::seconds start_limit{600};

/// Where the tools of every library keep what they compile.
Json common_environment(const PythonUse& use) {
  return {{"TRITON_CACHE_DIR", use.cache + "/triton"},
          {"TORCHINDUCTOR_CACHE_DIR", use.cache + "/inductor"}};
}

Json environment_of(const probe::LibraryImplementation& chosen, const PythonUse& use) {
  constexpr std::string_view cache = "{cache}";
  Json environment = common_environment(use);
  for (auto [name, value] : chosen.environment) {
    if (const auto at = value.find(cache); at != value.npos) {
      value.replace(at, cache.size(), use.cache);
    }
    environment[name] = value;
  }
  return environment;
}

const probe::ContractRow* find_row(const probe::Identification& found, const std::string& name) {
  const auto it = std::find_if(found.contracts.begin(), found.contracts.end(),
                               [&](const auto& row) { return row.contract == name; });
  return it == found.contracts.end() ? nullptr : &*it;
}

std::string why_not(const std::string& name, const probe::ContractRow* row) {
  if (row == nullptr) return name + " is not tracked";
  switch (row->status) {
    case ContractStatus::missing:
      return fmt::format("{} is missing{}", name, row->reason.empty() ? "" : ": " + row->reason);
    case ContractStatus::unknown:
      return fmt::format("{} is of no known generation, and is not called blindly{}", name,
                         row->nearest.empty() ? ""
                                              : fmt::format("; nearest is {}: {}", row->nearest,
                                                            join(row->difference, "; ")));
    case ContractStatus::known:
      break;
  }
  return fmt::format("{} in its generation {} has no adapter", name, row->generation);
}

Json entry_of(const std::string& op, const probe::EntryContract& contract,
              const probe::ContractRow& row) {
  Json entry{{"op", op},
             {"contract", row.contract},
             {"generation", row.generation},
             {"module", row.module},
             {"symbol", contract.symbol}};
  entry.update(to_json(*row.known->adapter));
  if (row.known->limits) entry["limits"] = to_json(*row.known->limits);
  return entry;
}

using Policies = std::map<std::string, reference::NumericPolicy>;

/// Of one op: its entry is added, or why there is none.
void add_op(Json& config, Policies& policies, const std::string& op,
            const std::vector<std::string>& names, const probe::LibraryContract& contract,
            const probe::Identification& found) {
  std::vector<std::string> reasons;
  for (const auto& name : names) {
    const auto* row = find_row(found, name);
    if (row == nullptr || row->known == nullptr || !row->known->adapter) {
      reasons.push_back(why_not(name, row));
      continue;
    }
    const auto entry =
        std::find_if(contract.contracts.begin(), contract.contracts.end(),
                     [&](const probe::EntryContract& one) { return one.name == name; });
    config["entries"].push_back(entry_of(op, *entry, *row));
    policies[op].norm_of_rounded_sum = row->known->norms_rounded_sum;
    return;
  }
  config["lacking"][op] = join(reasons, "; ");
}

}  // namespace

Implementation library_implementation(const probe::LibraryImplementation& chosen,
                                      const probe::LibraryContract& contract,
                                      const probe::Identification& found, const PythonUse& use) {
  Json config{{"name", chosen.name},
              {"package", contract.import_name},
              {"root", found.location.root.native()},
              {"version", found.identity.version},
              {"sources", found.sources_fingerprint},
              {"environment", environment_of(chosen, use)},
              {"cache", use.cache},
              {"interpret", use.interpret},
              {"beyond_limits", use.beyond_limits},
              {"entries", Json::array()},
              {"lacking", Json::object()}};
  Policies policies;
  for (const auto& [op, names] : chosen.entries) {
    add_op(config, policies, op, names, contract, found);
  }
  return {.name = chosen.name,
          .command = python_worker_command(use.python, config),
          .needs = "",
          .start_time_limit = start_limit,
          .policies = std::move(policies),
          .beyond_limits = use.beyond_limits};
}

Implementation torch_implementation(bool is_compiled, const PythonUse& use) {
  const Json config{{"name", "torch"},    {"composition", is_compiled ? "compiled" : "eager"},
                    {"on_cpu", true},     {"beyond_limits", use.beyond_limits},
                    {"cache", use.cache}, {"environment", common_environment(use)}};
  return {.name = is_compiled ? "torch/compiled" : "torch",
          .command = python_worker_command(use.python, config),
          .needs = "",
          .start_time_limit = start_limit,
          .policies = {},
          .beyond_limits = use.beyond_limits};
}

}  // namespace fusegate::suites
