#include "probe/engine/sources/engine_tree.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "probe/base/parallel.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/package_files.hpp"
#include "probe/surface/names.hpp"

namespace fusegate::probe {

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) {
      return true;
    }
  }
  return false;
}

EngineTree::EngineTree(SourceTree& tree, std::string package,
                       const std::vector<std::string>& tracked)
    : tree_(tree), package_(std::move(package)), problems_(tree.problems()) {
  const auto& files = tree.files();
  std::vector<EngineModule> found(files.size());
  std::vector<char> readable(files.size());  // not of bool: written by several threads
  parallel_for(files.size(), [&](std::size_t index) {
    auto& module = found[index];
    module.source = files[index];
    module.is_package = files[index].name.ends_with("/__init__.py");
    if (!is_importable(files[index].name)) return;
    module.name = module_of(files[index].name);
    const auto text = tree.read(files[index].name, python_file_limit);
    if (!text) return;
    readable[index] = 1;
    module.imports = scan_imports(*text);
    module.mentions = std::any_of(tracked.begin(), tracked.end(),
                                  [&](const std::string& word) { return has_word(*text, word); });
  });
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto& module = found[i];
    if (module.name.empty()) continue;
    if (!readable[i]) {
      problems_.push_back({shown(module.source.name),
                           fmt::format("cannot be read, or is larger than {} MiB; what it uses is "
                                       "not known",
                                       python_file_limit >> 20),
                           ""});
    }
    auto name = module.name;
    modules_.insert_or_assign(std::move(name), std::move(module));
  }
}

const EngineModule* EngineTree::find(std::string_view name) const {
  const auto it = modules_.find(name);
  return it == modules_.end() ? nullptr : &it->second;
}

void EngineTree::read(const std::set<std::string>& names, EngineFactsStore& store) {
  std::vector<SourceFile> files;
  std::vector<EngineModule*> modules;
  for (const auto& name : names) {
    const auto it = modules_.find(name);
    if (it == modules_.end() || !asked_.insert(name).second) continue;
    files.push_back(it->second.source);
    modules.push_back(&it->second);
  }
  if (files.empty()) return;
  auto loaded = store.load(tree_, files);
  for (auto* module : modules) {
    const auto it = loaded.by_key.find(module->source.key);
    if (it != loaded.by_key.end()) module->facts = it->second;
  }
  std::move(loaded.problems.begin(), loaded.problems.end(), std::back_inserter(problems_));
}

std::string EngineTree::absolute(const EngineModule& module, int level, const std::string& name) {
  const Module as_module{module.name, module.source.name, nullptr};
  return absolute_module(as_module, level, name).value_or("");
}

}  // namespace fusegate::probe
