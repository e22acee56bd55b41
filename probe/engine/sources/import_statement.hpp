#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fusegate::probe {

/// `import a.b as c, d` or `from ..a import b as c, d`.
struct ImportStatement {
  bool is_from = false;
  int level = 0;       ///< of `from`: leading dots
  std::string module;  ///< of `from`
  /// Of `from` the names, of `import` the modules, each with what follows `as` or nothing.
  std::vector<std::pair<std::string, std::string>> names;
};

/// The statement with which the text begins. Of a broken one, the names before it breaks.
[[nodiscard]] ImportStatement parse_import(std::string_view text);

}  // namespace fusegate::probe
