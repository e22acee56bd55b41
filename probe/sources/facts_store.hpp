#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "probe/sources/facts_cache.hpp"
#include "probe/sources/module_facts.hpp"
#include "probe/sources/problem.hpp"
#include "probe/sources/source_tree.hpp"

namespace fusegate::probe {

/// The facts of some files; a file that has none is among the problems.
struct LoadedFacts {
  std::map<std::string, std::shared_ptr<const ModuleFacts>> by_key;  ///< SourceFile::key
  std::vector<Problem> problems;
};

/// Gives the facts of files: from memory, from the cache, or by parsing them.
class FactsStore {
 public:
  /// `python` parses what `cache` does not have.
  FactsStore(std::string python, FactsCache cache);
  /// With the cache in its place, for the facts that this program's script makes.
  explicit FactsStore(std::string python);

  /// Of files of the tree, or of trees of the same repository, each content parsed once. Throws
  /// CannotRun when the tree cannot be read; what is wrong with a single file is a problem.
  [[nodiscard]] LoadedFacts load(SourceTree& tree, const std::vector<SourceFile>& files);

  [[nodiscard]] const std::string& python() const { return python_; }

 private:
  using Facts = std::shared_ptr<const ModuleFacts>;

  Facts from_cache(const std::string& key);
  std::map<std::string, Facts> parse(SourceTree& tree,
                                     const std::map<std::string, std::vector<SourceFile>>& by_key,
                                     std::vector<Problem>& problems);

  std::string python_;
  FactsCache cache_;
  std::map<std::string, Facts> known_;  ///< by key
};

}  // namespace fusegate::probe
