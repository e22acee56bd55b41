#include "probe/elf/library_shelf.hpp"

#include "probe/elf/elf_file.hpp"
#include "probe/elf/symbols.hpp"
#include "probe/sources/paths.hpp"

namespace fusegate::probe {
namespace {

ShelfLibrary read_library(const std::filesystem::path& path, const Names& wanted) {
  ShelfLibrary library;
  library.path = path;
  try {
    ElfFile file(path);
    library.elf = file.header();
    library.is_elf = true;
    if (!same_machine(library.elf, header_of_this_machine())) return library;
    file.read_sections();
    library.dynamic = read_dynamic(file);
    auto symbols = read_symbols(file, [&](std::string_view name) { return wanted.contains(name); });
    for (auto& symbol : symbols.exported) {
      library.exported[std::move(symbol.name)].push_back(std::move(symbol.version));
    }
  } catch (const UnreadableElf& error) {
    library.trouble = error.what();
  }
  return library;
}

}  // namespace

const ShelfLibrary* LibraryShelf::find(const std::filesystem::path& path) {
  const auto it = libraries_.find(path);
  if (it != libraries_.end()) return &it->second;
  if (!is_there(path)) return nullptr;
  return &libraries_.emplace(path, read_library(path, wanted_)).first->second;
}

}  // namespace fusegate::probe
