#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "probe/engine/objects/object_facts.hpp"
#include "probe/engine/sources/engine_names.hpp"
#include "probe/engine/sources/engine_rules.hpp"

namespace fusegate::probe {

/// A class of an engine.
struct EngineClass {
  const EngineModule* module = nullptr;
  const ClassFacts* facts = nullptr;

  bool operator==(const EngineClass&) const = default;
  /// By module and line, so that lists of them have an order.
  bool operator<(const EngineClass& other) const {
    return std::pair(module->name, facts->line) < std::pair(other.module->name, other.facts->line);
  }
};

/// What a name of a class comes to.
struct NamedClasses {
  std::set<EngineClass> classes;    ///< more than one where conditions decide
  std::set<std::string> elsewhere;  ///< dotted names that are no engine's own
  bool is_known = true;             ///< there are no others
};

/// What instances of a class can be asked for.
struct InstanceAttributes {
  std::set<std::string> names;
  std::set<std::string> declared;  ///< of which only the type is said
  std::string open_because;        ///< there may be others; empty: there are not
  std::set<std::string> abstract;  ///< methods that are not defined: there are no instances
};

/// The classes of an engine, with their bases and subclasses. Modules are read when they are
/// needed. Not for several threads at once.
class EngineClasses {
 public:
  /// All must outlive it. Facts of uses are read into `tree`, from `store`.
  EngineClasses(EngineTree& tree, SourceTree& sources, EngineFactsStore& store,
                const EngineRules& rules);

  /// Reads what modules of these names say of objects.
  void read(const std::set<std::string>& modules);
  /// nullptr where it was not read or has none.
  [[nodiscard]] const ObjectFacts* facts_of(const EngineModule& module) const;

  /// What a dotted name stands for where a line of a module uses it.
  [[nodiscard]] std::vector<Origin> origins(const EngineModule& module, int line,
                                            const std::string& dotted);
  [[nodiscard]] NamedClasses named(const EngineModule& module, int line, const std::string& dotted);

  /// The class and all below it.
  [[nodiscard]] const std::set<EngineClass>& subclasses(const EngineClass& top);
  [[nodiscard]] const InstanceAttributes& attributes(const EngineClass& one, int depth = 0);

  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Origin> origins_in(const EngineModule& module, int scope, const std::string& dotted);
  void add_named(const Origin& origin, NamedClasses& found, int depth);
  NamedClasses bases_of(const EngineClass& one);
  void add_modules_naming(const EngineClass& one,
                          std::map<std::string, std::set<std::string>>& names);
  std::vector<EngineClass> classes_naming(
      const std::map<std::string, std::set<std::string>>& names);
  bool may_derive(const EngineModule& module, const std::string& name);

  EngineTree& tree_;
  SourceTree& sources_;
  EngineFactsStore& store_;
  const EngineRules& rules_;
  EngineNames names_;
  ObjectFactsStore object_store_;
  std::map<std::string, std::shared_ptr<const ObjectFacts>> facts_;    ///< by module
  std::map<std::string, std::vector<const EngineModule*>> importers_;  ///< by what they name
  std::map<EngineClass, std::set<EngineClass>> subclasses_;
  std::map<EngineClass, InstanceAttributes> attributes_;
  std::map<EngineClass, NamedClasses> bases_;
  std::vector<Problem> problems_;
};

}  // namespace fusegate::probe
