// The order of versions (probe/base/version): strict, weak and total, on the lines of the input.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "probe/base/text.hpp"
#include "probe/base/version.hpp"
#include "tools/fuzz/require.hpp"

using namespace fusegate;
using probe::version_less;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  auto versions = split({reinterpret_cast<const char*>(bytes), size}, '\n');
  if (versions.size() > 5) versions.resize(5);
  for (const auto a : versions) {
    require(!version_less(a, a), "nothing comes before itself");
    for (const auto b : versions) {
      const bool before = version_less(a, b), after = version_less(b, a);
      require(!(before && after), "nothing comes before what comes before it");
      require(before || after || a == b, "of two versions one comes first");
      for (const auto c : versions) {
        require(!before || !version_less(b, c) || version_less(a, c), "the order goes on");
      }
      (void)probe::same_version(a, b);
    }
  }
  return 0;
}
