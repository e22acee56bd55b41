#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "probe/surface/load.hpp"
#include "probe/surface/symbols.hpp"

namespace fusegate::probe {

/// The names by which a library's symbols are reached, and the symbols.
struct ReachedSymbols {
  LoadedSurface& loaded;
  std::map<std::string, Symbol> by_name;  ///< of several alternatives, the first
  /// Of a definition, its names; the first is the one by which most reach it.
  std::map<const Statement*, std::vector<std::string>> names;
  /// Of a definition, one of its symbols: by_name may have an alternative under its names.
  std::map<const Statement*, Symbol> definitions;

  explicit ReachedSymbols(LoadedSurface& surface);

  /// Through a base class, too.
  [[nodiscard]] std::optional<Symbol> find(const std::string& name) const;
};

}  // namespace fusegate::probe
