#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probe/surface/names.hpp"

namespace fusegate::probe {

/// One thing that a dotted name may mean.
struct Meaning {
  enum class Kind {
    function,
    class_,
    value,     ///< an assignment; what it is, is source text
    module,    ///< of the package
    foreign,   ///< of another package
    computed,  ///< known only when the library runs; `reason` says why
    missing,   ///< the name that is imported does not exist; `reason` says where
    attribute  ///< set on instances of a class, by a method; `reason` says where
  };
  Kind kind = Kind::missing;
  const Module* module = nullptr;        ///< that defines it
  const Statement* statement = nullptr;  ///< that defines it
  std::string name;  ///< within its module: "function", "Class.method"; of modules, the dotted name
  std::string reason;
  Conditions conditions;  ///< under which the name means this, on the whole way to it

  [[nodiscard]] bool is_definition() const {
    return kind == Kind::function || kind == Kind::class_ || kind == Kind::value;
  }
  /// Of the same statement under the same conditions.
  bool operator==(const Meaning&) const = default;
};

/// "file:line" of what defines it, the file alone where no statement does; empty: not of the
/// package.
[[nodiscard]] std::string place_of(const Meaning& meaning);

/// The modules of a package and what their names mean, without importing any. Star imports,
/// aliases, re-exports and conditions are followed; what cannot be known is `computed` or
/// `missing`, with the reason, never guessed. Not for several threads at once.
class Surface {
 public:
  /// `package` is the name of the topmost module. A module without facts was not read. Import hooks
  /// give modules further names: `aliases` are from alias to module; a module of the name goes
  /// first.
  Surface(std::string package, std::vector<Module> modules,
          std::map<std::string, std::string> aliases);

  [[nodiscard]] const std::map<std::string, Module, std::less<>>& modules() const {
    return modules_;
  }
  [[nodiscard]] const std::map<std::string, std::string>& aliases() const { return aliases_; }
  [[nodiscard]] const std::string& package() const { return package_; }

  /// The modules that would have had to be read for what was asked so far.
  [[nodiscard]] const std::set<const Module*>& wanted() const { return wanted_; }

  /// The module of that name or alias, or nullptr.
  [[nodiscard]] const Module* find_module(const std::string& name) const;

  /// The names that a module binds itself, star imports included.
  [[nodiscard]] const Names& names_of(const Module& module);
  /// The names that a class's body binds.
  [[nodiscard]] const Names& names_of(const Module& module, const Statement& definition);

  /// What `name` means in a module, or as its submodule; empty: nothing.
  [[nodiscard]] std::vector<Meaning> resolve(const Module& module, const std::string& name);
  /// What a dotted name of the package means, methods of base classes included.
  [[nodiscard]] std::vector<Meaning> lookup(const std::string& dotted);
  /// What a dotted expression means inside a module.
  [[nodiscard]] std::vector<Meaning> resolve_expression(const Module& module,
                                                        const std::string& expression);

  /// What a class's own body or its bases, as far as they are of the package, have under a name.
  [[nodiscard]] std::vector<Meaning> member(const Meaning& owner, const std::string& name);

 private:
  void add_namespace_packages();

  /// How far a question has come.
  struct Visited {
    std::set<std::pair<const Module*, std::string>> names;  ///< on the way to where it is
    std::size_t steps = 0;
  };
  static bool is_too_far(Visited& visited);

  std::vector<Meaning> resolve(const Module& module, const std::string& name, Visited& visited);
  std::vector<Meaning> meanings_of(const Module& module, const std::string& name,
                                   const Local& local, Visited& visited);
  std::vector<Meaning> imported(const Local& local, Visited& visited);
  std::vector<Meaning> expression(const Module& module, const std::string& text, Visited& visited);
  std::vector<Meaning> attribute(const Meaning& owner, const std::string& name, Visited& visited);
  std::vector<Meaning> member(const Meaning& owner, const std::string& name, Visited& visited);
  std::optional<StarImport> star_import(const std::string& module, const Module& importer);

  std::string package_;
  std::map<std::string, Module, std::less<>> modules_;
  std::map<std::string, std::string> aliases_;
  std::map<const Module*, Names> names_;
  std::map<const Statement*, Names> class_names_;
  std::set<const Module*> in_progress_;
  std::set<const Module*> wanted_;
};

}  // namespace fusegate::probe
