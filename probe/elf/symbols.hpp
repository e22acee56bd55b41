#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fusegate::probe {

class ElfFile;

enum class ElfSymbolKind { function, object, other };

/// A symbol that other files can bind to.
struct ExportedSymbol {
  std::string name;
  std::string version;  ///< empty: none
  ElfSymbolKind kind = ElfSymbolKind::other;

  bool operator==(const ExportedSymbol&) const = default;
};

/// A symbol that another file must provide.
struct UndefinedSymbol {
  std::string name;
  std::string version;  ///< empty: any
  std::string library;  ///< the needed library that is to have that version
  bool weak = false;    ///< may stay unresolved

  bool operator==(const UndefinedSymbol&) const = default;
};

/// The dynamic symbols of a file, in its order. Names are as they stand there.
struct DynamicSymbols {
  std::vector<ExportedSymbol> exported;
  std::vector<UndefinedSymbol> undefined;
  std::size_t left_out = 0;  ///< those with names that cannot be read
};

/// Whether a symbol of that name is wanted.
using NameFilter = std::function<bool(std::string_view)>;

/// The symbols of `file` whose names `wanted` lets through (empty: all). After
/// ElfFile::read_sections; throws UnreadableElf, also on more than 2,000,000 symbols or 256 MiB of
/// names. Versions as in the LSB Core specification, "Symbol Versioning"; where they cannot be
/// read, symbols have none.
[[nodiscard]] DynamicSymbols read_symbols(const ElfFile& file, const NameFilter& wanted = {});

}  // namespace fusegate::probe
