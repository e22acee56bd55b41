#include "probe/surface/load.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "probe/base/error.hpp"
#include "probe/base/parallel.hpp"
#include "probe/base/text.hpp"
#include "probe/sources/package_files.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

constexpr std::size_t header_limit = 4u << 20;

/// Whether the module of that dotted name binds its last part; not where it was not read.
bool binds(Surface& surface, const std::string& dotted) {
  const auto dot = dotted.rfind('.');
  const Module* module = surface.find_module(dotted.substr(0, dot));
  return module != nullptr && module->facts != nullptr &&
         surface.names_of(*module).by_name.contains(dotted.substr(dot + 1));
}

std::map<std::string, FoundEnum> read_enums(SourceTree& tree, const SurfaceRules& rules,
                                            Surface& surface, std::vector<Problem>& problems) {
  std::map<std::string, FoundEnum> found;
  for (const auto& [name, type, files] : rules.native_enums) {
    if (!binds(surface, name)) continue;
    for (const auto& file : files) {
      const auto text = tree.read(file, header_limit);
      if (!text) continue;
      if (auto values = find_cpp_enum(*text, type)) {
        found.insert_or_assign(name, FoundEnum{file, std::move(*values)});
      } else {
        problems.push_back(
            {shown(file),
             fmt::format("does not list the values of {} in a form that is known", type), ""});
      }
      break;
    }
  }
  return found;
}

std::set<std::string> erasing_decorators(SourceTree& tree, const SurfaceRules& rules) {
  std::set<std::string> found;
  for (const auto& rule : rules.bindings) {
    if (rule.erasing_text.empty()) continue;
    for (const auto& file : rule.erasing_files) {
      const auto text = tree.read(file, python_file_limit);
      if (!text) continue;
      if (text->find(rule.erasing_text) != text->npos) found.insert(rule.decorator);
      break;
    }
  }
  return found;
}

/// Reads a tree's files in one or several steps.
class Loader {
 public:
  Loader(SourceTree& tree, FactsStore& store, const SurfaceRules& rules)
      : tree_(tree), store_(store), rules_(rules) {
    for (const auto& file : tree.files()) {
      if (!is_importable(file.name)) continue;
      by_module_[module_of(file.name)].push_back(&file);
      modules_.push_back({module_of(file.name), file.name, nullptr});
      keys_.push_back(file.key);
    }
  }

  void read(const std::vector<SourceFile>& files) {
    auto loaded = store_.load(tree_, files);
    for (auto& problem : loaded.problems) problems_.push_back(std::move(problem));
    for (const auto& file : files) read_.insert(file.name);
    for (std::size_t index = 0; index < modules_.size(); ++index) {
      const auto it = loaded.by_key.find(keys_[index]);
      if (it != loaded.by_key.end()) modules_[index].facts = it->second;
    }
    for (const auto& file : files) {
      if (!loaded.by_key.contains(file.key)) unreadable_.push_back(file.name);
    }
  }

  /// Those modules that are not read yet, of the ones that a surface asked for.
  [[nodiscard]] std::vector<SourceFile> unread(const std::set<const Module*>& modules) const {
    std::vector<SourceFile> files;
    for (const auto* module : modules) {
      for (const auto* file : by_module_.at(module->name)) {
        if (!read_.contains(file->name)) files.push_back(*file);
      }
    }
    return files;
  }

  [[nodiscard]] Surface surface() const {
    return Surface(rules_.package, modules_, aliases_of(modules_, rules_));
  }

  LoadedSurface finish(Surface surface) {
    if (!read_.empty() && unreadable_.size() == read_.size()) {
      const auto& why = problems_.empty() ? Problem{} : problems_.front();
      throw CannotRun(fmt::format("none of {} source files could be read: {}: {}", read_.size(),
                                  why.where, why.what));
    }
    auto enums = read_enums(tree_, rules_, surface, problems_);
    return {std::move(surface), std::move(enums), erasing_decorators(tree_, rules_),
            std::move(unreadable_), std::move(problems_)};
  }

