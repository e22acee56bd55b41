#include "probe/library/c_module.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/text.hpp"
#include "probe/elf/linkage.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

bool begins_with_any(std::string_view text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return text.starts_with(prefix); });
}

bool exports_function(const BinaryModule& module, const std::string& name) {
  return std::any_of(module.exported.begin(), module.exported.end(), [&](const auto& symbol) {
    return symbol.name == name && symbol.kind == ElfSymbolKind::function;
  });
}

/// The libraries and symbols by which a file shows that it is made for a Python process with torch.
std::vector<std::string> signs_of_python(const BinaryModule& module,
                                         const BindingMarkers& markers) {
  std::vector<std::string> signs;
  auto libraries = markers.torch_libraries;
  libraries.emplace_back("libpython");
  for (const auto& name : module.needed) {
    if (begins_with_any(name, libraries)) signs.push_back("needs " + shown(name));
  }
  const auto symbol = std::find_if(module.undefined.begin(), module.undefined.end(),
                                   [](const UndefinedSymbol& one) {
                                     return !one.weak && begins_with_any(one.name, {"Py", "_Py"});
                                   });
  if (symbol != module.undefined.end()) signs.push_back("uses Python's " + shown(symbol->name));
  if (module.binding.uses_torch) {
    const auto& evidence = module.binding.evidence;
    signs.insert(signs.end(), evidence.begin(), evidence.end());
  }
  return signs;
}

std::string rebuild(const FoundModule& found) {
  return fmt::format("remove {} so that it is built anew, by the library's release that is here",
                     shown(found.file));
}

/// What the file is instead of a module of C functions.
std::vector<BinaryFinding> check_kind(const FoundModule& found, const BindingMarkers& markers) {
  std::vector<BinaryFinding> findings;
  const auto& binding = found.binary.binding;
  if (binding.is_extension) {
    findings.push_back({FindingKind::binding_mismatch, shown(found.name),
                        "it is a Python extension, and not a module of C functions",
                        binding.evidence, rebuild(found)});
    return findings;
  }
  auto signs = signs_of_python(found.binary, markers);
  if (!signs.empty()) {
    findings.push_back({FindingKind::binding_mismatch, shown(found.name),
                        "it needs Python or torch, which a module of C functions does without",
                        std::move(signs), rebuild(found)});
  }
  return findings;
}

void append(std::vector<BinaryFinding>& all, std::vector<BinaryFinding> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

/// The folders that may hold modules, those of a variable first: that is what the library does.
std::vector<ModuleFolder> folders_in_order(const LibraryLocation& location,
                                           const LibraryContract& contract,
                                           const ModuleSurroundings& surroundings) {
  auto folders = find_module_folders(location, contract, surroundings);
  std::stable_partition(folders.begin(), folders.end(), [](const ModuleFolder& folder) {
    return folder.source.starts_with("variable ");
  });
  return folders;
}

std::string place_text(const std::vector<ModuleFolder>& folders) {
  std::vector<std::string> places;
  for (const auto& folder : folders) {
    places.push_back(fmt::format("{} ({})", shown(folder.path), folder.source));
  }
  return places.empty() ? "none of its folders of modules is there"
                        : "it is not in " + join(places, ", ");
}

}  // namespace

FoundModule find_c_module(const LibraryLocation& location, const LibraryContract& contract,
                          const WantedModule& wanted, const ModuleSurroundings& surroundings) {
  if (!contract.compiled_modules) {
    throw CannotRun(
        fmt::format("it is not known where {} keeps its compiled modules", contract.name));
  }
  const auto& rules = *contract.compiled_modules;
  const auto folders = folders_in_order(location, contract, surroundings);
  const auto name = module_file(wanted.name, rules);
  for (const auto& folder : folders) {
    const auto file = folder.path / name;
    if (!is_there(file)) continue;
    return {wanted.name, file, read_module(file, rules.markers, {})};
  }
  auto mend = rules.build.empty() ? "build it" : rules.build;
  if (!rules.variables.empty()) {
    mend += fmt::format("; {} names a folder with modules that are elsewhere", rules.variables[0]);
  }
  throw CannotRun(fmt::format("{}'s {} is not built: {}; {}", contract.name, shown(name),
                              place_text(folders), mend));
}

std::vector<BinaryFinding> check_c_module(const FoundModule& found, const LibraryContract& contract,
                                          const WantedModule& wanted,
                                          const ModuleMachine& machine) {
  auto findings = check_file(found.name, found.binary, machine);
  if (!found.binary.readable) return findings;
  append(findings, check_kind(found, contract.compiled_modules->markers));
  for (const auto& symbol : wanted.symbols) {
    if (exports_function(found.binary, symbol)) continue;
    findings.push_back(
        {FindingKind::missing_symbol,
         shown(found.name),
         fmt::format("it exports no function {}", shown(symbol)),
         {fmt::format("{} exports {} symbols", shown(found.file), found.binary.exported.size())},
         rebuild(found)});
  }
  return findings;
}

std::vector<BinaryFinding> check_c_linkage(const FoundModule& found, const fs::path& program,
                                           const ModuleSurroundings& surroundings) {
  LinkRules rules;
  rules.folders.search = surroundings.loader_folders;
  rules.folders.defaults = surroundings.default_folders;
  rules.provided.clear();  // no interpreter is there
  const auto host = read_module(program, {}, {});
  const auto host_linkage = link_modules({host}, rules).front();
  for (const auto& library : host_linkage.libraries) {
    if (!library.path.empty()) rules.folders.loaded.push_back(library.path.parent_path());
  }
  for (const auto& symbol : host.exported) rules.provided.push_back(symbol.name);
  const auto linkage = link_modules({found.binary}, rules).front();
  auto findings = check_linkage(found.name, linkage);
  append(findings,
         check_runtimes({{program.filename().native(), &host_linkage}, {found.name, &linkage}}));
  return findings;
}

}  // namespace fusegate::probe
