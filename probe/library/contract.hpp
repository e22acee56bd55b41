#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probe/elf/binding.hpp"
#include "probe/generation/entry_contract.hpp"
#include "probe/generation/hand_probe.hpp"
#include "probe/surface/rules.hpp"

namespace fusegate::probe {

/// A place that may say the version of a library (contracts/library.schema.json explains each).
struct VersionSource {
  enum class From { distribution, git, file, source_metadata };
  From from = From::distribution;
  std::string path;        ///< file: below the library's root
  std::string variable;    ///< file: what the version is assigned to; empty: the first line
  std::string tags;        ///< git: the glob of tags that are versions
  std::string tag_prefix;  ///< git: what such a tag has before the version
};

/// A file in which an installation notes how it was installed.
struct InstallMode {
  std::string path;    ///< below the library's root; empty: there is no such file
  std::string absent;  ///< the mode where the file is not there
};

/// A library's own list of what its compiled modules are built from: a JSON file that has, by
/// module, a list of Python strings.
struct ModuleSources {
  std::string file;  ///< below the library's root; empty: there is no such list
  std::string list;  ///< the key of each module's sources
  /// What may stand in braces before a path: folders below the root, in the order in which they are
  /// looked at.
  std::map<std::string, std::vector<std::string>> folders;
};

/// Where a library's compiled modules lie, and by what their generations are told apart.
struct CompiledModuleRules {
  std::string file;                         ///< a file's name, with {module}
  std::vector<std::string> folders;         ///< below the package folder
  std::vector<std::string> variables;       ///< of the environment, that name a folder
  std::vector<std::string> home_folders;    ///< below the user's home folder
  std::vector<std::string> loaded_folders;  ///< below a folder of packages
  BindingMarkers markers;
  std::string ctypes_error_symbol;  ///< a C function that says what the last error was
  std::string build;                ///< how a module comes to be, for a person
  ModuleSources sources;
};

/// How the entries of an implementation are called.
enum class Interface {
  python,  ///< by their adapters, in an interpreter
  c        ///< by their c_call, as functions of a compiled module
};

/// Entry points of a library under one name, as an op has at most one: what --with takes.
struct LibraryImplementation {
  std::string name;                  ///< "aiter/triton"
  std::string meaning;               ///< one line for people
  std::vector<std::string> runs_on;  ///< amd, nvidia, interpreter
  std::map<std::string, std::string> environment;
  /// By op the contracts, of which the first that the library has in a known generation counts.
  std::map<std::string, std::vector<std::string>> entries;
  Interface interface = Interface::python;
};

/// What is known of a library before one is looked at: contracts/NAME/library.json. Paths are below
/// the package folder unless said otherwise.
struct LibraryContract {
  std::string name;
  std::string import_name;
  bool used_by_engines = true;             ///< whether what engines use of it is looked at
  std::vector<std::string> distributions;  ///< normalised, the present name first
  std::vector<std::string> siblings;
  std::vector<std::string> package_markers;
  SurfaceRules surface;
  std::optional<CompiledModuleRules> compiled_modules;
  std::vector<std::string> not_entry_points;
  std::vector<VersionSource> distribution_sources;  ///< of kind file
  std::vector<VersionSource> version_sources;
  InstallMode install_mode;
  std::vector<EntryContract> contracts;  ///< by name, of the other files of its folder
  std::vector<LibraryImplementation> implementations;  ///< the preferred first
  std::vector<HandProbe> hand_probes;                  ///< by which engines probe it
  std::vector<std::string> releases;  ///< that the contracts were written from, in order
};

/// Reads one library.json. Throws nlohmann::json::exception on one that breaks the schema: these
/// files are part of the program.
[[nodiscard]] LibraryContract parse_library_contract(std::string_view json);

/// All that were compiled in, by name.
[[nodiscard]] std::vector<LibraryContract> known_libraries();

/// Those whose use by engines is looked at.
[[nodiscard]] std::vector<LibraryContract> libraries_of_engines();

/// Their names.
[[nodiscard]] std::vector<std::string> names_of(const std::vector<LibraryContract>& contracts);

/// The one of that name. Throws UsageError, with the nearest name, when there is none.
[[nodiscard]] const LibraryContract& find_contract(const std::vector<LibraryContract>& contracts,
                                                   std::string_view name);

}  // namespace fusegate::probe
