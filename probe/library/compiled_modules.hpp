#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/elf/binaries.hpp"
#include "probe/library/contract.hpp"
#include "probe/library/locate.hpp"
#include "probe/sources/facts_store.hpp"

namespace fusegate::probe {

/// What of the process and the machine decides which compiled modules are used, and how.
struct ModuleSurroundings {
  std::filesystem::path home;                         ///< empty: not known
  std::map<std::string, std::string> variables;       ///< those that a contract names
  std::vector<std::filesystem::path> loader_folders;  ///< LD_LIBRARY_PATH
  std::vector<std::filesystem::path> default_folders;
  /// The architectures of the machine's GPUs; asked only where there are modules. May be empty.
  std::function<std::vector<std::string>()> gpu_architectures;
};

/// Those of this process. Of its environment only HOME, LD_LIBRARY_PATH and the variables that the
/// contract names are read.
[[nodiscard]] ModuleSurroundings surroundings_of_process(const LibraryContract& contract);

/// A folder that may hold modules of the library.
struct ModuleFolder {
  std::filesystem::path path;
  std::string source;  ///< "library", "variable NAME", "home"
  std::vector<std::filesystem::path> files;
};

/// The folders that may hold modules of the library, each once, only those that are there.
[[nodiscard]] std::vector<ModuleFolder> find_module_folders(const LibraryLocation& location,
                                                            const LibraryContract& contract,
                                                            const ModuleSurroundings& surroundings);

/// The name of a module's file.
[[nodiscard]] std::string module_file(const std::string& module, const CompiledModuleRules& rules);

/// The compiled modules of a library. Those outside its own folders are called by their paths: they
/// may be of another release.
struct CompiledModules {
  std::vector<ModuleFolder> folders;    ///< each once, only those that are there
  std::optional<std::size_t> declared;  ///< modules that Python declares; nothing: it was not read
  BinarySurvey survey;
};

/// Looks for the library's compiled modules and holds each against what its Python files declare of
/// it (survey_binaries). A process uses those of the library's folders or those of one other
/// folder, never both. One that was built on this machine is also held against the age of what it
/// is built from; one that an installer wrote has the time of the installation. Runs nothing of the
/// library. Without any module, its Python files are not read; where these cannot be read, modules
/// are not held against them. Of a library whose contract says nothing of modules there are none.
[[nodiscard]] CompiledModules survey_compiled_modules(const LibraryLocation& location,
                                                      const LibraryContract& contract,
                                                      FactsStore& store,
                                                      const ModuleSurroundings& surroundings);

/// {folders[{path, source, files}], declared, modules[], absent[], findings[]}; declared
/// is null where the Python files were not read
[[nodiscard]] nlohmann::ordered_json to_json(const CompiledModules& compiled);

}  // namespace fusegate::probe
