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

AnyFactsStore::AnyFactsStore(std::string python, FactsCache cache, std::string_view script)
    : python_(std::move(python)), cache_(std::move(cache)), script_(script) {}

AnyFactsStore::AnyFactsStore(std::string python, std::string_view script)
    : AnyFactsStore(std::move(python),
                    FactsCache(default_cache_folder(), hash_text(fact_script(script))), script) {}

LoadedFactsOf<void> AnyFactsStore::load_any(SourceTree& tree, const std::vector<SourceFile>& files,
                                            Parse parse) {
  const auto from_cache = [&](const std::string& key) -> AnyFacts {
    const auto line = cache_.get(key);
    try {
      return line ? parse(*line) : nullptr;
    } catch (const std::exception&) {
      return nullptr;
    }
  };
  std::vector<AnyFacts> found(files.size());
  parallel_for(files.size(), [&](std::size_t index) {
    const auto it = known_.find(files[index].key);
    found[index] = it != known_.end() ? it->second : from_cache(files[index].key);
  });
  std::map<std::string, std::vector<SourceFile>> missing;  // by key
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (found[index] == nullptr) missing[files[index].key].push_back(files[index]);
  }
  LoadedFactsOf<void> loaded;
  auto parsed = read(tree, missing, loaded.problems, parse);
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

std::map<std::string, AnyFactsStore::AnyFacts> AnyFactsStore::read(
    SourceTree& tree, const std::map<std::string, std::vector<SourceFile>>& by_key,
    std::vector<Problem>& problems, Parse parse) {
  std::map<std::string, AnyFacts> parsed;
  if (by_key.empty()) return parsed;
  std::vector<SourceFile> files;
  for (const auto& [key, same] : by_key) files.push_back(same.front());
  const auto lent = tree.lend(files);
  auto made = read_python_facts(lent.root, lent.names, python_, python_run_limit, script_);
  std::map<std::string, std::vector<std::string>> names;  // by the lent one
  std::vector<const std::string*> lines(files.size());
  for (std::size_t index = 0; index < files.size(); ++index) {
    for (const auto& file : by_key.at(files[index].key)) {
      names[lent.names[index]].push_back(file.name);
    }
    const auto it = made.lines.find(lent.names[index]);
    if (it != made.lines.end()) lines[index] = &it->second;
  }
  std::vector<AnyFacts> facts(files.size());
  std::vector<std::string> errors(files.size());
  parallel_for(files.size(), [&](std::size_t index) {
    if (lines[index] == nullptr) return;
    try {
      facts[index] = parse(*lines[index]);
      cache_.put(files[index].key, *lines[index]);
    } catch (const std::exception& error) {
      errors[index] = error.what();
    }
  });
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (facts[index] != nullptr) parsed.emplace(files[index].key, std::move(facts[index]));
    if (!errors[index].empty()) made.problems.push_back({lent.names[index], errors[index], ""});
  }
  for (const auto& problem : made.problems) add_renamed(problem, names, problems);
  std::sort(problems.begin(), problems.end(),
            [](const Problem& a, const Problem& b) { return a.where < b.where; });
  return parsed;
}

}  // namespace fusegate::probe
