#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fusegate::probe {

/// One thing that must hold for a rule's name to be true. Of another vendor than the profile's it
/// does not hold; without one it is not known.
struct PlatformTerm {
  enum class Kind {
    amd,
    nvidia,
    other_platform,  ///< neither AMD nor NVIDIA
    never,
    architecture,  ///< it begins with one of `values`
    variable,      ///< the environment variable values[0] is true
    package        ///< the package values[0] can be imported
  };
  Kind kind = Kind::never;
  std::vector<std::string> values;
  bool is_negated = false;
};

/// How the compute capability of the GPU answers.
enum class CapabilityTest {
  none,
  pair,      ///< (9, 0)
  number,    ///< 90
  at_least,  ///< of the first argument: 90 or (9, 0)
  exactly,
  family  ///< the first argument has the same major number
};

/// A name that is read, or called, and says something of the platform. Exactly one of the last four
/// is set.
struct PlatformRule {
  std::string name;
  bool is_call = false;
  std::vector<PlatformTerm> all_of;           ///< true where all of them hold
  std::map<std::string, std::string> values;  ///< by the beginning of an architecture; "": others
  std::optional<std::string> value;           ///< on every platform
  CapabilityTest capability = CapabilityTest::none;
};

/// A name that is read, or called, and gives the value of an environment variable. A `*` in it
/// stands for the variable.
struct EnvironmentRead {
  enum class As {
    text,
    boolean,  ///< "true" and "1" in any case are true, all else is false
    integer,
    declared,  ///< a Python literal, else text
    is_set
  };
  std::string name;
  bool is_call = false;
  std::optional<std::size_t> argument;          ///< that names the variable, without a `*`
  std::optional<std::size_t> default_argument;  ///< or `default=`: of a variable that is not set
  std::optional<std::string> default_value;     ///< where neither is given; as Python writes it
  As as = As::text;
};

/// Where an engine keeps the list of its models, and what an import that fails there looks like.
struct ModelRegistry {
  std::string loader;    ///< the module that imports the models' modules
  std::string package;   ///< that has them
  std::string variable;  ///< of each module: its class or a list of them; the architectures are
                         ///< their names
  /// Dictionaries in the loader: "Architecture": ("module", "Class").
  std::vector<std::string> tables;
  std::string absolute_prefix;  ///< a module of a table that begins with it is not below `package`
  bool imports_all = false;     ///< all of them when the engine starts, not only the one wanted
  std::string swallowed_by;     ///< the function of `loader` whose handler takes the exception
  std::string logs;             ///< what it logs, with {module} or {architecture}
  std::string symptom;          ///< what is seen then
};

/// A function that gives the engine's objects of a class and its subclasses, in a mapping.
struct ObjectCall {
  std::string call;  ///< its own name
  std::size_t class_argument = 0;
  std::optional<std::size_t> filter_argument;  ///< where it is given, some are left out
};

/// What is known of an engine (engines/engine.schema.json explains each). Names of rules are dotted
/// and may stand behind the name of a module.
struct EngineRules {
  std::string name;
  std::string import_name;
  std::vector<std::string> package_markers;  ///< files below the package folder
  /// Likewise; the first that assigns a text to __version__ says the version.
  std::vector<std::string> version_files;
  std::vector<PlatformRule> platform;
  std::vector<EnvironmentRead> reads;
  std::vector<std::string> environment_mappings;  ///< "os.environ"
  /// Methods by which a class says whether it supports the machine; it is not chosen where not.
  std::vector<std::string> class_gates;
  std::vector<std::string> version_calls;  ///< "version.parse"
  /// What a variable is where it is not set, as Python writes it.
  std::map<std::string, std::string> defaults;
  /// Files below the package folder that declare them (read_declared_defaults).
  std::vector<std::string> default_files;
  std::vector<ModelRegistry> models;
  std::vector<ObjectCall> objects;
  /// Attributes of instances of classes that are no engine's own, without those of their bases.
  std::map<std::string, std::set<std::string>> external_classes;
};

/// Reads one file. Throws nlohmann::json::exception on one that breaks the schema: these files are
/// part of the program.
[[nodiscard]] EngineRules parse_engine_rules(std::string_view json);

/// All that were compiled in, by name, each with what holds for every engine (engines/common.json).
[[nodiscard]] std::vector<EngineRules> known_engines();

/// The one of that name. Throws UsageError, with the nearest name, when there is none.
[[nodiscard]] const EngineRules& find_engine(const std::vector<EngineRules>& engines,
                                             std::string_view name);

/// Whether `text`, a dotted name in an engine's source, is what the rule's name means: the same, or
/// the same behind a module's name. Gives what stands in the place of `*`, which is a variable in
/// capitals; else "".
[[nodiscard]] std::optional<std::string> match_rule_name(const EngineRules& rules,
                                                         std::string_view rule,
                                                         std::string_view text);

}  // namespace fusegate::probe
