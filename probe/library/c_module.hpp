// A compiled module of a library whose functions are plain C, to be called without the library's
// Python: where it is, and whether it is what the Python side says.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "probe/elf/checks.hpp"
#include "probe/elf/module.hpp"
#include "probe/library/compiled_modules.hpp"

namespace fusegate::probe {

/// What is to be called, by the library's sources.
struct WantedModule {
  std::string name;                  ///< "module_norm"
  std::vector<std::string> symbols;  ///< functions that it has to export
};

/// Where a module was found.
struct FoundModule {
  std::string name;
  std::filesystem::path file;
  BinaryModule binary;
};

/// The module's file, of the first folder that has it: those that variables name, those of the
/// library, those in the home folder. Throws CannotRun where none has it, with the folders that
/// were looked at and how a module is built, and where the library's contract says nothing of
/// modules. Reads the file; loads and executes nothing.
[[nodiscard]] FoundModule find_c_module(const LibraryLocation& location,
                                        const LibraryContract& contract, const WantedModule& wanted,
                                        const ModuleSurroundings& surroundings);

/// What of the file alone speaks against calling its C functions on this machine: another
/// machine's, a Python extension, one that needs torch or Python, without one of the functions, or
/// without code for the machine's GPUs (BinaryFinding, in the words of the other checks).
[[nodiscard]] std::vector<BinaryFinding> check_c_module(const FoundModule& found,
                                                        const LibraryContract& contract,
                                                        const WantedModule& wanted,
                                                        const ModuleMachine& machine);

/// What the loader would refuse when `program` loads the module: libraries that are not found,
/// symbols that neither they nor the program have, another HIP runtime than the program's.
[[nodiscard]] std::vector<BinaryFinding> check_c_linkage(const FoundModule& found,
                                                         const std::filesystem::path& program,
                                                         const ModuleSurroundings& surroundings);

}  // namespace fusegate::probe
