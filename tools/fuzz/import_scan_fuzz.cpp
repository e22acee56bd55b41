// The reader of import statements (probe/engine/import_scan).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "probe/engine/sources/import_scan.hpp"
#include "tools/fuzz/require.hpp"

using namespace fusegate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto ends =
      std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r');
  int line = 1;
  for (const auto& import : probe::scan_imports(text)) {
    require(import.line >= line && import.line <= ends + 1, "lines ascend within the text");
    line = import.line;
    require(import.try_line >= 0 && import.try_line <= line, "a try begins before what is in it");
    require(import.handlers.empty() || import.try_line > 0, "only a try has handlers");
    require(!import.name.empty() || (import.level == 0 && !import.module.empty()),
            "an import has a module, and one from a module a name");
    require(import.name.empty() || import.level > 0 || !import.module.empty(),
            "a name comes from somewhere");
    require(text.find(import.name == "*" ? "*" : import.name) != text.npos,
            "the text has every name");
  }
  return 0;
}
