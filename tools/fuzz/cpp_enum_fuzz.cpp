// The reader of enumerations in C++ headers (probe/surface/cpp_enum). The first line of the input
// is the name of the type that is looked for, the rest the header.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "probe/surface/cpp_enum.hpp"
#include "tools/fuzz/require.hpp"

using namespace fusegate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto type_end = std::min(text.find('\n'), text.size());
  const auto header = text.substr(std::min(type_end + 1, text.size()));
  const auto found = probe::find_cpp_enum(header, text.substr(0, type_end));
  if (!found) return 0;
  require(found->line >= 1 && found->line <= 1 + std::count(header.begin(), header.end(), '\n'),
          "the enumeration is on a line of the header");
  for (const auto& [name, value] : found->members) {
    require(!name.empty() && header.find(name) != header.npos, "the header has every name");
  }
  return 0;
}
