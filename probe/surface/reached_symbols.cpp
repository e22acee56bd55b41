#include "probe/surface/reached_symbols.hpp"

#include <algorithm>
#include <tuple>

namespace fusegate::probe {

ReachedSymbols::ReachedSymbols(LoadedSurface& surface) : loaded(surface) {
  for (auto& symbol : symbols_of(surface)) {
    if (symbol.meaning.is_definition()) {
      names[symbol.meaning.statement].push_back(symbol.name);
      definitions.try_emplace(symbol.meaning.statement, symbol);
    }
    by_name.try_emplace(symbol.name, symbol);
  }
  const auto shorter = [](const std::string& a, const std::string& b) {
    const auto depth = [](const std::string& text) {
      return std::count(text.begin(), text.end(), '.');
    };
    return std::tuple(depth(a), a) < std::tuple(depth(b), b);
  };
  for (auto& [statement, list] : names) std::sort(list.begin(), list.end(), shorter);
}

std::optional<Symbol> ReachedSymbols::find(const std::string& name) const {
  if (const auto it = by_name.find(name); it != by_name.end()) return it->second;
  for (auto& symbol : symbols_named(loaded, name)) {
    if (symbol.name == name) return symbol;
  }
  return std::nullopt;
}

}  // namespace fusegate::probe
