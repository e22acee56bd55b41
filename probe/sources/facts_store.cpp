#include "probe/sources/facts_store.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "probe/base/hash.hpp"
#include "probe/base/parallel.hpp"
#include "probe/sources/python.hpp"
#include "probe/sources/python_facts.hpp"

namespace fusegate::probe {
namespace {

std::shared_ptr<const ModuleFacts> parse_or_nothing(std::string_view line) {
  try {
    return std::make_shared<const ModuleFacts>(parse_module_facts(line));
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// A problem of a lent file, which may have another name there, by its own name.
Problem renamed(Problem problem, const std::map<std::string, std::string>& names) {
  const auto colon = problem.where.find(':');
  const auto it = names.find(problem.where.substr(0, colon));
  if (it == names.end()) return problem;
  const std::string line = colon == std::string::npos ? "" : problem.where.substr(colon);
  problem.where = shown(it->second) + line;
  return problem;
}

}  // namespace

FactsStore::FactsStore(std::string python, FactsCache cache)
    : python_(std::move(python)), cache_(std::move(cache)) {}

FactsStore::FactsStore(std::string python)
    : FactsStore(std::move(python),
                 FactsCache(default_cache_folder(), hash_text(fact_script("python_facts.py")))) {}

LoadedFacts FactsStore::load(SourceTree& tree, const std::vector<SourceFile>& files) {
  std::vector<Facts> found(files.size());
  parallel_for(files.size(), [&](std::size_t index) {
    const auto it = known_.find(files[index].key);
    found[index] = it != known_.end() ? it->second : from_cache(files[index].key);
  });
  std::vector<SourceFile> missing;
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (found[index] == nullptr) missing.push_back(files[index]);
  }
  LoadedFacts loaded;
  auto parsed = parse(tree, missing, loaded.problems);
  for (std::size_t index = 0; index < files.size(); ++index) {
    auto& facts = found[index];
    if (facts == nullptr) {
      const auto it = parsed.find(files[index].key);
      if (it == parsed.end()) continue;
      facts = it->second;
    }
    known_.emplace(files[index].key, facts);
    loaded.by_key.emplace(files[index].key, std::move(facts));
  }
  return loaded;
}

FactsStore::Facts FactsStore::from_cache(const std::string& key) {
  const auto line = cache_.get(key);
  return line ? parse_or_nothing(*line) : nullptr;
}

std::map<std::string, FactsStore::Facts> FactsStore::parse(SourceTree& tree,
                                                           const std::vector<SourceFile>& files,
                                                           std::vector<Problem>& problems) {
  std::map<std::string, Facts> parsed;
  if (files.empty()) return parsed;
  const auto lent = tree.lend(files);
  auto read = read_python_facts(lent.root, lent.names, python_);
  std::map<std::string, std::string> names;
  std::vector<const std::string*> lines(files.size());
  std::vector<Facts> facts(files.size());
  for (std::size_t index = 0; index < files.size(); ++index) {
    names.emplace(lent.names[index], files[index].name);
    const auto it = read.lines.find(lent.names[index]);
    if (it != read.lines.end()) lines[index] = &it->second;
  }
  parallel_for(files.size(), [&](std::size_t index) {
    if (lines[index] == nullptr) return;
    facts[index] = parse_or_nothing(*lines[index]);
    if (facts[index] != nullptr) cache_.put(files[index].key, *lines[index]);
  });
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (facts[index] != nullptr) parsed.emplace(files[index].key, std::move(facts[index]));
  }
  for (auto& problem : read.problems) problems.push_back(renamed(std::move(problem), names));
  return parsed;
}

}  // namespace fusegate::probe
