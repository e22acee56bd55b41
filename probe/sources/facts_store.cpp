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

/// A problem of a lent file, which may have another name there, under its own ones.
void add_renamed(const Problem& problem,
                 const std::map<std::string, std::vector<std::string>>& names,
                 std::vector<Problem>& problems) {
  const auto colon = problem.where.find(':');
  const auto it = names.find(problem.where.substr(0, colon));
  if (it == names.end()) return problems.push_back(problem);
  const std::string line = colon == std::string::npos ? "" : problem.where.substr(colon);
  for (const auto& name : it->second) {
    problems.push_back({shown(name) + line, problem.what, problem.fix});
  }
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
  std::map<std::string, std::vector<SourceFile>> missing;  // by key
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (found[index] == nullptr) missing[files[index].key].push_back(files[index]);
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
  try {
    return line ? std::make_shared<const ModuleFacts>(parse_module_facts(*line)) : nullptr;
  } catch (const std::exception&) {
    return nullptr;
  }
}

std::map<std::string, FactsStore::Facts> FactsStore::parse(
    SourceTree& tree, const std::map<std::string, std::vector<SourceFile>>& by_key,
    std::vector<Problem>& problems) {
  std::map<std::string, Facts> parsed;
  if (by_key.empty()) return parsed;
  std::vector<SourceFile> files;
  for (const auto& [key, same] : by_key) files.push_back(same.front());
  const auto lent = tree.lend(files);
  auto read = read_python_facts(lent.root, lent.names, python_);
  std::map<std::string, std::vector<std::string>> names;  // by the lent one
  std::vector<const std::string*> lines(files.size());
  for (std::size_t index = 0; index < files.size(); ++index) {
    for (const auto& file : by_key.at(files[index].key)) {
      names[lent.names[index]].push_back(file.name);
    }
    const auto it = read.lines.find(lent.names[index]);
    if (it != read.lines.end()) lines[index] = &it->second;
  }
  std::vector<Facts> facts(files.size());
  std::vector<std::string> errors(files.size());
  parallel_for(files.size(), [&](std::size_t index) {
    if (lines[index] == nullptr) return;
    try {
      facts[index] = std::make_shared<const ModuleFacts>(parse_module_facts(*lines[index]));
      cache_.put(files[index].key, *lines[index]);
    } catch (const std::exception& error) {
      errors[index] = error.what();
    }
  });
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (facts[index] != nullptr) parsed.emplace(files[index].key, std::move(facts[index]));
    if (!errors[index].empty()) read.problems.push_back({lent.names[index], errors[index], ""});
  }
  for (const auto& problem : read.problems) add_renamed(problem, names, problems);
  std::sort(problems.begin(), problems.end(),
            [](const Problem& a, const Problem& b) { return a.where < b.where; });
  return parsed;
}

}  // namespace fusegate::probe
