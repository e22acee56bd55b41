#include <map>
#include <set>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/library/identify.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/sources.hpp"

namespace fusegate::tools {
namespace {

using probe::ContractRow;
using probe::ContractStatus;

void print_identity(const Console& console, const probe::Identification& found) {
  const auto& identity = found.identity;
  console.print(without_controls(
      fmt::format("{} {} ({})", found.location.name,
                  identity.version.empty() ? "of unknown version" : identity.version,
                  found.location.root.native())));
  if (!identity.version.empty()) console.print("  version from " + identity.version_source);
  if (!identity.distribution.empty()) console.print("  distribution " + identity.distribution);
  if (!found.install_mode.empty()) console.print("  installed as " + found.install_mode);
  if (!identity.revision.empty()) console.print("  commit " + identity.revision);
  std::vector<std::string> fits;
  for (const auto& range : found.fits) fits.push_back(text_of(range));
  console.print("  its entry points are those of " +
                (fits.empty() ? "no known release" : join(fits, ", ")));
  if (found.version_agrees == false) {
    console.insist(console.paint(
        Tone::bad, fmt::format("  which is not what its version says: {}", identity.version)));
  }
  console.print("  fingerprint " + found.fingerprint);
}

void print_row(const Console& console, const ContractRow& row) {
  const Tone tone = row.status == ContractStatus::known     ? Tone::good
                    : row.status == ContractStatus::unknown ? Tone::bad
                                                            : Tone::faint;
  const auto status = console.paint(tone, fmt::format("{:<8}", name_of(row.status)));
  if (row.status == ContractStatus::missing) {
    console.print(fmt::format("  {} {:<44} {}", status, row.contract, row.reason));
    return;
  }
  console.print(without_controls(
      fmt::format("  {} {:<44} {:<28} {}", status, row.contract, row.generation, row.where)));
  if (row.status == ContractStatus::known) return;
  console.print(without_controls("             " + row.signature));
  console.print(fmt::format("             nearest generation: {}", row.nearest));
  for (const auto& line : row.difference) console.print(without_controls("             - " + line));
}

/// Each defect once, with the contracts that it is in.
void print_defects(const Console& console, const std::vector<ContractRow>& rows) {
  std::map<std::string, std::pair<const probe::FoundDefect*, std::vector<std::string>>> defects;
  for (const auto& row : rows) {
    for (const auto& defect : row.defects) {
      auto& [found, contracts] = defects[defect.defect.id];
      if (found == nullptr || defect.is_certain) found = &defect;
      contracts.push_back(row.contract);
    }
  }
  if (!defects.empty()) console.print("known defects");
  for (const auto& [id, entry] : defects) {
    const auto& [found, contracts] = entry;
    const auto& defect = found->defect;
    console.print(fmt::format(
        "  {} {}: {}", console.paint(Tone::warning, found->is_certain ? "has    " : "may have"), id,
        defect.summary));
    if (!defect.when.empty()) console.print("           when: " + defect.when);
    console.print("           " +
                  console.paint(Tone::faint, fmt::format("{}; {}; {}; in {}", defect.consequence,
                                                         found->evidence, defect.source,
                                                         join(contracts, ", "))));
  }
}

}  // namespace

ExitCode run_command(const ApiIdentifyOptions& options, const CommonOptions& common) {
  const Console console(common);
  if (options.libraries.empty()) {
    throw UsageError(
        "which library? Give --library PATH, or --library NAME to find it in the environment of "
        "--python");
  }
  const auto contracts = probe::known_libraries();
  probe::FactsStore store(common.python);
  auto documents = nlohmann::ordered_json::array();
  for (const auto& argument : options.libraries) {
    const auto request = probe::parse_library_argument(argument, contracts);
    const auto location = probe::locate_library(request, contracts, common.python);
    const auto found = probe::identify(location, find_contract(contracts, location.name), store);
    documents.push_back(to_json(found));
    if (common.json == "-") continue;
    print_identity(console, found);
    for (const auto& row : found.contracts) print_row(console, row);
    print_defects(console, found.contracts);
    print_problems(console, found.problems);
  }
  if (!common.json.empty()) {
    const auto& document = documents.size() == 1 ? documents.front() : documents;
    write_document(common.json,
                   document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
  return ExitCode::good;
}

}  // namespace fusegate::tools
