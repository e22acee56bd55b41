#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "probe/elf/loader_folders.hpp"
#include "probe/elf/module.hpp"

namespace fusegate::probe {

/// A library that a module needs, directly or through another one.
struct LinkedLibrary {
  std::string name;  ///< as it is needed
  std::filesystem::path needed_by;
  std::filesystem::path path;  ///< empty: it was not found
  std::string soname;          ///< what the library calls itself
  std::string trouble;         ///< why it cannot be used; empty: it can, or its place is not known
};

/// A symbol that a module needs and no library of its provides.
struct UnresolvedSymbol {
  std::string name;
  std::string version;
  std::string library;  ///< that has the name, but not in this version; empty: none has it
};

/// What the loader would make of a module.
struct Linkage {
  std::vector<LinkedLibrary> libraries;      ///< each once, in the order in which they are loaded
  bool complete = false;                     ///< all libraries were found and read
  std::vector<UnresolvedSymbol> unresolved;  ///< only where complete
};

struct LinkRules {
  LoaderFolders folders;
  /// What the names of symbols begin with that the program has which loads the module: those of the
  /// Python interpreter.
  std::vector<std::string> provided{"Py", "_Py"};
  /// Whether folders.loaded holds all that the process has loaded before. Otherwise a library that
  /// is not found may be there all the same: it has no trouble, and the linkage is not complete.
  bool knows_loaded = true;
};

/// Finds the libraries that each module needs as the loader does (ld.so(8)): DT_RPATH of the file
/// and of those that led to it, unless it has a DT_RUNPATH; LD_LIBRARY_PATH; DT_RUNPATH of the file
/// itself; the default folders. Files for another machine are passed over. Then looks for the
/// module's undefined symbols, weak ones excepted, among their exports, by name and version.
/// Neither the loader's cache nor its glibc-hwcaps folders are read: they hold other builds of
/// libraries in the default folders. At most 1024 libraries a module; one more makes it incomplete.
/// Nothing is loaded; never throws. One Linkage for each module, in their order; empty for one that
/// is not readable or for another machine.
[[nodiscard]] std::vector<Linkage> link_modules(const std::vector<BinaryModule>& modules,
                                                const LinkRules& rules);

/// {complete, libraries[{name, path, soname, needed_by, trouble}], unresolved[{name, version,
/// library}]}; what is empty is null.
[[nodiscard]] nlohmann::ordered_json to_json(const Linkage& linkage);

}  // namespace fusegate::probe
