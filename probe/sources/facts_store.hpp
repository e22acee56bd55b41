#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probe/sources/facts_cache.hpp"
#include "probe/sources/module_facts.hpp"
#include "probe/sources/problem.hpp"
#include "probe/sources/source_tree.hpp"

namespace fusegate::probe {

/// Which script of probe/facts makes facts of this type, and how a line of it is read.
template <class Facts>
struct FactsFormat;

template <>
struct FactsFormat<ModuleFacts> {
  static constexpr std::string_view script = "python_facts.py";
  static ModuleFacts parse(std::string_view line) { return parse_module_facts(line); }
};

/// The facts of some files; a file that has none is among the problems.
template <class Facts>
struct LoadedFactsOf {
  std::map<std::string, std::shared_ptr<const Facts>> by_key;  ///< SourceFile::key
  std::vector<Problem> problems;
};

/// What all stores do, whatever the type of their facts.
class AnyFactsStore {
 public:
  /// `python` parses what `cache` does not have.
  AnyFactsStore(std::string python, FactsCache cache, std::string_view script);
  /// With the cache in its place, for the facts that this program's script makes.
  AnyFactsStore(std::string python, std::string_view script);

  [[nodiscard]] const std::string& python() const { return python_; }

 protected:
  using AnyFacts = std::shared_ptr<const void>;
  using Parse = AnyFacts (*)(std::string_view line);  ///< throws what is a std::exception

  LoadedFactsOf<void> load_any(SourceTree& tree, const std::vector<SourceFile>& files, Parse parse);

 private:
  std::map<std::string, AnyFacts> read(SourceTree& tree,
                                       const std::map<std::string, std::vector<SourceFile>>& by_key,
                                       std::vector<Problem>& problems, Parse parse);

  std::string python_;
  FactsCache cache_;
  std::string_view script_;
  std::map<std::string, AnyFacts> known_;  ///< by key
};

/// Gives the facts of files: from memory, from the cache, or by parsing them.
template <class Facts>
class FactsStoreOf : public AnyFactsStore {
 public:
  FactsStoreOf(std::string python, FactsCache cache)
      : AnyFactsStore(std::move(python), std::move(cache), FactsFormat<Facts>::script) {}
  explicit FactsStoreOf(std::string python)
      : AnyFactsStore(std::move(python), FactsFormat<Facts>::script) {}

  /// Of files of the tree, or of trees of the same repository, each content parsed once. Throws
  /// CannotRun when the tree cannot be read; what is wrong with a single file is a problem.
  [[nodiscard]] LoadedFactsOf<Facts> load(SourceTree& tree, const std::vector<SourceFile>& files) {
    auto any = load_any(tree, files, [](std::string_view line) -> AnyFacts {
      return std::make_shared<const Facts>(FactsFormat<Facts>::parse(line));
    });
    LoadedFactsOf<Facts> loaded{{}, std::move(any.problems)};
    for (auto& [key, facts] : any.by_key) {
      loaded.by_key.emplace(key, std::static_pointer_cast<const Facts>(std::move(facts)));
    }
    return loaded;
  }
};

using LoadedFacts = LoadedFactsOf<ModuleFacts>;
using FactsStore = FactsStoreOf<ModuleFacts>;

}  // namespace fusegate::probe
