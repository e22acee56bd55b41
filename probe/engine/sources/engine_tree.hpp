#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "probe/engine/sources/engine_facts.hpp"
#include "probe/engine/sources/import_scan.hpp"
#include "probe/sources/facts_store.hpp"
#include "probe/sources/source_tree.hpp"

namespace fusegate::probe {

/// Whether a text has that word, not as a part of another.
[[nodiscard]] bool has_word(std::string_view text, std::string_view word);

/// A Python file of an engine as a module.
struct EngineModule {
  std::string name;  ///< dotted
  SourceFile source;
  bool is_package = false;  ///< an __init__.py
  bool mentions = false;    ///< one of the tracked packages, as a word
  std::vector<ScannedImport> imports;
  std::shared_ptr<const EngineFacts> facts;  ///< nothing: not read
};

/// The modules of an engine. All are scanned for their imports; only those that are asked for are
/// read by a Python.
class EngineTree {
 public:
  /// Scans the files of `package` in `tree`, which must outlive it, on all processors. `tracked`
  /// are the import packages of libraries.
  EngineTree(SourceTree& tree, std::string package, const std::vector<std::string>& tracked);

  [[nodiscard]] const std::string& package() const { return package_; }
  [[nodiscard]] const std::map<std::string, EngineModule, std::less<>>& modules() const {
    return modules_;
  }
  /// The module of that name, or nullptr.
  [[nodiscard]] const EngineModule* find(std::string_view name) const;

  /// Reads the facts of these modules; those that are no modules of it, and those that were read
  /// before, are left out. Throws CannotRun where no Python can be started.
  void read(const std::set<std::string>& names, EngineFactsStore& store);

  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }

  /// The absolute name of what `from ..a import b` names, seen from a module; empty beyond the top.
  [[nodiscard]] static std::string absolute(const EngineModule& module, int level,
                                            const std::string& name);

 private:
  SourceTree& tree_;
  std::string package_;
  std::map<std::string, EngineModule, std::less<>> modules_;
  std::set<std::string> asked_;
  std::vector<Problem> problems_;
};

}  // namespace fusegate::probe