 private:
  SourceTree& tree_;
  FactsStore& store_;
  const SurfaceRules& rules_;
  std::map<std::string, std::vector<const SourceFile*>> by_module_;
  std::vector<Module> modules_;
  std::vector<std::string> keys_;  ///< of the modules' files
  std::set<std::string> read_;
  std::vector<std::string> unreadable_;
  std::vector<Problem> problems_;
};

/// Whether a text may bind one of the names at the top or in a class: it stands after `def` or
/// `class`, before `=`, or begins a line before `:`. Texts in quotes and comments count, too.
bool may_define(std::string_view text, const std::set<std::string, std::less<>>& names) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  bool after_keyword = false, begins_line = true;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      const char c = text[at++];
      if (std::string_view(" \t\f\r\n\\").find(c) == std::string_view::npos) {
        after_keyword = begins_line = false;
      }
      if (c == '\n' || c == '\r') begins_line = true;
      continue;
    }
    const auto begin = at;
    while (at < text.size() && is_word(text[at])) ++at;
    const auto word = text.substr(begin, at - begin);
    if (names.contains(word)) {
      const auto next = std::min(text.find_first_not_of(" \t\f", at), text.size());
      const auto rest = text.substr(next, 2);
      const bool is_set = rest.starts_with('=') && rest != "==";
      if (after_keyword || is_set || (begins_line && rest.starts_with(':'))) return true;
    }
    after_keyword = word == "def" || word == "class";
    begins_line = false;
  }
  return false;
}

/// "f" and, of "Class.f", "Class".
std::set<std::string, std::less<>> first_names(const std::vector<std::string>& names) {
  std::set<std::string, std::less<>> first;
  for (const auto& name : names) first.insert(name.substr(0, name.find('.')));
  return first;
}

}  // namespace

std::map<std::string, std::string> aliases_of(const std::vector<Module>& modules,
                                              const SurfaceRules& rules) {
  std::map<std::string, std::string> aliases;
  for (const auto& module : modules) {
    for (const auto& [package, variable] : rules.import_hooks) {
      if (module.name != package || module.facts == nullptr) continue;
      for (const auto& statement : module.facts->body) {
        const auto* set = std::get_if<Assignment>(&statement.what);
        if (set == nullptr || set->targets != std::vector{variable}) continue;
        for (const auto& [key, value] : set->value.map) {
          aliases[package + "." + key] = package + "." + value;
        }
      }
    }
  }
  return aliases;
}

LoadedSurface load_surface(SourceTree& tree, FactsStore& store, const SurfaceRules& rules) {
  Loader loader(tree, store, rules);
  loader.read(tree.files());
  return loader.finish(loader.surface());
}

LoadedSurface load_surface_of(const std::vector<std::string>& names, SourceTree& tree,
                              FactsStore& store, const SurfaceRules& rules) {
  const auto first = first_names(names);
  const auto& files = tree.files();
  const auto lent = tree.lend(files);
  std::vector<char> is_wanted(files.size());
  parallel_for(files.size(), [&](std::size_t index) {
    const auto& name = files[index].name;
    const auto module = module_of(name);
    const bool is_hook =
        std::any_of(rules.import_hooks.begin(), rules.import_hooks.end(),
                    [&](const ImportHook& hook) { return hook.package == module; });
    const auto text = read_bounded(lent.root / lent.names[index], python_file_limit);
    is_wanted[index] = is_hook || module == rules.package || (text && may_define(*text, first));
  });
  std::vector<SourceFile> wanted;
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (is_wanted[index] != 0) wanted.push_back(files[index]);
  }
  Loader loader(tree, store, rules);
  for (;;) {
    loader.read(wanted);
    auto surface = loader.surface();
    // Asking makes the surface tell which modules it would need.
    const Module* top = surface.find_module(rules.package);
    if (top != nullptr) {
      for (const auto& name : first) std::ignore = surface.resolve(*top, name);
    }
    wanted = loader.unread(surface.wanted());
    if (wanted.empty()) return loader.finish(std::move(surface));
  }
}

}  // namespace fusegate::probe
