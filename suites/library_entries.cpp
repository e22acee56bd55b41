#include "suites/library_entries.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "probe/base/text.hpp"

namespace fusegate::suites {
namespace {

using probe::ContractStatus;
using probe::Interface;

const probe::ContractRow* find_row(const probe::Identification& found, const std::string& name) {
  const auto it = std::find_if(found.contracts.begin(), found.contracts.end(),
                               [&](const auto& row) { return row.contract == name; });
  return it == found.contracts.end() ? nullptr : &*it;
}

const probe::EntryContract* find_entry(const probe::LibraryContract& contract,
                                       const std::string& name) {
  const auto it = std::find_if(contract.contracts.begin(), contract.contracts.end(),
                               [&](const auto& one) { return one.name == name; });
  return it == contract.contracts.end() ? nullptr : &*it;
}

bool can_be_called(const probe::Generation& generation, Interface interface) {
  return interface == Interface::c ? generation.c_call.has_value() : generation.adapter.has_value();
}

/// Where it can be called, which releases have it; else "".
std::string releases_with(const probe::EntryContract* entry, Interface interface) {
  if (entry == nullptr || interface != Interface::c) return "";
  std::vector<probe::ReleaseRange> ranges;
  for (const auto& generation : entry->generations) {
    if (!can_be_called(generation, interface)) continue;
    ranges.insert(ranges.end(), generation.releases.begin(), generation.releases.end());
  }
  return fmt::format("; releases with it: {}", probe::releases_text(ranges));
}

std::string why_not(const std::string& name, const probe::ContractRow* row,
                    const probe::EntryContract* entry, Interface interface) {
  if (row == nullptr) return name + " is not tracked";
  switch (row->status) {
    case ContractStatus::missing:
      return fmt::format("{} is missing{}{}", name, row->reason.empty() ? "" : ": " + row->reason,
                         releases_with(entry, interface));
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

}  // namespace

LibraryEntries choose_entries(const probe::LibraryImplementation& chosen,
                              const probe::LibraryContract& contract,
                              const probe::Identification& found) {
  LibraryEntries all;
  for (const auto& [op, names] : chosen.entries) {
    std::vector<std::string> reasons;
    for (const auto& name : names) {
      const auto* row = find_row(found, name);
      const auto* entry = find_entry(contract, name);
      if (row != nullptr && entry != nullptr && row->known != nullptr &&
          can_be_called(*row->known, chosen.interface)) {
        all.entries.push_back({op, entry, row});
        reasons.clear();
        break;
      }
      reasons.push_back(why_not(name, row, entry, chosen.interface));
    }
    if (!reasons.empty()) all.lacking[op] = join(reasons, "; ");
  }
  return all;
}

std::map<std::string, reference::NumericPolicy> policies_of(const LibraryEntries& chosen) {
  std::map<std::string, reference::NumericPolicy> policies;
  for (const auto& entry : chosen.entries) {
    policies[entry.op].norm_of_rounded_sum = entry.row->known->norms_rounded_sum;
    policies[entry.op].rounds_before_weight = entry.row->known->rounds_before_weight;
  }
  return policies;
}

std::map<std::string, DeclaredLimits> limits_of(const LibraryEntries& chosen) {
  std::map<std::string, DeclaredLimits> limits;
  for (const auto& entry : chosen.entries) {
    const auto& known = entry.row->known->limits;
    if (!known) continue;
    limits[entry.op] = {entry.row->module + "." + entry.contract->symbol, *known};
  }
  return limits;
}

std::map<std::string, std::string> environment_of(const probe::LibraryImplementation& chosen,
                                                  const std::string& cache) {
  constexpr std::string_view placeholder = "{cache}";
  auto environment = chosen.environment;
  for (auto& [name, value] : environment) {
    const auto at = value.find(placeholder);
    if (at != value.npos) value.replace(at, placeholder.size(), cache);
  }
  return environment;
}

}  // namespace fusegate::suites
