#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "probe/elf/dynamic.hpp"
#include "probe/elf/elf_header.hpp"

namespace fusegate::probe {

/// So that names can be looked up without a copy.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>()(name);
  }
};
using Names = std::unordered_set<std::string, NameHash, std::equal_to<>>;

/// A library as those who need it see it.
struct ShelfLibrary {
  std::filesystem::path path;
  bool is_elf = false;
  ElfHeader elf;
  DynamicSection dynamic;
  /// The versions in which it exports each wanted name.
  std::unordered_map<std::string, std::vector<std::string>> exported;
  std::string trouble;  ///< why it cannot be read; empty: it was
};

/// Libraries that several modules need, each read once; of their symbols, which can be 100,000,
/// only those that are wanted.
class LibraryShelf {
 public:
  explicit LibraryShelf(Names wanted) : wanted_(std::move(wanted)) {}

  /// What is at `path`; a nullptr where nothing is. Valid as long as this object.
  const ShelfLibrary* find(const std::filesystem::path& path);

 private:
  Names wanted_;
  std::map<std::filesystem::path, ShelfLibrary> libraries_;
};

}  // namespace fusegate::probe
