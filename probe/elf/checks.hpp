#pragma once

#include <string>
#include <vector>

#include "probe/elf/declared.hpp"
#include "probe/elf/elf_header.hpp"
#include "probe/elf/finding.hpp"
#include "probe/elf/linkage.hpp"
#include "probe/elf/module.hpp"

namespace fusegate::probe {

/// The machine that is to run the modules.
struct ModuleMachine {
  ElfHeader elf = header_of_this_machine();
  /// "gfx942", "sm_90"; empty: no code is missed.
  std::vector<std::string> gpu_architectures;
};

/// What the module's file alone says against running it here: unreadable, wrong_machine,
/// missing_gpu_target (runs_on). A module without GPU code needs none; one some of whose code is of
/// unknown targets lacks none; one for the GPUs of one vendor, where the machine has such, needs
/// none for another's. `name` is what findings call it.
[[nodiscard]] std::vector<BinaryFinding> check_file(const std::string& name,
                                                    const BinaryModule& module,
                                                    const ModuleMachine& machine);

/// Where what Python declares and what the module has differ: binding_mismatch, missing_symbol,
/// unknown_argument, older_than_source. The module is to be read with the library's BindingMarkers
/// and with strings_of(declared). Where the binding differs, symbols and arguments are not
/// looked at, since no call reaches them. Of a pybind module, functions and arguments are known by
/// their names among its strings (find_strings); one that holds none of the declared names at all
/// names no arguments, and none is missed. A source counts as younger from two seconds on, the
/// coarsest clock of a file system.
[[nodiscard]] std::vector<BinaryFinding> check_declaration(const DeclaredModule& declared,
                                                           const BinaryModule& module);

/// What the loader would refuse: library_not_found, undefined_symbol.
[[nodiscard]] std::vector<BinaryFinding> check_linkage(const std::string& name,
                                                       const Linkage& linkage);

/// A module's name and what it is linked with.
struct NamedLinkage {
  std::string name;
  const Linkage* linkage = nullptr;
};

/// two_hip_runtimes: the modules, together in one process, need libraries called `runtime`, with
/// any version, that are different files. The loader takes two for the same only if they have one
/// name; then the one that is loaded first serves all, whatever the others were built with.
[[nodiscard]] std::vector<BinaryFinding> check_runtimes(
    const std::vector<NamedLinkage>& linkages, const std::string& runtime = "libamdhip64.so");

/// The strings that check_declaration looks at: to be asked for when the module is read.
[[nodiscard]] std::vector<std::string> strings_of(const DeclaredModule& declared);

}  // namespace fusegate::probe
