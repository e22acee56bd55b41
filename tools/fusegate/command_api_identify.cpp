#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/base/error.hpp"
#include "probe/base/json.hpp"
#include "probe/base/text.hpp"
#include "probe/library/compiled_modules.hpp"
#include "probe/library/identify.hpp"
#include "tools/fusegate/commands.hpp"
#include "tools/fusegate/console.hpp"
#include "tools/fusegate/facts.hpp"
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
  if (!found.failure.empty()) return;
  console.print("  its entry points are those of " + releases_text(found.fits));
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
  if (!row.reason.empty()) {
    console.print("             " + without_controls(row.reason));
    return;
  }
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

std::string counted(const std::map<std::string, std::size_t>& counts) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) parts.push_back(fmt::format("{} {}", count, name));
  return join(parts, ", ");
}

/// "module_norm, module_quant and 3 more"
std::string listed(const std::vector<std::string>& modules) {
  constexpr std::size_t limit = 3;
  const std::vector<std::string> first(
      modules.begin(),
      modules.begin() + static_cast<std::ptrdiff_t>(std::min(limit, modules.size())));
  const auto more = modules.size() - first.size();
  return join(first, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
}

/// What is wrong with modules; the same of several once.
void print_findings(const Console& console, const std::vector<probe::BinaryFinding>& findings) {
  std::vector<std::pair<const probe::BinaryFinding*, std::vector<std::string>>> groups;
  for (const auto& finding : findings) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return group.first->kind == finding.kind && group.first->what == finding.what &&
             group.first->fix == finding.fix;
    });
    if (same != groups.end()) {
      same->second.push_back(finding.module);
    } else {
      groups.push_back({&finding, {finding.module}});
    }
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& [finding, modules] = groups[i];
    console.insist(fmt::format("  {} {}: {}",
                               console.paint(Tone::bad, std::string(name_of(finding->kind))),
                               listed(modules), finding->what));
    // What mends the next one, too, is said after that.
    const bool is_last = i + 1 == groups.size() || groups[i + 1].first->fix != finding->fix;
    if (is_last) console.insist("           fix: " + finding->fix);
  }
}

void print_modules(const Console& console, const probe::CompiledModules& compiled) {
  const auto& survey = compiled.survey;
  if (survey.modules.empty()) return;
  std::map<std::string, std::size_t> targets;
  std::map<std::string, std::size_t> bindings;
  for (const auto& [name, module, linkage] : survey.modules) {
    ++bindings[name_of(module.binding.kind)];
    if (module.gpu_code.more) ++targets["of unknown targets"];
    for (const auto& target : module.gpu_code.targets) ++targets[probe::shown(target)];
  }
  console.print(fmt::format("compiled modules: {}, and {} of {} declared ones not built",
                            survey.modules.size(), survey.absent.size(),
                            compiled.declared.value_or(0)));
  for (const auto& folder : compiled.folders) {
    console.print(fmt::format("  {} in {} ({})", folder.files.size(), probe::shown(folder.path),
                              folder.source));
  }
  if (!targets.empty()) console.print("  for GPUs: " + counted(targets));
  console.print("  bindings: " + counted(bindings));
  print_findings(console, survey.findings);
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
  const auto libraries = read_libraries(options.libraries, contracts, common.python);
  for (const auto& [library, compiled, live] : libraries) {
    if (common.json == "-") continue;
    print_identity(console, library);
    for (const auto& row : library.contracts) print_row(console, row);
    print_defects(console, library.contracts);
    print_modules(console, compiled);
    auto problems = library.problems;
    std::erase_if(problems, [&](const auto& problem) { return problem.what == library.failure; });
    print_problems(console, problems);
  }
  if (!common.json.empty()) {
    const auto document = libraries.size() == 1 ? to_json(libraries.front()) : list_of(libraries);
    write_document(common.json,
                   document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
  for (const auto& facts : libraries) {
    if (!facts.library.failure.empty()) throw CannotRun(facts.library.failure);
  }
  return ExitCode::good;
}

}  // namespace fusegate::tools
