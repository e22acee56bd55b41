#include "probe/elf/linkage.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "probe/elf/library_shelf.hpp"
#include "probe/elf/shown_json.hpp"

namespace fusegate::probe {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t library_limit = 1024;
constexpr std::size_t inherited_limit = 1024;

/// A file whose needed libraries are looked for.
struct Requester {
  fs::path path;
  std::vector<std::string> needed;
  std::vector<fs::path> rpath;    ///< its own, then those of the files that led to it
  std::vector<fs::path> runpath;  ///< its own
};

std::vector<fs::path> expand(const std::vector<std::string>& folders, const fs::path& file) {
  std::vector<fs::path> expanded;
  for (const auto& folder : folders) {
    if (auto path = expand_folder(folder, file.parent_path()); !path.empty()) {
      expanded.push_back(std::move(path));
    }
  }
  return expanded;
}

Requester requester_of(const fs::path& path, const std::vector<std::string>& needed,
                       const std::vector<std::string>& rpath,
                       const std::vector<std::string>& runpath,
                       const std::vector<fs::path>& inherited) {
  Requester requester{path, needed, {}, expand(runpath, path)};
  if (runpath.empty()) requester.rpath = expand(rpath, path);
  const auto room = inherited_limit - std::min(inherited_limit, requester.rpath.size());
  requester.rpath.insert(
      requester.rpath.end(), inherited.begin(),
      inherited.begin() + static_cast<std::ptrdiff_t>(std::min(room, inherited.size())));
  return requester;
}

/// Loads one module in mind.
class Loader {
 public:
  Loader(const BinaryModule& module, const LinkRules& rules, LibraryShelf& shelf)
      : module_(module), rules_(rules), shelf_(shelf) {}

  Linkage run() {
    std::error_code error;
    const fs::path path = fs::absolute(module_.path, error);
    queue_.push_back(requester_of(path, module_.needed, module_.rpath, module_.runpath, {}));
    names_.insert(module_.soname);
    linkage_.complete = true;
    while (!queue_.empty()) {
      const Requester requester = std::move(queue_.front());
      queue_.pop_front();
      for (const auto& name : requester.needed) {
        if (!names_.contains(name)) load(name, requester);
      }
    }
    if (linkage_.complete) find_unresolved();
    return std::move(linkage_);
  }

 private:
  void load(const std::string& name, const Requester& requester) {
    if (linkage_.libraries.size() >= library_limit) {
      linkage_.complete = false;
      return;
    }
    names_.insert(name);
    const auto* library = search(name, requester);
    LinkedLibrary link{name, requester.path, {}, "", rules_.knows_loaded ? "is not there" : ""};
    if (library != nullptr) {
      link.path = library->path;
      link.soname = library->dynamic.soname;
      link.trouble = library->trouble;
      names_.insert(link.soname);
    }
    if (library == nullptr || !link.trouble.empty()) linkage_.complete = false;
    linkage_.libraries.push_back(std::move(link));
    if (library == nullptr) return;
    loaded_.push_back(library);
    queue_.push_back(requester_of(library->path, library->dynamic.needed, library->dynamic.rpath,
                                  library->dynamic.runpath, requester.rpath));
  }

  const ShelfLibrary* search(const std::string& name, const Requester& requester) {
    if (name.find('/') != name.npos) {
      const fs::path path = expand_folder(name, requester.path.parent_path());
      return path.empty() ? nullptr : shelf_.find(path);
    }
    const auto& folders = rules_.folders;
    const std::vector<fs::path> none;
    const auto& rpath = requester.runpath.empty() ? requester.rpath : none;
    for (const auto* list :
         {&folders.loaded, &rpath, &folders.search, &requester.runpath, &folders.defaults}) {
      for (const auto& folder : *list) {
        const auto* library = shelf_.find(folder / name);
        // The loader goes on from a file for another machine, but not from a broken one.
        if (library != nullptr && (!library->is_elf || same_machine(library->elf, module_.elf))) {
          return library;
        }
      }
    }
    return nullptr;
  }

  void find_unresolved() {
    for (const auto& symbol : module_.undefined) {
      const bool provided =
          std::any_of(rules_.provided.begin(), rules_.provided.end(),
                      [&](const std::string& prefix) { return symbol.name.starts_with(prefix); });
      if (!symbol.weak && !provided) look_up(symbol);
    }
  }

  void look_up(const UndefinedSymbol& symbol) {
    UnresolvedSymbol unresolved{symbol.name, symbol.version, ""};
    for (const auto* library : loaded_) {
      const auto it = library->exported.find(symbol.name);
      if (it == library->exported.end()) continue;
      // A library without versions serves all who ask for one (ld.so's check_match).
      const bool serves = symbol.version.empty() ||
                          std::any_of(it->second.begin(), it->second.end(), [&](const auto& v) {
                            return v.empty() || v == symbol.version;
                          });
      if (serves) return;
      unresolved.library = library->path.native();
    }
    linkage_.unresolved.push_back(std::move(unresolved));
  }

  const BinaryModule& module_;
  const LinkRules& rules_;
  LibraryShelf& shelf_;
  Linkage linkage_;
  std::deque<Requester> queue_;
  Names names_;  ///< under which libraries are loaded
  std::vector<const ShelfLibrary*> loaded_;
};

}  // namespace

std::vector<Linkage> link_modules(const std::vector<BinaryModule>& modules,
                                  const LinkRules& rules) {
  Names wanted;
  for (const auto& module : modules) {
    for (const auto& symbol : module.undefined) wanted.insert(symbol.name);
  }
  LibraryShelf shelf(std::move(wanted));
  std::vector<Linkage> linkages;
  for (const auto& module : modules) {
    const bool loadable = module.readable && same_machine(module.elf, header_of_this_machine());
    linkages.push_back(loadable ? Loader(module, rules, shelf).run() : Linkage{});
  }
  return linkages;
}

nlohmann::ordered_json to_json(const Linkage& linkage) {
  auto libraries = nlohmann::ordered_json::array();
  for (const auto& library : linkage.libraries) {
    libraries.push_back({{"name", shown(library.name)},
                         {"path", shown_or_null(library.path.native())},
                         {"soname", shown_or_null(library.soname)},
                         {"needed_by", shown(library.needed_by)},
                         {"trouble", shown_or_null(library.trouble)}});
  }
  auto unresolved = nlohmann::ordered_json::array();
  for (const auto& symbol : linkage.unresolved) {
    unresolved.push_back({{"name", shown(symbol.name)},
                          {"version", shown_or_null(symbol.version)},
                          {"library", shown_or_null(symbol.library)}});
  }
  return {{"complete", linkage.complete}, {"libraries", libraries}, {"unresolved", unresolved}};
}

}  // namespace fusegate::probe
